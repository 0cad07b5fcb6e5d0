"""The reference's examples (tests/vectors/api/*.json), and what it means for a reply to keep to one."""

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "vectors" / "api"
_PARAMETER = re.compile(r"\{[^}]*\}")


@functools.cache
def _read(category: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_FOLDER / f"{category}.json").read_text(encoding="utf-8"))
    return found


def requests(endpoint: str) -> list[Any]:
    """The example bodies of `GET /user/`."""
    return list(_of(endpoint)["requests"])


def responses(endpoint: str) -> list[Any]:
    """The example replies."""
    return list(_of(endpoint)["responses"])


def urls(endpoint: str) -> list[str]:
    """The example addresses, below /api/v1."""
    return list(_of(endpoint)["urls"])


def statuses(endpoint: str) -> set[int]:
    """The statuses the reference documents."""
    return set(_of(endpoint)["statuses"])


@functools.cache
def endpoints() -> tuple[str, ...]:
    """Every endpoint of the reference: `GET /user/{id}/`."""
    return tuple(endpoint for file in sorted(_FOLDER.glob("*.json")) for endpoint in _read(file.stem))


@functools.cache
def _named() -> dict[str, str]:
    return {_PARAMETER.sub("{}", name): name for name in endpoints()}


def example(endpoint: str, part: str) -> list[Any]:
    """The examples of an endpoint by its normal name (`GET /user/{}/`); none for what the reference does not have.

    `part` is `requests`, `responses`, `urls` or `statuses`.
    """
    named = _named().get(endpoint)
    return [] if named is None else list(_of(named)[part])


def _of(endpoint: str) -> dict[str, Any]:
    category = endpoint.split("/")[1]
    found: dict[str, Any] = _read(category)[endpoint]
    return found


def assert_keeps_to(endpoint: str, reply: Any) -> None:
    """The reply has every key of every example, with the same JSON types; null stands for any type."""
    examples = responses(endpoint)
    assert examples, f"{endpoint} has no example"
    problems = [problem for example in examples for problem in _differences(example, reply, "reply")]
    assert not problems, "\n".join(problems)


def differences(example: Any, reply: Any) -> list[str]:
    """Where the reply lacks a key of the example or has another type."""
    return list(_differences(example, reply, "reply"))


def _differences(example: Any, reply: Any, where: str) -> Iterator[str]:
    if example is None or reply is None:
        return
    if _kind(example) != _kind(reply):
        yield f"{where}: {_kind(reply)} in place of {_kind(example)}"
    elif isinstance(example, dict):
        for key, value in example.items():
            if key not in reply:
                yield f"{where}: no {key!r}"
            else:
                yield from _differences(value, reply[key], f"{where}.{key}")
    elif isinstance(example, list) and example:
        for place, item in enumerate(reply):
            yield from _differences(example[0], item, f"{where}[{place}]")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return {dict: "object", list: "array", str: "string", int: "number", float: "number"}[type(value)]
