"""The walk of a stranger: every operation of the OpenAPI document is asked for what belongs to somebody else.

`Victim` is what somebody has: ids, names and addresses read from the lists the API shows them. `requests` makes from the
document all that an attacker may try with those: each in every path, every filter and every field of every body. A new
endpoint walks along by itself.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import jsonschema_rs
from django.db import connection

import contract
import described
import people

_PREFIXED = re.compile(r"[a-z]{2,8}[_-][0-9]+\Z")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?\Z")
# What GATE says in its own words.
_OWN_WORDS = {"message", "detail", "errors", "code"}
_NAMES = ("username", "short_name", "mac_addr", "email", "external_id", "name", "imei")
# Rows that calling the API makes or changes whoever calls: counts of calls, last use of tokens, attempts to sign in.
METERS = {"tokens_apicalls", "tokens_apitoken"}


@dataclass(slots=True)
class Victim:
    """What one caller sees and another must not."""

    ids: dict[str, set[int]] = field(default_factory=dict)
    """By category."""
    names: dict[str, set[str]] = field(default_factory=dict)
    """By field: usernames, short names, MAC addresses …"""
    texts: set[str] = field(default_factory=set)
    """Every text in the replies."""
    rows: dict[str, list[Any]] = field(default_factory=dict)
    """By category, as they are shown."""

    @property
    def all_ids(self) -> list[int]:
        """Every id, whatever it is of."""
        return sorted(set().union(*self.ids.values())) if self.ids else []


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to try."""

    operation: described.Operation
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    on_own: bool = False
    """Whether the row in the path is the attacker's own."""

    def send(self, web: httpx.Client, headers: dict[str, str]) -> httpx.Response:
        """Try it."""
        arguments: dict[str, Any] = {"params": self.query, "headers": headers}
        if self.body is not None:
            arguments["json"] = self.body
        return web.request(self.operation.method, f"{described.BASE}{self.path}", **arguments)

    @property
    def said(self) -> str:
        """All that the attacker wrote: what a reply repeats of it is no secret."""
        return f"{self.path} {self.query} {json.dumps(self.body)}"


def look(web: httpx.Client, person: people.Person) -> Victim:
    """What `person` sees of their own, by every list there is."""
    seen = Victim()
    for operation in described.operations():
        if operation.method != "GET" or operation.parameters("path") or not operation.details.get("security"):
            continue
        reply = web.get(f"{described.BASE}{operation.path}", params={"limit": "100"}, headers=person.headers)
        if reply.status_code != 200:
            continue
        told = reply.json()
        rows = told.get("results", [told])
        seen.rows.setdefault(operation.category, []).extend(rows)
        for row in rows:
            number = row.get("id", row.get("radacctid"))
            if isinstance(number, int):
                seen.ids.setdefault(operation.category, set()).add(number)
            _gather(row, seen)
    return seen


def _gather(value: Any, seen: Victim, name: str = "") -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            if key not in _OWN_WORDS:
                _gather(part, seen, key)
    elif isinstance(value, list):
        for part in value:
            _gather(part, seen, name)
    elif isinstance(value, str) and value:
        seen.texts.add(value)
        if name in _NAMES:
            seen.names.setdefault(name, set()).add(value)


def only(victim: Victim, attacker: Victim) -> Victim:
    """The victim without what the attacker sees as well, as a parent sees what its branches have."""
    return Victim(
        ids={kind: numbers - attacker.ids.get(kind, set()) for kind, numbers in victim.ids.items()},
        names={kind: names - attacker.names.get(kind, set()) for kind, names in victim.names.items()},
        texts=victim.texts - attacker.texts,
        rows=victim.rows,
    )


def secrets_of(victim: Victim, attacker: Victim) -> set[str]:
    """Texts only the victim has: what the attacker sees too, times and the words of the description are no secrets."""
    words = json.dumps(described.document())
    return {
        text
        for text in victim.texts - attacker.texts
        if len(text) > 3 and not _MOMENT.match(text) and (_PREFIXED.match(text) or text not in words)
    }


def reading(victim: Victim) -> Iterator[Attempt]:
    """Every GET: the victim's ids in paths and filters, and names in filters."""
    for operation in described.operations():
        if operation.method == "GET" and operation.details.get("security"):
            for path in _paths(operation, victim):
                yield Attempt(operation, path)
            if not operation.parameters("path"):
                yield Attempt(operation, operation.path)
                yield from _filtered(operation, victim)


def writing(victim: Victim, own: Victim) -> Iterator[Attempt]:
    """Every other method: the victim's ids in paths with good bodies; whatever is the victim's in the fields of new rows and of
    the attacker's `own`.
    """
    for operation in described.operations():
        if operation.method == "GET" or not operation.details.get("security"):
            continue
        bodies: list[Any] = [None]
        if "requestBody" in operation.details:
            examples = operation.details["requestBody"]["content"]["application/json"]["examples"]
            bodies = [examples["object"]["value"]] if "object" in examples else [next(iter(examples.values()))["value"]]
            bodies += contract.example(operation.endpoint, "requests")[:1]
        if operation.parameters("path"):
            for path in _paths(operation, victim):
                yield from (Attempt(operation, path, body=body) for body in bodies[:1])
            if operation.method == "PATCH" and isinstance(bodies[0], dict):
                for path in list(_paths(operation, own))[:1]:
                    yield from (Attempt(operation, path, body=body, on_own=True) for body in _bent(bodies[0], victim))
        else:
            yield from (Attempt(operation, operation.path, body=body) for body in bodies)
            yield from (
                Attempt(operation, operation.path, body=body) for body in _bent(bodies[0], victim) if isinstance(bodies[0], dict)
            )


def _paths(operation: described.Operation, victim: Victim) -> Iterator[str]:
    for parameter in operation.parameters("path"):
        place = "{" + parameter["name"] + "}"
        if parameter["name"] == "username":
            values = sorted(victim.names.get("username", ()))
        else:
            numbers = victim.ids.get(operation.category) or set(victim.all_ids[:10])
            prefix = operation.category.partition("_")[0]
            values = [form for number in sorted(numbers) for form in (str(number), f"{prefix}_{number}", f"org_{number}")]
        yield from (operation.path.replace(place, value) for value in values)


def _filtered(operation: described.Operation, victim: Victim) -> Iterator[Attempt]:
    for parameter in operation.parameters("query"):
        if parameter["name"] in {"limit", "offset", "cursor"}:
            continue
        validator = jsonschema_rs.Draft202012Validator(parameter["schema"])
        for value in _values(victim):
            if validator.is_valid(int(value) if value.isdecimal() else value):
                yield Attempt(operation, operation.path, query={parameter["name"]: value})


def _values(victim: Victim) -> list[str]:
    """Ids in several forms, and a few of each kind of name."""
    by_kind = [sorted(numbers)[:3] for numbers in victim.ids.values()]
    numbers = sorted({number for kind in by_kind for number in kind})
    forms = [form for number in numbers for form in (str(number), f"org_{number}", f"user_{number}")]
    return forms + [name for names in victim.names.values() for name in sorted(names)[:3]]


def _bent(body: Any, victim: Victim) -> Iterator[Any]:
    """`body` with one field after the other holding what is the victim's, and with further fields that name it."""
    organizations = sorted(victim.ids.get("organization", ()))
    users = sorted(victim.ids.get("user", ()))
    for name in body:
        if isinstance(body[name], bool | dict):
            continue
        theirs: list[Any] = [min(victim.names[kind]) for kind in _NAMES if victim.names.get(kind)]
        if isinstance(body[name], int):
            theirs = victim.all_ids[:6]
        if isinstance(body[name], list):
            theirs = [[one] for one in theirs]
        yield from ({**body, name: value} for value in theirs)
    for name, numbers in (
        ("organization", organizations),
        ("user", users),
        ("parent", users),
        ("id", users),
        ("device_id", users),
    ):
        for number in numbers[:3]:
            yield {**body, name: number}
            yield {**body, name: f"org_{number}"}


def leaks(reply: httpx.Response, attempt: Attempt, secret: set[str]) -> list[str]:
    """The victim's texts in a reply, those aside that the attacker wrote."""
    if not reply.content:
        return []
    held = Victim()
    _gather(reply.json(), held)
    said = attempt.said
    links = {text for text in held.texts if text.startswith("http://testserver")}
    found = {text for text in held.texts - links if text in secret and text not in said}
    joined = "\n".join([*(held.texts - links), *_own_words(reply.json())])
    return sorted(found | {text for text in secret if len(text) > 7 and text not in said and _holds(joined, text)})


def _own_words(reply: Any) -> Iterator[str]:
    if isinstance(reply, dict):
        yield from (json.dumps(reply[name], ensure_ascii=False) for name in _OWN_WORDS & set(reply))


def _holds(text: str, word: str) -> bool:
    """Whether `word` stands in `text` by itself: `guest.acme` does not in `guest.acme-west`."""
    return word in text and re.search(rf"(?<![\w.@-]){re.escape(word)}(?![\w.@-])", text) is not None


def fingerprint(*, tenant: int, organizations: tuple[int, ...] | None) -> dict[str, str]:
    """A digest of all rows of the tenant, or of those of its `organizations`, by table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, bool_or(column_name = 'organization_id') FROM information_schema.columns"
            " JOIN pg_class ON oid = format('%I.%I', table_schema, table_name)::regclass AND NOT relispartition"
            " WHERE table_schema = 'public' AND column_name IN ('tenant_id', 'organization_id') AND relkind IN ('r', 'p')"
            " GROUP BY table_name HAVING bool_or(column_name = 'tenant_id') ORDER BY table_name"
        )
        tables = [(name, by_organization) for name, by_organization in cursor.fetchall() if name not in METERS]
        found = {}
        for name, by_organization in tables:
            if organizations is None:
                where, values = "tenant_id = ANY(%s)", [[tenant]]
            elif by_organization:
                where, values = "organization_id = ANY(%s)", [list(organizations)]
            else:
                continue
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t WHERE {where}", values)
            found[name] = str(cursor.fetchone())
    return found
