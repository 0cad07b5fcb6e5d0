"""Writes the demo tenant through the rooms' commands: what is missing is made, what is there is put back to what plan.py says.

Passwords and the token are made anew each time, since nobody can read the stored ones back; the NAS secrets are kept, because
somebody may have typed them into a device. What else was added to the tenant is left alone.
"""

import dataclasses
import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Final

from gate.attributes import RadiusDictionary
from gate.core import seal
from gate.core.errors import Conflict, NotFound
from gate.core.tenancy import Scope
from gate.credit import commands as credit
from gate.credit import queries as balances
from gate.demo import plan, traffic
from gate.demo.types import ACTOR, Account, Client, DemoError, Tenant
from gate.nas import commands as nas_commands
from gate.nas import models as nas_models
from gate.nas import queries as nas_queries
from gate.nas.rules import SECRET_ALPHABET
from gate.nas.types import NasDraft
from gate.organizations import commands as organization_commands
from gate.organizations import queries as organization_queries
from gate.organizations.types import OrganizationFields
from gate.places import commands as place_commands
from gate.places import queries as place_queries
from gate.places.types import AccessDeviceDraft, AccessPoint, AccessPointDraft, Location, LocationDraft
from gate.portals import commands as portal_commands
from gate.portals import queries as portal_queries
from gate.portals.types import PortalDraft
from gate.profiles import commands as profile_commands
from gate.profiles import queries as profile_queries
from gate.profiles.types import ProfileFields
from gate.tokens import commands as token_commands
from gate.tokens import queries as token_queries
from gate.users import commands as user_commands
from gate.users import extras
from gate.users import queries as user_queries
from gate.users.types import UserExtraFilter, UserFields

TOKEN_NAME: Final = "gate demo"  # noqa: S105  what the token is called
PASSWORD_LENGTH: Final = 16
_ALL: Final = 100_000
"""Rows of a list looked through for those of the plan."""


def fill(*, now: dt.datetime) -> Tenant:
    """Make or mend the tenant, all but its sessions; within the caller's transaction. Raises DemoError, GateError."""
    organizations = _organizations()
    scope = _scope(organizations[plan.ROOT])
    _profiles(scope, organizations)
    locations = _locations(scope, organizations)
    points = _access_points(scope, organizations, locations)
    _access_devices(scope, organizations, locations)
    _portals(scope, organizations)
    nas, staff = _nas(scope, organizations, locations), _staff(scope, organizations)
    subscribers = _subscribers(scope, organizations, now=now)
    _extras(scope, subscribers)
    return Tenant(
        scope=scope, organizations=organizations, points=points, nas=nas, staff=staff, subscribers=subscribers,
        token=_token(scope), now=now,
    )  # fmt: skip


def restore_credit(tenant: Tenant) -> None:
    """Give every subscriber the seconds the plan says, whatever was used or given meanwhile."""
    for subscriber in plan.SUBSCRIBERS:
        user = tenant.subscribers[subscriber.username].user
        credit.set_balance(tenant.scope, user.id, seconds=subscriber.credit, reason="operator", actor=ACTOR)


def _scope(root: int) -> Scope:
    return organization_queries.scope_of(root, permissions=frozenset({"*"}), actor=ACTOR)


def _organizations() -> dict[str, int]:
    made: dict[str, int] = {}
    for node in plan.ORGANIZATIONS:
        fields: OrganizationFields = {
            "name": node.name, "short_name": node.short_name, "display_name": node.name, "description": node.description,
            "is_active": True, "country_code": node.country_code, "timezone": node.timezone, "currency": "EUR",
            "language": node.language, "industry": "Hotels", "plan": plan.PLAN,
            "recoverable_passwords": node.recoverable_passwords,
        }  # fmt: skip
        if node.parent is None:
            made[node.short_name] = _root(fields)
            continue
        scope = _scope(made[plan.ROOT])
        found = organization_queries.resolve(scope, short_name=node.short_name)
        if found is None:
            found = organization_commands.create_child(scope, parent_id=made[node.parent], fields=fields).id
        else:
            organization_commands.update(scope, found, fields=fields)
        made[node.short_name] = found
    return made


def _root(fields: OrganizationFields) -> int:
    found = organization_queries.find_root(plan.ROOT)
    if found is None:
        return organization_commands.create_root(fields).id
    scope = _scope(found)
    if organization_queries.get(scope, found).plan != plan.PLAN:
        raise DemoError(
            f"There is an organization {plan.ROOT} already which gate demo has not made: give it another short name, then run"
            " gate demo again. Nothing was changed."
        )
    organization_commands.update(scope, found, fields=fields)
    return found


def _profiles(scope: Scope, organizations: Mapping[str, int]) -> None:
    for profile in plan.PROFILES:
        fields: ProfileFields = {
            "name": profile.name, "short_name": profile.short_name, "description": profile.description,
            "reply_attribute": profile.replies, "check_attribute": profile.checks,
            "organization_id": organizations[profile.organization],
        }  # fmt: skip
        found = profile_queries.list_page(scope, limit=1, offset=0, short_name=profile.short_name)
        if found:
            profile_commands.update(scope, found[0].id, fields=fields, dictionary=RadiusDictionary())
        else:
            profile_commands.create(scope, fields=fields, dictionary=RadiusDictionary())


def _locations(scope: Scope, organizations: Mapping[str, int]) -> dict[str, Location]:
    held = {row.short_name.lower(): row.id for row in place_queries.list_locations(scope, limit=_ALL).results}
    made = {}
    for site in plan.SITES:
        draft = LocationDraft(
            organization_id=organizations[site.organization], name=site.name, short_name=site.short_name, address=site.address,
            city=site.city, postal_code=site.postal_code, country_code=site.country_code, latitude=site.latitude,
            longitude=site.longitude,
        )  # fmt: skip
        found = held.get(site.short_name)
        made[site.short_name] = (
            place_commands.create_location(scope, draft=draft)
            if found is None
            else place_commands.update_location(scope, location_id=found, draft=draft)
        )
    return made


def _access_points(scope: Scope, organizations: Mapping[str, int], locations: Mapping[str, Location]) -> dict[str, AccessPoint]:
    held = {row.short_name.lower(): row.id for row in place_queries.list_access_points(scope, limit=_ALL).results}
    made = {}
    for number, point in enumerate(plan.ACCESS_POINTS):
        site, location = _site(point.site), locations[point.site]
        draft = AccessPointDraft(
            organization_id=organizations[site.organization], name=point.name, short_name=point.short_name,
            location_id=location.id, mac_addr=point.mac, address=site.address, city=site.city, postal_code=site.postal_code,
            country_code=site.country_code, longitude=site.longitude,
            # Some metres apart, so that a map shows each.
            latitude=site.latitude + number % 5 * plan.STEP,
        )  # fmt: skip
        found = held.get(point.short_name)
        made[point.short_name] = (
            place_commands.create_access_point(scope, draft=draft)
            if found is None
            else place_commands.update_access_point(scope, access_point_id=found, draft=draft)
        )
    return made


def _access_devices(scope: Scope, organizations: Mapping[str, int], locations: Mapping[str, Location]) -> None:
    held = {row.short_name.lower(): row.id for row in place_queries.list_access_devices(scope, limit=_ALL).results}
    for device in plan.ACCESS_DEVICES:
        site, location = _site(device.site), locations[device.site]
        draft = AccessDeviceDraft(
            organization_id=organizations[site.organization], name=device.name, short_name=device.short_name,
            reference=device.reference, location_id=location.id, address=site.address, city=site.city,
            postal_code=site.postal_code, country_code=site.country_code, latitude=site.latitude, longitude=site.longitude,
        )  # fmt: skip
        found = held.get(device.short_name)
        if found is None:
            place_commands.create_access_device(scope, draft=draft)
        else:
            place_commands.update_access_device(scope, access_device_id=found, draft=draft)


def _portals(scope: Scope, organizations: Mapping[str, int]) -> None:
    for portal in plan.PORTALS:
        organization_id = organizations[portal.organization]
        (profile,) = profile_queries.list_page(scope, limit=1, offset=0, short_name=portal.profile)
        draft = PortalDraft(
            organization_id=organization_id, name=portal.name, short_name=portal.short_name, register_unknown=True,
            profile_id=profile.id, session_timeout=portal.session_timeout, idle_timeout=portal.idle_timeout,
        )  # fmt: skip
        # The one guests of the hotel meet; that of an organization above is not the hotel's.
        mac = next(point.mac for point in plan.ACCESS_POINTS if _site(point.site).organization == portal.organization)
        met = portal_queries.site(scope, ap_mac=mac).portal
        stored = None if met is None else portal_queries.get(scope, met.id)
        if stored is None or stored.organization_id != organization_id:
            portal_commands.create(scope, draft=draft)
        elif any(getattr(stored, item.name) != getattr(draft, item.name) for item in dataclasses.fields(draft)):
            portal_commands.update(scope, stored.id, draft=draft)


def _nas(scope: Scope, organizations: Mapping[str, int], locations: Mapping[str, Location]) -> dict[str, Client]:
    held = {row.short_name: row.id for row in nas_queries.list_nas(scope, limit=_ALL).results}
    made = {}
    for nas in plan.NETWORKS:
        draft = NasDraft(
            organization_id=organizations[nas.organization], name=nas.name, short_name=nas.short_name, address=nas.address,
            nas_identifier=nas.identifier, vendor=nas.vendor, location_id=locations[nas.site].id,
            description="Made by gate demo.",
        )  # fmt: skip
        try:
            made[nas.short_name] = _one_nas(scope, held.get(nas.short_name), draft)
        except Conflict as error:
            if "address" not in error.fields:
                raise
            raise DemoError(
                f"Another NAS has the address {nas.address} already, and packets from one address belong to one NAS: give it"
                " another address or delete it, then run gate demo again. Nothing was changed."
            ) from error
    return made


def _one_nas(scope: Scope, nas_id: int | None, draft: NasDraft) -> Client:
    if nas_id is None:
        made = nas_commands.create_nas(scope, draft=draft)
        return Client(nas=made.nas, secret=made.secret)
    # Its certificate for RadSec is of this install's CA: no plan knows it, and it works on.
    held = nas_queries.get_nas(scope, nas_id=nas_id)
    draft = dataclasses.replace(draft, radsec_name=held.radsec_name, radsec_fingerprint=held.radsec_fingerprint)
    stored = nas_commands.update_nas(scope, nas_id=nas_id, draft=draft)
    # No query gives a secret away; the demo's own is told again, because its NAS is not a real one.
    rows = nas_models.Nas.objects.within(scope).filter(pk=nas_id)
    sealed = bytes(rows.values_list("secret_sealed", flat=True).get())
    try:
        plain = seal.unseal(sealed, purpose=nas_commands.PURPOSE, row=f"nas:{nas_id}")
    except seal.SealError:
        # Sealed under another secret key: the RADIUS server cannot open it either.
        return Client(nas=stored, secret=nas_commands.rotate_secret(scope, nas_id=nas_id).secret)
    return Client(nas=stored, secret=plain.decode())


def _staff(scope: Scope, organizations: Mapping[str, int]) -> dict[str, Account]:
    return {
        person.username: _account(
            scope,
            role=person.role,
            fields={
                "username": person.username, "organization_id": organizations[person.organization], "is_active": True,
                "first_name": person.first_name, "last_name": person.last_name, "email": f"{person.username}@example.net",
                "description": "Made by gate demo.",
            },
        )
        for person in plan.STAFF
    }  # fmt: skip


def _subscribers(scope: Scope, organizations: Mapping[str, int], *, now: dt.datetime) -> dict[str, Account]:
    made = {}
    for number, person in enumerate(plan.SUBSCRIBERS, start=1):
        name = person.username
        made[name] = _account(
            scope,
            role="device_user",
            fields={
                "username": name, "organization_id": organizations[person.organization], "profile": [person.profile],
                "first_name": person.first_name, "last_name": person.last_name, "external_id": f"DEMO-{number:04}",
                "email": name if "@" in name else f"{name}@example.net", "is_active": person.state != "disabled",
                "expiration": now - traffic.QUIET if person.state == "expired" else None, "description": "Made by gate demo.",
            },
        )  # fmt: skip
    ids = {made[person.username].user.id: person.credit for person in plan.SUBSCRIBERS}
    limited = balances.balances(scope, ids)
    for user_id, seconds in ids.items():
        if (seconds is None) == (user_id in limited):
            # Limited by time with nothing yet, from before the first session: sessions.py grants what they use, and the rest.
            credit.set_balance(
                scope, user_id, seconds=None if seconds is None else 0, reason="operator", actor=ACTOR,
                began=dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
            )  # fmt: skip
    return made


def _extras(scope: Scope, subscribers: Mapping[str, Account]) -> None:
    held = {extra.parent_id: extra for extra in extras.list_page(scope, UserExtraFilter(), limit=_ALL, offset=0)}
    for username, wanted in plan.EXTRAS.items():
        user = subscribers[username].user
        stored = held.get(user.id)
        if stored is None:
            extras.create(scope, fields={**wanted, "parent_id": user.id})
        elif any(getattr(stored, name) != value for name, value in wanted.items()):
            extras.update(scope, stored.id, fields=wanted)


def _account(scope: Scope, *, role: str, fields: UserFields) -> Account:
    password = "".join(secrets.choice(SECRET_ALPHABET) for _ in range(PASSWORD_LENGTH))
    fields["password"] = password
    try:
        found = user_queries.find_id(scope, username=fields["username"])
    except NotFound:
        return Account(user=user_commands.create(scope, fields=fields, role=role), password=password)
    return Account(user=user_commands.replace(scope, found, fields=fields), password=password)


def _token(scope: Scope) -> str:
    held = token_queries.list_page(scope, limit=_ALL, offset=0)
    for token in held:
        if token.name == TOKEN_NAME and token.created_by == ACTOR and token.revoked is None:
            token_commands.revoke(scope, token.id)
    return token_commands.create(scope, name=TOKEN_NAME, permissions=["*"]).plain


def _site(short_name: str) -> plan.Site:
    return next(site for site in plan.SITES if site.short_name == short_name)
