"""Types of request fields that several categories share."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gate.core import ids
from gate.core.errors import Invalid
from gate.core.tenancy import Scope
from gate.organizations import queries as organizations

T = TypeVar("T")

NO_ID = 0
"""An id no row has: what a filter by an unknown organization becomes, so that it finds nothing."""


def _parse_id(value: Any) -> int:
    number = ids.parse(value) if isinstance(value, (str, int)) else None
    if number is None:
        raise ValueError("takes an id such as 12 or org_12")
    return number


_ID_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": ids.MAX_ID},
        {"type": "string", "pattern": "^([a-z]{2,8}[_-])?[0-9]{1,18}$", "maxLength": 27},
    ],
    "examples": [12],
}

Id = Annotated[int, BeforeValidator(_parse_id), WithJsonSchema(_ID_SCHEMA)]
"""An id in both forms of the reference: `12` and `org_12`."""

Text = Annotated[str, Field(max_length=10_000)]


class Schema(BaseModel):
    """What requests and replies are made of.

    ninja's own reads a request's text or list as an object with attributes: `"text"` would be an object with nothing in it.
    """


class Problem(Schema):
    """What every error looks like."""

    detail: str = Field(examples=["There is no such user."])
    code: str = Field(examples=["not_found"])
    errors: dict[str, list[str]] = Field({}, description="Only where fields are at fault: field to reasons.")


class Failure(Problem):
    """What an error looks like that is GATE's own fault or its database's."""

    request_id: str = Field(examples=["5f1d7a84db00d2fc"], description="As in `X-Request-ID`; the log has it too.")


class _NoNull:
    """Takes null out of a type's schema: None is what a field holds that was not given."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core)
        choices = [choice for choice in schema.pop("anyOf", ()) if choice != {"type": "null"}]
        if len(choices) > 1:
            return schema | {"anyOf": choices}
        return schema | choices[0] if choices else schema


NotNull = Annotated[T | None, _NoNull()]
"""`NotNull[str] = None`: a field that may be left out and must not be null, which `not_null` enforces."""


def find_organization(scope: Scope, text: str) -> int:
    """The organization a filter names by id, prefixed id or short name; NO_ID where the scope has none."""
    found = organizations.resolve(scope, organization_id=ids.parse(text), short_name=text)
    return NO_ID if found is None else found


def path_id(text: str) -> int:
    """The id in a path, `12` or `user_12`; NO_ID, which leads to 404, for anything else."""
    number = ids.parse(text)
    return NO_ID if number is None else number


def not_null(values: dict[str, Any], *names: str) -> None:
    """Raises Invalid where one of the fields `names` was given as null."""
    refused = {name: ["cannot be null"] for name in names if name in values and values[name] is None}
    if refused:
        raise Invalid(f"{', '.join(refused)} cannot be null", fields=refused)
