"""Authorising MAC addresses, and taking that back. The RADIUS server asks the table at each sign-in: a change counts at once."""

from collections.abc import Sequence

from django.db import transaction

from gate.core import clock
from gate.core.constraints import spoken
from gate.core.errors import Conflict, Invalid, NotFound
from gate.core.tenancy import Scope, activate
from gate.devices import mac_queries, mac_rules, models
from gate.devices.mac_types import AuthorizedMac, MacFields
from gate.organizations import queries as organizations
from gate.profiles import queries as profiles
from gate.users import queries as users

_TAKEN = "is authorised here already"
SENTENCES = {"authorized_mac_once": ("mac", _TAKEN)}
_TOLD = 5


def authorize(
    scope: Scope, *, addresses: Sequence[tuple[str, str]], fields: MacFields, organization_id: int | None = None
) -> list[AuthorizedMac]:
    """Let devices in, all of them or none: (address, note) each, and `fields` for all. A note of its own goes before theirs.

    In the caller's organization unless one below is named. Raises Missing, Invalid, Conflict naming addresses that are there.
    """
    addresses = mac_rules.checked(addresses)
    mac_rules.check(fields)
    organization_id = scope.organization_id if organization_id is None else organization_id
    if not scope.covers(organization_id):
        raise Invalid.field("organization", "there is no such organization")
    activate(scope.tenant_id)
    _check_user(scope, fields)
    chosen = _profiles(scope, fields, organization_id)
    now = clock.now()
    made = [
        models.AuthorizedMac(
            tenant_id=scope.tenant_id, organization_id=organization_id, mac=mac, user_id=fields.get("user_id"),
            note=note or fields.get("note", ""), is_active=fields.get("is_active", True), expires=fields.get("expires"),
            created=now, last_change=now,
        )
        for mac, note in addresses
    ]  # fmt: skip
    known = models.AuthorizedMac.objects.within(scope).filter(organization_id=organization_id, mac__in=[row.mac for row in made])
    with spoken(SENTENCES), transaction.atomic():
        taken = list(known.values_list("mac", flat=True)[:_TOLD])
        if taken:
            raise Conflict.field("mac", f"{', '.join(taken)} {_TAKEN}")
        models.AuthorizedMac.unscoped.bulk_create(made)
        _assign(made, chosen)
    return mac_queries.get_many(scope, [row.pk for row in made])


@transaction.atomic
def update(scope: Scope, mac_id: int, *, fields: MacFields) -> AuthorizedMac:
    """Change what `fields` names. Raises NotFound, Invalid; then nothing is changed."""
    mac_rules.check(fields)
    row = _locked(scope, mac_id)
    _check_user(scope, fields)
    if "profile" in fields:
        chosen = _profiles(scope, fields, row.organization_id)
        models.AuthorizedMacProfile.objects.filter(mac_id=row.pk, tenant_id=row.tenant_id).delete()
        _assign([row], chosen)
    for name in ("user_id", "note", "is_active", "expires"):
        if name in fields:
            setattr(row, name, fields[name])
    row.last_change = clock.now()
    row.save(force_update=True)
    return mac_queries.get(scope, mac_id)


@transaction.atomic
def delete(scope: Scope, mac_id: int) -> None:
    """Let a device in no more, from its next sign-in on. Raises NotFound."""
    _locked(scope, mac_id).delete()


def _locked(scope: Scope, mac_id: int) -> models.AuthorizedMac:
    row = mac_queries.reachable(scope).select_for_update(of=("self",)).filter(pk=mac_id).first()
    if row is None:
        raise NotFound(mac_queries.GONE)
    return row


def _check_user(scope: Scope, fields: MacFields) -> None:
    user_id = fields.get("user_id")
    if user_id is not None:
        try:
            users.get(scope, user_id)
        except NotFound:
            raise Invalid.field("user", "there is no such user") from None


def _profiles(scope: Scope, fields: MacFields, organization_id: int) -> list[int]:
    wanted = fields.get("profile", [])
    above = organizations.ancestor_ids(scope, organization_id)
    found = profiles.resolve(scope, wanted, organization_ids=above) if wanted else {}
    unknown = [name for name in wanted if name.lower() not in found]
    if unknown:
        raise Invalid.field("profile", f"there is no profile {unknown[0]!r}")
    return list(dict.fromkeys(found[name.lower()] for name in wanted))


def _assign(rows: Sequence[models.AuthorizedMac], chosen: Sequence[int]) -> None:
    models.AuthorizedMacProfile.objects.bulk_create(
        models.AuthorizedMacProfile(tenant_id=row.tenant_id, mac_id=row.pk, profile_id=profile_id, position=position)
        for row in rows
        for position, profile_id in enumerate(chosen)
    )
