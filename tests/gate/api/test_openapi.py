"""The OpenAPI document: valid, complete, bounded, with examples that hold. That replies are as it says: tests/described.py."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi import definitions

import contract
import described

OPERATIONS = described.operations()
NAMES = [f"{one.method} {one.path}" for one in OPERATIONS]
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)


# Statuses of the reference that no request to the operation can lead to.
NOT_HERE = {"GET /device_app_access_points/": {404}}  # "endpoint not available": what any other address answers


def validator(schema: Any) -> Any:
    return jsonschema_rs.Draft202012Validator({**schema, "components": described.document()["components"]})


def walk(value: Any, where: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema below `value`, with its place."""
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from walk(part, f"{where}/{number}")
    elif isinstance(value, dict):
        yield where, value
        for name, part in value.items():
            if name not in {"examples", "example", "default", "enum"}:
                yield from walk(part, f"{where}/{name}")


def test_what_is_served_is_the_document(web: Any) -> None:
    reply = web.get(f"{described.BASE}/openapi.json")
    assert (reply.status_code, reply.json()) == (200, described.document())


def test_it_is_valid_openapi_3_1() -> None:
    document = described.document()
    assert document["openapi"] == "3.1.0"
    problems = [
        f"{error.instance_path}: {error.message[:300]}" for error in definitions.OPENAPI_31_VALIDATOR.iter_errors(document)
    ]
    assert problems == []
    for name, schema in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}), name


def test_it_has_the_operations_of_the_reference_and_marks_the_others() -> None:
    assert {one.endpoint for one in OPERATIONS if not one.is_extension} == {
        described.normal(name) for name in contract.endpoints()
    }
    tags = {tag["name"]: tag for tag in described.document()["tags"]}
    for one in OPERATIONS:
        assert one.details["tags"] == [one.category], one
        assert tags[one.category]["description"]
        assert ("x-gate-extension" in tags[one.category]) <= one.is_extension, one
    assert len({one.details["operationId"] for one in OPERATIONS}) == len(OPERATIONS)


@each_operation
def test_it_says_what_it_does_and_how_it_refuses(operation: described.Operation) -> None:
    assert operation.details["summary"]
    assert operation.details["description"]
    wanted = {401, 403, 429, 500, 503} if operation.details.get("security") else {500, 503}
    wanted |= {404} if operation.parameters("path") else set()
    assert wanted <= operation.statuses
    if operation.parameters("query") or "requestBody" in operation.details:
        assert operation.statuses & {400, 422}
    assert set(contract.example(operation.endpoint, "statuses")) - NOT_HERE.get(operation.endpoint, set()) <= operation.statuses
    assert [one["name"] for one in operation.details.get("parameters", ()) if not one.get("description")] == []
    for status, response in operation.details["responses"].items():
        assert response["description"]
        assert "X-Request-ID" in response["headers"]
        assert ("content" in response) == (status != "204")


@each_operation
def test_every_parameter_and_field_taken_is_bounded(operation: described.Operation) -> None:
    taken = [
        (f"{one['in']} {one['name']}", part) for one in operation.details.get("parameters", ()) for _, part in walk(one["schema"])
    ]
    schemas = described.document()["components"]["schemas"]
    waiting = (
        [operation.details["requestBody"]["content"]["application/json"]["schema"]] if "requestBody" in operation.details else []
    )
    met: set[str] = set()
    while waiting:
        for where, part in walk(waiting.pop()):
            taken.append((f"body {where}", part))
            name = part.get("$ref", "").rpartition("/")[2]
            if name and name not in met:
                met.add(name)
                waiting.append(schemas[name])
    unbounded = [where for where, schema in taken if not _is_bounded(schema)]
    assert sorted(set(unbounded)) == []


def _is_bounded(schema: dict[str, Any]) -> bool:
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "string":
        return bool({"maxLength", "enum", "const", "contentSchema"} & set(schema))
    if kind == "array":
        return "maxItems" in schema
    if kind in {"integer", "number"}:
        return ("minimum" in schema or "exclusiveMinimum" in schema) and "maximum" in schema
    return True


@each_operation
def test_its_examples_are_as_its_schemas_say(operation: described.Operation) -> None:
    contents = [operation.details.get("requestBody", {}), *operation.details["responses"].values()]
    for content in (one["content"]["application/json"] for one in contents if "content" in one):
        assert content["examples"]
        for name, shown in content["examples"].items():
            problems = [
                f"{error.instance_path}: {error.message}" for error in validator(content["schema"]).iter_errors(shown["value"])
            ]
            assert problems == [], name
    for parameter in operation.details.get("parameters", ()):
        for shown in parameter["schema"].get("examples", ()):
            assert validator(parameter["schema"]).is_valid(shown), (parameter["name"], shown)


@each_operation
def test_the_examples_of_the_reference_are_as_its_schemas_say(operation: described.Operation) -> None:
    bodies = contract.example(operation.endpoint, "requests")
    if not bodies:
        return
    schema = operation.details["requestBody"]["content"]["application/json"]["schema"]
    for body in bodies:
        for form in (body,) if "data" in body else (body, {"data": body}, {"data": json.dumps(body)}):
            assert [f"{error.instance_path}: {error.message}" for error in validator(schema).iter_errors(form)] == []


@each_operation
def test_filters_of_the_reference_are_documented(operation: described.Operation) -> None:
    documented = {one["name"] for one in operation.parameters("query")}
    for url in contract.example(operation.endpoint, "urls"):
        named = {part.partition("=")[0] for part in url.partition("?")[2].split("&") if part}
        assert named <= documented, url
