"""The client against the API's own description: every endpoint has its method, every parameter and every field is known.

So that a change of the API that the client does not follow is found here, and not by whoever uses it.
"""

import typing
from typing import Any

import pytest

import live  # noqa: F401  so that Django is there
from gate import client
from gate.client import Gate
from gate.client.calls import Category, Listing, Operation

BASE = "/api/v1"


def operations() -> dict[str, Operation[Any, Any]]:
    """Every endpoint the client has a method for, by the method's name."""
    with Gate("http://127.0.0.1:9") as unconnected:
        categories = {name: value for name, value in vars(unconnected).items() if isinstance(value, Category)}
    found = {}
    for category, holder in categories.items():
        for name, value in vars(type(holder)).items():
            if isinstance(value, (Listing, Operation)):
                found[f"{category}.{name}"] = value.operation if isinstance(value, Listing) else value
    return found


OPERATIONS = operations()


@pytest.fixture(scope="module")
def document() -> Any:
    from gate.api import api

    return api.get_openapi_schema()


def template(operation: Operation[Any, Any]) -> tuple[str, str]:
    return operation.method, f"{BASE}{operation.template}"


def test_every_endpoint_has_a_method_and_back(document: Any) -> None:
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert {template(operation) for operation in OPERATIONS.values()} == described


def test_categories_are_named_as_in_the_url() -> None:
    for name, operation in OPERATIONS.items():
        assert operation.template.split("/")[1] == name.partition(".")[0]


def described(document: Any, operation: Operation[Any, Any]) -> Any:
    method, path = template(operation)
    return document["paths"][path][method.lower()]


def resolved(document: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def keywords(operation: Operation[Any, Any]) -> set[str]:
    """The parameters a method takes by name, those of its TypedDict among them."""
    import inspect

    found = set()
    for name, parameter in inspect.signature(operation.build).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            (fields,) = typing.get_args(parameter.annotation)
            found |= set(typing.get_type_hints(fields))
        elif parameter.kind is parameter.KEYWORD_ONLY:
            found.add(name)
    return found


def properties(document: Any, schema: Any) -> set[str]:
    """What a body may hold, in whichever form; `data` is a wrapping the client has no use for."""
    schema = resolved(document, schema)
    inner = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    found = set(schema.get("properties", ()))
    return found.union(*(properties(document, one) for one in inner)) - {"data"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_parameters_are_those_of_the_api(document: Any, name: str) -> None:
    operation = OPERATIONS[name]
    here = described(document, operation)
    told = {one["name"] for one in here.get("parameters", ()) if one["in"] == "query"}
    body = here.get("requestBody")
    if body:
        told |= properties(document, body["content"]["application/json"]["schema"])
    if name.endswith("create_many"):
        return
    mine = keywords(operation)
    if name.startswith("portal_login."):  # two forms at one address
        assert mine <= told
        other = OPERATIONS["portal_login.grant" if name.endswith("sign_in") else "portal_login.sign_in"]
        assert mine | keywords(other) == told
    else:
        assert mine == told


def sample(document: Any, schema: Any, *, nulls: bool) -> Any:
    """What GATE may send: its examples, with null wherever null may be."""
    schema = resolved(document, schema)
    kinds = [resolved(document, one) for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))]
    if kinds:
        if nulls and any(one.get("type") == "null" for one in kinds):
            return None
        return sample(document, next(one for one in kinds if one.get("type") != "null"), nulls=nulls)
    if schema.get("type") == "object" and "properties" in schema:
        return {name: sample(document, one, nulls=nulls) for name, one in schema["properties"].items()}
    if schema.get("type") == "array":
        return [sample(document, schema["items"], nulls=nulls)]
    given = [one for one in schema.get("examples", ()) if one is not None]
    usual = {
        "string": "2024-01-15",  # text, and a time where it is one
        "integer": 1,
        "number": 1.5,
        "boolean": True,
        "null": None,
    }
    return given[0] if given else schema.get("const", (schema.get("enum") or [usual.get(schema.get("type"))])[0])


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("nulls", [False, True])
def test_replies_are_those_of_the_api(document: Any, name: str, nulls: bool) -> None:
    operation = OPERATIONS[name]
    success = next(reply for status, reply in described(document, operation)["responses"].items() if int(status) < 300)
    positional: tuple[Any, ...] = ("1",) if "{" in operation.template else ([],) if name.endswith("create_many") else ()
    named = {"refresh_token": "x"} if name.startswith("token.") else {}
    call = operation.build(*positional, **named)
    if "content" not in success:
        assert call.reads(None) is None
        return
    schema = success["content"]["application/json"]["schema"]
    kinds = resolved(document, schema).get("anyOf", [schema])
    chosen = kinds[-1] if name == "portal_login.sign_in" or name.endswith("create_many") else kinds[0]
    body = sample(document, chosen, nulls=nulls)
    read = call.reads(body)
    one = read[0] if isinstance(read, list) else read
    if isinstance(one, client.Page):
        row, known = body["results"][0], one.results[0]
    else:
        row, known = (body[0] if isinstance(body, list) else body), one
    lost = set(row) - set(known.__dataclass_fields__)
    assert lost <= KEPT_RAW.get(name.partition(".")[0], set())


# Said twice by GATE, for old clients, or shown on demand alone: in `raw`.
KEPT_RAW = {
    "device_app_user_authenticate": {
        "token",
        "status",
        "message",
        "token_expires_at",
        "expires_at",
        "user_permissions",
        "permissions",
    },
    "device_app_user_update": {"password"},
    "user_extra": {"device_info"},
}
