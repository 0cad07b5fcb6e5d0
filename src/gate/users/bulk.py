"""Many subscribers at once: what commands.create does for one, by the same rules, in a few statements for a thousand.

A bad one does not hinder the others: each gets an answer, its id or why not. Whether the whole is kept is the caller's
business, who holds the transaction.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from gate.core import clock, seal
from gate.core.errors import Conflict, Invalid, Missing
from gate.core.tenancy import Scope, activate
from gate.organizations import queries as organizations
from gate.profiles import queries as profiles
from gate.txlog import commands as txlog
from gate.users import events, foreign_hashes, models, older_hashes, queries, rules
from gate.users.commands import DEFAULTS
from gate.users.types import User, UserFields

_COLUMNS = tuple(item.name for item in dataclasses.fields(User) if item.name != "profile")
_SEAL = "user-password"

Hash = Callable[[Sequence[str]], Iterable[str]]
"""Makes Argon2id of passwords in clear, or of weaker hashes, in their order; 20 ms of one core each."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A subscriber to be. The password comes in clear in `fields`, or as one hash made elsewhere, or not at all."""

    fields: UserFields = field(repr=False)
    password_hash: str = field(default="", repr=False)
    older_hash: older_hashes.Older | None = field(default=None, repr=False)
    """One too weak to keep: Argon2id over it is stored."""


class Taken(Conflict):
    """The username belongs to the user `user_id`, who may be one of this very import."""

    def __init__(self, user_id: int) -> None:
        reason = "another user has this username"
        super().__init__(f"username: {reason}", fields={"username": [reason]}, code="duplicate")
        self.user_id = user_id


def create_many(scope: Scope, newcomers: Sequence[Newcomer], *, hash_all: Hash) -> list[int | Invalid]:
    """The id of each new subscriber, or why it was not made. Of two with one username the first is made."""
    activate(scope.tenant_id)
    answers: list[int | Invalid | None] = [_refusal(scope, newcomer) for newcomer in newcomers]
    assigned = _profiles(scope, newcomers, answers)
    good = [place for place, answer in enumerate(answers) if answer is None]
    numbers = dict(zip(good, _reserve(len(good)), strict=True))
    rows = _rows(scope, [(numbers[place], newcomers[place]) for place in good], hash_all)
    models.User.unscoped.bulk_create(rows, ignore_conflicts=True)
    made = set(models.User.unscoped.filter(tenant_id=scope.tenant_id, pk__in=numbers.values()).values_list("pk", flat=True))
    late = {place: rules.username_key(newcomers[place].fields["username"]) for place in good if numbers[place] not in made}
    holders = dict(
        models.User.unscoped.filter(tenant_id=scope.tenant_id, username_key__in=late.values()).values_list("username_key", "pk")
    )
    models.UserProfile.objects.bulk_create(
        models.UserProfile(tenant_id=scope.tenant_id, user_id=numbers[place], profile_id=profile_id, position=position)
        for place in good
        if numbers[place] in made
        for position, profile_id in enumerate(assigned[place])
    )
    txlog.write(scope, [event for row in rows if row.pk in made for event in events.of_making(scope, events.seen(row))])
    return [answer or (Taken(holders[late[place]]) if place in late else numbers[place]) for place, answer in enumerate(answers)]


def _refusal(scope: Scope, newcomer: Newcomer) -> Invalid | None:
    fields = newcomer.fields
    if not fields.get("username"):
        return Missing("username is required", fields={"username": ["is required"]})
    try:
        rules.check(fields)
    except Invalid as refused:
        return refused
    if not scope.covers(fields.get("organization_id", scope.organization_id)):
        return Invalid.field("organization", "there is no such organization")
    reason = _password_refusal(newcomer)
    return None if reason is None else Invalid.field("password_hash", reason)


def _password_refusal(newcomer: Newcomer) -> str | None:
    in_clear, foreign = newcomer.fields.get("password", ""), newcomer.password_hash
    if bool(in_clear) + bool(foreign) + (newcomer.older_hash is not None) > 1:
        return "stands beside a password in clear: give one of the two"
    if foreign_hashes.looks_like_one(in_clear):
        return "is where a hash belongs: what is given as the password looks like one"
    if not foreign or foreign_hashes.is_bcrypt(foreign) or foreign_hashes.is_argon2(foreign) or older_hashes.is_stored(foreign):
        return None
    return foreign_hashes.problem(foreign) or "is no bcrypt and no Argon2 hash"


def _profiles(scope: Scope, newcomers: Sequence[Newcomer], answers: list[int | Invalid | None]) -> Mapping[int, Collection[int]]:
    """Ids of each newcomer's profiles, in order; one that names a profile out of reach is answered."""
    wanted: dict[int, set[str]] = defaultdict(set)
    for newcomer in newcomers:
        names = newcomer.fields.get("profile", [])
        if names and scope.covers(organization_id := newcomer.fields.get("organization_id", scope.organization_id)):
            wanted[organization_id].update(name.lower() for name in names)
    known = {
        organization_id: profiles.resolve(scope, names, organization_ids=organizations.ancestor_ids(scope, organization_id))
        for organization_id, names in wanted.items()
    }
    assigned: dict[int, Collection[int]] = {}
    for place, newcomer in enumerate(newcomers):
        names = newcomer.fields.get("profile", [])
        found = known.get(newcomer.fields.get("organization_id", scope.organization_id), {})
        unknown = [name for name in names if name.lower() not in found]
        if unknown and answers[place] is None:
            answers[place] = Invalid.field("profile", f"there is no profile {unknown[0]!r} for users of this organization")
        assigned[place] = list(dict.fromkeys(found[name.lower()] for name in names if name.lower() in found))
    return assigned


def _reserve(count: int) -> list[int]:
    """Ids nobody else gets: a kept password is sealed to one before its row is there."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('users_user', 'id')) FROM generate_series(1, %s) ORDER BY 1", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def _rows(scope: Scope, numbered: Sequence[tuple[int, Newcomer]], hash_all: Hash) -> list[models.User]:
    hashes = iter(hash_all([text for _, newcomer in numbered if (text := _to_hash(newcomer))]))
    keeping = _keeping(scope, numbered)
    now = clock.now()
    rows = []
    for number, newcomer in numbered:
        fields: UserFields = {**DEFAULTS, **newcomer.fields}
        organization_id = fields.get("organization_id", scope.organization_id)
        row = models.User(
            pk=number, tenant_id=scope.tenant_id, organization_id=organization_id, role=models.Role.DEVICE_USER, date_joined=now,
            last_change=now, username_key=rules.username_key(fields["username"]), password=newcomer.password_hash,
        )  # fmt: skip
        for name, value in fields.items():
            if name not in {"password", "profile", "organization_id"}:
                setattr(row, name, value)
        if password := fields.get("password"):
            row.password = next(hashes)
            if organization_id in keeping:
                row.password_sealed = seal.seal(password.encode(), purpose=_SEAL, row=f"user:{number}")
        elif newcomer.older_hash is not None:
            row.password = newcomer.older_hash.store(next(hashes))
        rows.append(row)
    return rows


def _to_hash(newcomer: Newcomer) -> str:
    return newcomer.older_hash.digest if newcomer.older_hash is not None else newcomer.fields.get("password", "")


def _keeping(scope: Scope, numbered: Sequence[tuple[int, Newcomer]]) -> frozenset[int]:
    """Organizations of those with a password in clear that keep passwords to be had back."""
    concerned = {
        newcomer.fields.get("organization_id", scope.organization_id)
        for _, newcomer in numbered
        if newcomer.fields.get("password")
    }
    found = organizations.get_many(scope, concerned) if concerned else {}
    return frozenset(number for number, organization in found.items() if organization.recoverable_passwords)


def taken(scope: Scope, keys: Collection[str]) -> frozenset[str]:
    """Those of the username keys somebody of the tenant has, whether the scope reaches them or not."""
    activate(scope.tenant_id)
    rows = models.User.unscoped.filter(tenant_id=scope.tenant_id, username_key__in=keys)
    return frozenset(rows.values_list("username_key", flat=True))


def after(scope: Scope, user_id: int, *, limit: int) -> list[User]:
    """The next subscribers of the scope by id, beyond `user_id`, at most `limit`."""
    rows = models.User.objects.within(scope).filter(role=models.Role.DEVICE_USER, pk__gt=user_id).order_by("pk")
    found = list(rows.values(*_COLUMNS)[:limit])
    names = queries.profile_names(scope, [row["id"] for row in found])
    return [User(**row, profile=names.get(row["id"], ())) for row in found]


def password_hashes(scope: Scope, user_ids: Collection[int]) -> Mapping[int, str]:
    """The stored hashes of those of `user_ids` the scope reaches and who have a password; for moving to another install."""
    rows = models.User.objects.within(scope).filter(pk__in=user_ids).exclude(password="")
    return dict(rows.values_list("pk", "password"))
