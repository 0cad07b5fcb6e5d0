"""Groups as profiles, then users with them. What is in GATE already stays as it is."""

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from gate.attributes import RadiusDictionary
from gate.commands.freeradius_import import words
from gate.commands.freeradius_import.report import Report
from gate.commands.freeradius_import.source import Group, Line, Person
from gate.commands.freeradius_import.words import Meaning
from gate.core.errors import Invalid
from gate.core.tenancy import Scope
from gate.organizations import queries as organizations
from gate.profiles import commands as profiles
from gate.profiles import queries as profile_queries
from gate.profiles.types import Item, ProfileFields
from gate.users import bulk, hashing
from gate.users.rules import username_key

BATCH: Final = 500
_DICTIONARY: Final = RadiusDictionary()


@dataclass(frozen=True, slots=True)
class _Known:
    """A group that became a profile."""

    profile: str
    rejected: bool
    checked: bool
    """Whether it asks anything of the request."""
    falls_through: bool
    expiration: dt.datetime | None


class People:
    """Brings groups, then users."""

    def __init__(self, scope: Scope, report: Report, *, dry_run: bool) -> None:
        self._scope = scope
        self._report = report
        self._dry_run = dry_run
        self._groups: dict[str, _Known] = {}
        self._profiles: set[str] = set()
        """Short names in lower case of profiles that are there."""
        self._own: set[str] = set()

    def groups(self, groups: Iterable[Group]) -> None:
        """A profile for each group."""
        for group in groups:
            meaning = words.checks(group.checks, dictionary=_DICTIONARY)
            items, problems = words.replies(group.replies, dictionary=_DICTIONARY)
            self._tell("radgroupcheck", group.name, meaning.problems)
            self._tell("radgroupreply", group.name, problems)
            if meaning.proves:
                self._report.problem(
                    "radgroupcheck", meaning_id(group.checks), group.name, "attribute", "a group has no password"
                )
            name = self._name(group.name)
            self._groups[group.name] = _Known(
                name, meaning.rejected, bool(meaning.items) or meaning.closed, words.falls_through(group.replies) is True,
                meaning.expiration,
            )  # fmt: skip
            fields: ProfileFields = {
                "name": group.name.strip()[:200] or name, "short_name": name, "description": "Brought from FreeRADIUS.",
                "check_attribute": _closed(meaning), "reply_attribute": tuple(items),
            }  # fmt: skip
            if meaning.max_sessions is not None:
                fields["max_sessions"] = meaning.max_sessions
            self._profile(fields, "radusergroup", group.name)

    def bring(self, people: Iterator[Person], *, at: Callable[[int], None]) -> None:
        """The users, a batch a transaction."""
        done = 0
        for batch in _batches(people):
            with transaction.atomic():
                self._bring(batch)
            done += len(batch)
            at(done)

    def _bring(self, batch: Sequence[Person]) -> None:
        there = bulk.taken(self._scope, [username_key(person.username) for person in batch])
        new = [person for person in batch if username_key(person.username) not in there]
        self._report.counts["users there already"] += len(batch) - len(new)
        newcomers = [self._newcomer(person) for person in new]
        answers = bulk.create_many(self._scope, newcomers, hash_all=self._hashes)
        for person, newcomer, answer in zip(new, newcomers, answers, strict=True):
            if isinstance(answer, Invalid):
                number = meaning_id(person.checks or person.replies)
                for field, reasons in (answer.fields or {"username": [answer.detail]}).items():
                    self._report.problem("radcheck", number, person.username, field, f"{reasons[0]}; the user was not brought")
            else:
                self._report.counts["users"] += 1
                if newcomer.password_hash or newcomer.older_hash:
                    self._report.counts["of them with a hash in place of a password"] += 1

    def _newcomer(self, person: Person) -> bulk.Newcomer:
        meaning = words.checks(person.checks, dictionary=_DICTIONARY)
        items, problems = words.replies(person.replies, dictionary=_DICTIONARY)
        self._tell("radcheck", person.username, meaning.problems)
        self._tell("radreply", person.username, problems)
        groups = self._reached(person)
        assigned = [group.profile for group in groups]
        if meaning.items or items:
            assigned.insert(0, self._own_profile(tuple(meaning.items), tuple(items)))
        ends = [end for end in (meaning.expiration, *(group.expiration for group in groups)) if end is not None]
        fields: dict[str, Any] = {
            "username": person.username, "profile": assigned, "expiration": min(ends, default=None),
            "is_active": not (meaning.rejected or meaning.closed or any(group.rejected for group in groups)),
        }  # fmt: skip
        if meaning.password:
            fields["password"] = meaning.password
        if meaning.max_sessions is not None:
            fields["max_sessions"] = meaning.max_sessions
        return bulk.Newcomer(
            fields=fields,  # type: ignore[arg-type]  # the names are UserFields'
            password_hash=meaning.password_hash, older_hash=meaning.older_hash,
        )  # fmt: skip

    def _reached(self, person: Person) -> list[_Known]:
        """The groups that count for somebody: as FreeRADIUS goes through them, to the first that does not say Fall-Through."""
        member = [self._groups[name] for name in dict.fromkeys(person.groups) if name in self._groups]
        if words.falls_through(person.replies) is False:
            member, left = [], len(member)
        else:
            end = next((place for place, group in enumerate(member, 1) if not group.falls_through), len(member))
            left = len(member) - end
            if any(group.checked for group in member[:end]) and len(member) > 1:
                self._report.problem(
                    "radusergroup", "", person.username, "groupname",
                    "a group with checks and another one: where they fail GATE refuses, FreeRADIUS goes on with the next",
                )  # fmt: skip
            member = member[:end]
        self._report.counts["memberships behind a group without Fall-Through"] += left
        return member

    def _own_profile(self, checks: tuple[Item, ...], items: tuple[Item, ...]) -> str:
        """The profile for what is said of a user alone. Those who have the same said of them share one."""
        name = f"freeradius-{hashlib.blake2b(repr((checks, items)).encode(), digest_size=6).hexdigest()}"
        if name not in self._own:
            self._own.add(name)
            fields: ProfileFields = {
                "name": f"Users' own items {name[-12:]}", "short_name": name, "description": "Brought from FreeRADIUS.",
                "check_attribute": checks, "reply_attribute": items,
            }  # fmt: skip
            self._profile(fields, "radreply", name)
        return name

    def _profile(self, fields: ProfileFields, table: str, name: str) -> None:
        above = organizations.ancestor_ids(self._scope, self._scope.organization_id)
        short_name = fields["short_name"]
        if profile_queries.resolve(self._scope, [short_name], organization_ids=above):
            self._report.counts["profiles there already"] += 1
            return
        try:
            profiles.create(self._scope, fields=fields, dictionary=_DICTIONARY)
        except Invalid as refused:
            for field, reasons in (refused.fields or {"short_name": [refused.detail]}).items():
                self._report.problem(table, "", name, field, reasons[0])
        else:
            self._report.counts["profiles"] += 1

    def _name(self, group: str) -> str:
        """Its profile's short name: the group's own where that is one, and no other group has it but for case."""
        name = words.short_name(group)
        if name != group or name.lower() in self._profiles:
            name = f"{name[:90]}-{hashlib.blake2b(group.encode(), digest_size=3).hexdigest()}"
        self._profiles.add(name.lower())
        return name

    def _hashes(self, passwords: Sequence[str]) -> Iterable[str]:
        if self._dry_run:
            return [""] * len(passwords)
        # Argon2 runs outside Python's lock: threads use all cores.
        with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
            return list(pool.map(hashing.hash_password, passwords))

    def _tell(self, table: str, name: str, problems: Iterable[tuple[Line, str, str]]) -> None:
        for line, field, reason in problems:
            self._report.problem(table, line.id, name, field, f"{line.attribute[:64]} {reason}")


def meaning_id(lines: Sequence[Line]) -> int | str:
    """The id of the first row about somebody; empty where there is none."""
    return lines[0].id if lines else ""


def _closed(meaning: Meaning) -> tuple[Item, ...]:
    return (*meaning.items, words.NEVER) if meaning.closed else tuple(meaning.items)


def _batches(people: Iterator[Person]) -> Iterator[list[Person]]:
    batch: list[Person] = []
    for person in people:
        batch.append(person)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
