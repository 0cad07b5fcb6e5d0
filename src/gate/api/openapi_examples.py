"""Examples for the API's description, put together from the examples of the schemas' fields."""

from typing import Any

_LONGEST = 8
"""How deep schemas are followed: none of the API nests deeper, and a schema that names itself comes to an end."""
_PLAIN: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "null": None}


def example(schema: dict[str, Any], components: dict[str, Any], *, whole: bool, depth: int = 0) -> Any:
    """A value of `schema`. `whole`: with every key, as replies have them; else with those that say something, as requests do."""
    if "$ref" in schema:
        found: dict[str, Any] = components[schema["$ref"].rpartition("/")[2]]
        return example(
            found | {name: value for name, value in schema.items() if name != "$ref"}, components, whole=whole, depth=depth
        )
    if schema.get("examples"):
        return schema["examples"][0]
    if "example" in schema:
        return schema["example"]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return example(choices[0], components, whole=whole, depth=depth + 1)
    return _of_type(schema, components, whole=whole, depth=depth)


def _of_type(schema: dict[str, Any], components: dict[str, Any], *, whole: bool, depth: int) -> Any:
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        return _object(schema, components, whole=whole, depth=depth) if depth < _LONGEST else {}
    if kind == "array":
        items = schema.get("items")
        return [example(items, components, whole=whole, depth=depth + 1)] if items and depth < _LONGEST else []
    if kind in {"integer", "number"} and "minimum" in schema:
        return schema["minimum"]
    return _PLAIN[kind]


def _object(schema: dict[str, Any], components: dict[str, Any], *, whole: bool, depth: int) -> dict[str, Any]:
    needed = schema.get("required", ())
    return {
        name: example(part, components, whole=whole, depth=depth + 1)
        for name, part in schema.get("properties", {}).items()
        if whole or name in needed or _says_something(part, components)
    }


def _says_something(schema: dict[str, Any], components: dict[str, Any]) -> bool:
    """Whether a field that may be left out has an example of its own, or one of its fields has."""
    if "$ref" in schema:
        found = components[schema["$ref"].rpartition("/")[2]]
        return any(part.get("examples") for part in found.get("properties", {}).values())
    return bool(schema.get("examples")) or any("$ref" in choice for choice in schema.get("anyOf", ()))
