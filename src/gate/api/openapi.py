"""The API's description of itself, OpenAPI 3.1: what ninja finds in the views, made whole and true.

ninja knows parameters, bodies and replies. Added here, for every operation alike: the three forms of a body, headers,
examples, the words of each failure, tags with their descriptions, and a mark on what is not in the reference.
"""

import copy
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from gate.api.body import MAX_ITEMS, MAX_QUERY_VALUE, MAX_TEXT
from gate.api.openapi_examples import example
from gate.api.openapi_texts import CATEGORIES, FAILURES, PARAMETERS, PATH_ID, QUERY_REFUSED, REFERENCE
from gate.core import ids

EXTENSION = "x-gate-extension"
_JSON = "application/json"
_PATH_LENGTH = 200
_BOUNDS: dict[str, dict[str, Any]] = {
    "string": {"maxLength": MAX_TEXT},
    "array": {"maxItems": MAX_ITEMS},
    "integer": {"minimum": -ids.MAX_ID, "maximum": ids.MAX_ID},
    "number": {"minimum": -ids.MAX_ID, "maximum": ids.MAX_ID},
}

_HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "Names this request; GATE's log has it too.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z._-]{1,64}$", "examples": ["5f1d7a84db00d2fc"]},
    },
    "RateLimit-Policy": {
        "description": "The limit that counted: `q` calls in a window of `w` seconds.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[a-z]+";q=[0-9]+;w=[0-9]+$', "examples": ['"token";q=6000;w=60']},
    },
    "RateLimit": {
        "description": "`r` calls are left of it; it begins anew in `t` seconds.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[a-z]+";r=[0-9]+;t=[0-9]+$', "examples": ['"token";r=5990;t=41']},
    },
    "Retry-After": {
        "description": "Whole seconds after which it may work again.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$", "examples": ["30"]},
    },
    "WWW-Authenticate": {
        "description": "What to send: a bearer token.",
        "required": True,
        "schema": {"type": "string", "pattern": "^Bearer\\b", "examples": ["Bearer"]},
    },
}
_ALWAYS = ("X-Request-ID", "RateLimit-Policy", "RateLimit")
_NOT_LIMITED = "health"
# Headers beside those, by status.
_HEADERS_OF = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}


class _Schema(OpenAPISchema):
    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        """Two classes of one name would silently share one schema."""
        for name, schema in definitions.items():
            if self.schemas.setdefault(name, schema) != schema:
                raise ValueError(f"two different schemas of the API are called {name}")


class DescribedAPI(NinjaAPI):
    """NinjaAPI whose OpenAPI document is completed by this module; made once for each prefix."""

    _no_response = HttpResponse()

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002  ninja's signature
        """Where a view of ninja's may leave headers. Ours make their whole reply (replies.py), so one nobody reads does."""
        return self._no_response

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> OpenAPISchema:
        """The document."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        made: dict[str, OpenAPISchema] = self.__dict__.setdefault("_described", {})
        if prefix not in made:
            made[prefix] = complete(_Schema(self, prefix), prefix=prefix)
        return made[prefix]


def complete(document: OpenAPISchema, *, prefix: str) -> OpenAPISchema:
    """`document` with all that ninja does not know. The views' own words win over what is added."""
    # ninja hands out the same dictionaries for several operations.
    paths = copy.deepcopy(dict(document["paths"]))
    components = document["components"]
    components["schemas"] = {name: _honest(schema) for name, schema in sorted(components["schemas"].items())}
    components["headers"] = _HEADERS
    components.get("securitySchemes", {}).get("Bearer", {}).update(
        description="An API token (`gate_…`, made in the console or with `gate token create`), or the access token a person "
        "was given when signing in."
    )
    for path, operations in paths.items():
        for method, operation in operations.items():
            _complete_operation(operation, components["schemas"])
            if not is_reference(method, path.removeprefix(prefix.rstrip("/"))):
                operation[EXTENSION] = True
    used = [tag for operations in paths.values() for operation in operations.values() for tag in operation["tags"]]
    document["paths"] = paths
    document["tags"] = [_tag(name) for name in CATEGORIES if name in used]
    document["servers"] = [{"url": "/", "description": "This GATE."}]
    return document


def is_reference(method: str, path: str) -> bool:
    """Whether `path` (below the API's address, `/user/{user_id}/`) is an operation of the reference."""
    category, _, rest = path.lstrip("/").partition("/")
    methods = REFERENCE.get(category, {}).get(re.sub(r"\{[^}]*\}", "{}", rest), "")
    return method.upper() in methods.split()


def _tag(name: str) -> dict[str, Any]:
    tag: dict[str, Any] = {"name": name, "description": CATEGORIES[name]}
    return tag if name in REFERENCE else tag | {EXTENSION: True}


def _complete_operation(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        _complete_parameter(parameter)
    if not operation.get("parameters", True):
        del operation["parameters"]
    if _JSON in operation.get("requestBody", {}).get("content", {}):
        _complete_body(operation["requestBody"], schemas)
    always = _ALWAYS[:1] if _NOT_LIMITED in operation["tags"] else _ALWAYS
    operation["responses"] = {
        str(status): _complete_response(int(status), response, schemas, always=always, of_query="requestBody" not in operation)
        for status, response in operation["responses"].items()
    }


def _complete_parameter(parameter: dict[str, Any]) -> None:
    # A list at this place is what OpenAPI 3.0's tools made of a schema's examples; 3.1 has them in the schema alone.
    parameter.pop("examples", None)
    schema = _honest(parameter["schema"])
    schema.pop("description", None)
    if "anyOf" in schema:  # a query string has no null
        choices = [choice for choice in schema.pop("anyOf") if choice != {"type": "null"}]
        schema |= choices[0] if len(choices) == 1 else {"anyOf": choices}
    longest = _PATH_LENGTH if parameter["in"] == "path" else MAX_QUERY_VALUE
    for part in (schema, schema.get("items", {}), *schema.get("anyOf", ())):
        if part.get("type") == "string" and "enum" not in part:
            part.setdefault("maxLength", longest)
            if parameter["in"] == "path":
                part.setdefault("minLength", 1)
    parameter["schema"] = schema
    parameter.setdefault("description", PARAMETERS.get(parameter["name"], PATH_ID if parameter["in"] == "path" else ""))
    if parameter["in"] == "query" and not parameter["required"]:
        parameter["allowEmptyValue"] = True  # api/body.py: an empty one counts as not given


def _honest(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` without defaults its own type refuses (pydantic writes `null` for "not given")."""
    found = dict(schema)
    if found.get("default", ...) is None:
        del found["default"]
    if "properties" in found:
        found["properties"] = {name: _honest(part) for name, part in found["properties"].items()}
    return found


def _bound(schema: dict[str, Any], schemas: dict[str, Any], met: set[str]) -> dict[str, Any]:
    """`schema` with the bounds api/body.py holds every body to, where it has no tighter ones; also in the schemas it names."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name and name not in met:
        met.add(name)
        schemas[name] = _bound(schemas[name], schemas, met)
    found = {**_BOUNDS.get(str(schema.get("type")), {}), **schema} if not {"enum", "const"} & set(schema) else dict(schema)
    for word in ("items", "additionalProperties"):
        if isinstance(found.get(word), dict):
            found[word] = _bound(found[word], schemas, met)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in found:
            found[word] = [_bound(part, schemas, met) for part in found[word]]
    if "properties" in found:
        found["properties"] = {name: _bound(part, schemas, met) for name, part in found["properties"].items()}
    return found


def _complete_body(body: dict[str, Any], schemas: dict[str, Any]) -> None:
    content = body["content"][_JSON]
    plain = _bound(content["schema"], schemas, set())
    text = {"type": "string", "contentMediaType": _JSON, "contentSchema": plain, "description": "The same as JSON text."}
    wrapped = {
        "title": "Wrapped",
        "type": "object",
        "description": "The same inside `data`.",
        "required": ["data"],
        "properties": {"data": {"anyOf": [plain, text]}},
    }
    content["schema"] = {"anyOf": [plain, wrapped]}
    if "examples" not in content:
        value = example(plain, schemas, whole=False)
        content["examples"] = {
            "object": {"summary": "The object itself", "value": value},
            "wrapped": {"summary": "Inside data", "value": {"data": value}},
        }


def _complete_response(
    status: int, response: dict[str, Any], schemas: dict[str, Any], *, always: tuple[str, ...], of_query: bool
) -> dict[str, Any]:
    response["headers"] = {
        name: {"$ref": f"#/components/headers/{name}"} for name in (*always, *_HEADERS_OF.get(status, ()))
    } | response.get("headers", {})
    described, shown = FAILURES.get(status, (None, None))
    if described is not None:
        response["description"] = described
    content = response.get("content", {}).get(_JSON)
    if content is not None and "examples" not in content:
        value = example(content["schema"], schemas, whole=True)
        if shown is not None:
            # What an error of this endpoint has beside the usual keys, with the usual ones as this status has them.
            usual = QUERY_REFUSED if status in {400, 422} and of_query else shown
            value = {name: held for name, held in value.items() if name != "errors"} | usual
        content["examples"] = {"example": {"value": value}}
    return response
