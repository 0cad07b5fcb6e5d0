"""Every reply of the API that a test sees is held to the OpenAPI document: its status, its headers, each of its keys.

`people.web_client` hands every exchange to `check`. What it saw (statuses provoked, examples sent, statements asked) is kept
in `SEEN`; tests/api_coverage.py makes docs/api-coverage.md of it.
"""

import functools
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import jsonschema_rs
import psycopg

BASE = "/api/v1"
_METHODS = ("get", "post", "put", "patch", "delete")
# Answers of the dispatcher, before any operation: a missing slash, no such path, no such method, a host that is none.
_BEFORE_ANY = {308, 400, 404, 405}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document; `path` is below /api/v1, as the document writes it."""

    method: str
    path: str
    details: dict[str, Any] = field(repr=False)

    @property
    def endpoint(self) -> str:
        """`GET /user/{}/`: the same however a parameter is called."""
        return normal(f"{self.method} {self.path}")

    @property
    def category(self) -> str:
        """`user`."""
        return self.path.split("/")[1]

    @property
    def is_extension(self) -> bool:
        """Whether the reference does not have it."""
        return "x-gate-extension" in self.details

    @property
    def statuses(self) -> set[int]:
        """The statuses documented."""
        return {int(status) for status in self.details["responses"]}

    def parameters(self, place: str) -> list[dict[str, Any]]:
        """The parameters in `query` or `path`."""
        return [one for one in self.details.get("parameters", ()) if one["in"] == place]


@dataclass(slots=True)
class Seen:
    """What was seen of one operation."""

    statuses: Counter[int] = field(default_factory=Counter)
    examples: set[str] = field(default_factory=set)
    compared: set[int] = field(default_factory=set)
    statements: int | None = None


SEEN: dict[str, Seen] = {}
# What schemathesis did in this run (tests/gate/api/test_fuzz.py).
FUZZ: dict[str, int] = {}
# Requests of each walk of a stranger (tests/gate/api/test_strangers.py).
WALKS: dict[str, int] = {}


def normal(endpoint: str) -> str:
    """`GET /user/{}/` for `GET /user/{id}/`."""
    return re.sub(r"\{[^}]*\}", "{}", endpoint)


@functools.cache
def document() -> dict[str, Any]:
    """The document as clients get it."""
    from gate.api import api

    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"{BASE}/")))
    return found


@functools.cache
def operations() -> tuple[Operation, ...]:
    """Every operation, in the order of the document."""
    return tuple(
        Operation(method.upper(), path.removeprefix(BASE), details)
        for path, held in document()["paths"].items()
        for method, details in held.items()
        if method in _METHODS
    )


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], Operation]]:
    # A path without parameters wins over one with them: /user/username/ann/ is no /user/{id}/.
    ordered = sorted(operations(), key=lambda one: one.path.count("{"))
    return [(re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(one.path)) + r"\Z"), one) for one in ordered]


def find(method: str, path: str) -> Operation | None:
    """The operation a request goes to; `path` is below /api/v1."""
    return next((one for pattern, one in _patterns() if one.method == method and pattern.match(path)), None)


@functools.cache
def _closed_components() -> dict[str, Any]:
    closed: dict[str, Any] = _close(document()["components"])
    return closed


def _close(schema: Any) -> Any:
    """`schema` such that keys it does not name are refused: the document promises what is named, tests refuse the rest."""
    if isinstance(schema, list):
        return [_close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: value if name in {"examples", "default", "enum"} else _close(value) for name, value in schema.items()}
    if isinstance(found.get("properties"), dict) and "additionalProperties" not in found and "type" in found:
        found["additionalProperties"] = False
    return found


@functools.cache
def _validator(endpoint: str, status: int) -> Any:
    operation = next(one for one in operations() if one.endpoint == endpoint)
    content = operation.details["responses"][str(status)].get("content")
    if content is None:
        return None
    schema = _close(content["application/json"]["schema"])
    return jsonschema_rs.Draft202012Validator({**schema, "components": _closed_components()})


@functools.cache
def _required_headers(endpoint: str, status: int) -> dict[str, Any]:
    operation = next(one for one in operations() if one.endpoint == endpoint)
    found = {}
    for name, given in operation.details["responses"][str(status)].get("headers", {}).items():
        header = document()["components"]["headers"][name] if "$ref" in given else given
        if header.get("required"):
            found[name] = jsonschema_rs.Draft202012Validator(header["schema"])
    return found


def check(request: httpx.Request, status: int, headers: httpx.Headers, body: bytes, *, statements: int) -> None:
    """Raises AssertionError where the reply is not as the document says."""
    path = request.url.path
    if not path.startswith(f"{BASE}/") or path in {f"{BASE}/openapi.json", f"{BASE}/docs/"}:
        return
    operation = find(request.method, path.removeprefix(BASE))
    if operation is None:
        assert status in _BEFORE_ANY or request.method not in {name.upper() for name in _METHODS}, f"{path}: {status}"
        return
    problem = _problem(operation, status, headers, body)
    assert problem is None, f"{operation.method} {operation.path} -> {status}: {problem}\n{body[:500]!r}"
    _remember(operation, request, status, body, statements)


def _problem(operation: Operation, status: int, headers: httpx.Headers, body: bytes) -> str | None:
    if status not in operation.statuses:
        return f"not among the documented {sorted(operation.statuses)}"
    for name, validator in _required_headers(operation.endpoint, status).items():
        if name not in headers:
            return f"no header {name}"
        if not validator.is_valid(headers[name]):
            return f"header {name}: {headers[name]!r} is not as documented"
    validator = _validator(operation.endpoint, status)
    if validator is None:
        return "has a body" if body else None
    if headers.get("Content-Type") != "application/json":
        return f"content type {headers.get('Content-Type')}"
    return next((f"{error.instance_path}: {error.message}" for error in validator.iter_errors(json.loads(body))), None)


def _remember(operation: Operation, request: httpx.Request, status: int, body: bytes, statements: int) -> None:
    import api_coverage
    import contract
    from gate.api.body import read

    endpoint = operation.endpoint
    seen = SEEN.setdefault(endpoint, Seen())
    seen.statuses[status] += 1
    if operation.is_extension or status >= 500:
        return
    for number, example in enumerate(contract.example(endpoint, "responses")):
        if number not in seen.compared and body and not contract.differences(example, json.loads(body)):
            seen.compared.add(number)
    if status >= 300:
        return
    seen.statements = statements if seen.statements is None else min(seen.statements, statements)
    if request.content:
        seen.examples |= api_coverage.sent(endpoint, read(request.content))
    seen.examples |= api_coverage.asked(endpoint, frozenset(request.url.params.keys()))


class _Counter:
    """Statements sent to PostgreSQL by whatever way, those of the tests' own surroundings left out."""

    _AROUND = re.compile(r"\s*(?:SAVEPOINT|RELEASE|ROLLBACK TO|SELECT set_config\('gate\.tenant'|SET ROLE|RESET)", re.IGNORECASE)

    def __init__(self) -> None:
        self.count = 0
        self._real = psycopg.Cursor.execute

    def install(self) -> None:
        """Count from now on."""
        counter = self

        def execute(cursor: Any, query: Any, *args: Any, **words: Any) -> Any:
            text = query if isinstance(query, str) else query.decode() if isinstance(query, bytes) else "SELECT"
            if not counter._AROUND.match(text):
                counter.count += 1
            return counter._real(cursor, query, *args, **words)

        psycopg.Cursor.execute = execute  # type: ignore[method-assign, assignment]


_counter = _Counter()
_counter.install()


@contextmanager
def statements() -> Iterator[Any]:
    """Afterwards the function given tells how many statements PostgreSQL was asked within the block."""
    before = _counter.count
    after: list[int] = []
    yield lambda: (after[0] if after else _counter.count) - before
    after.append(_counter.count)
