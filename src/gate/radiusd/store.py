"""What the RADIUS server keeps in memory: NAS and secrets, organizations, access points, profiles. Small, slow to change.

Filled whole at the start, and again a table at a time when PostgreSQL says that it changed (LISTEN gate_changed), whole after
every lost connection (notices are lost meanwhile), and at the latest after MAX_AGE. Users are never kept.
"""

import asyncio
import datetime as dt
import logging
import zoneinfo
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

from gate.access.profile_facts import SELECT, profile_facts
from gate.access.types import ProfileFacts
from gate.attributes import canonical
from gate.core import seal
from gate.database.link import Link, LinkLost
from gate.protocols.eap.tunnel import Trusted
from gate.radiusd.clients import Client, Clients, Elsewhere
from gate.radiusd.proxy.homes import Homes
from gate.radiusd.proxy.homes import load as load_homes
from gate.radiusd.radsec.bindings import Bindings
from gate.radiusd.tallies import Tallies

log = logging.getLogger(__name__)

MAX_AGE = 60.0
"""Seconds until everything is read again, were every notice lost."""

_CLIENTS = """
SELECT n.id, n.short_name, n.tenant_id, n.organization_id, o.path::text, n.location_id, coalesce(n.address::text, ''),
       n.secret_sealed, n.vendor, n.message_authenticator, n.packet_rate,
       CASE WHEN n.by_identifier THEN n.nas_identifier END, n.swapped_octets,
       n.radsec_name, n.radsec_fingerprint, (SELECT array_agg(host(address)) FROM unnest(p.signers) AS u (address))
FROM nas_nas n JOIN organizations_organization o ON o.id = n.organization_id LEFT JOIN nas_posture p ON p.nas_id = n.id
WHERE n.is_active AND o.is_active AND NOT o.deleted
"""
_ACCESS_POINTS = """
SELECT tenant_id, mac_addr, id, organization_id, location_id FROM places_accesspoint WHERE mac_addr IS NOT NULL
"""
_AUTHORITIES_MARK = "SELECT id, xmin::text FROM organizations_authority ORDER BY id"
_AUTHORITIES = "SELECT tenant_id, certificate, crl FROM organizations_authority ORDER BY id"
_ORGANIZATIONS = "SELECT id, recoverable_passwords, timezone FROM organizations_organization WHERE is_active AND NOT deleted"
_USERS_COUNTED = "SELECT EXISTS (SELECT FROM users_user WHERE max_sessions IS NOT NULL)"

AccessPoint = tuple[int, int, int | None]
"""Id, organization, location."""


class Store:
    """The tables. Replaced, never changed in place, so that a request sees one state throughout."""

    def __init__(self, link: Link, *, packet_rate: int = 0) -> None:
        self._link = link
        self._packet_rate = packet_rate
        self.clients = Clients()
        """The NAS that have an address: whom packets by UDP may come from."""
        self.bindings = Bindings()
        """The NAS that have a certificate for RadSec."""
        self.tallies = Tallies()
        """What is counted by NAS; kept when the tables are replaced."""
        self.organizations: frozenset[int] = frozenset()
        """The active ones."""
        self.recoverable: frozenset[int] = frozenset()
        """Those that keep recoverable passwords. Switched off, what was kept counts no more, before a job has forgotten it."""
        self.zones: dict[int, dt.tzinfo] = {}
        """Time zones of organizations, where it is not UTC."""
        self.counted: frozenset[int] = frozenset()
        """Profiles that limit how many sessions are open at once."""
        self.users_counted = False
        """Whether any user has such a limit of their own."""
        self.access_points: dict[tuple[int, str], AccessPoint] = {}
        self.profiles: dict[int, ProfileFacts] = {}
        self.homes = Homes()
        """Home servers and the realms that lead to them."""
        self.elsewhere: Callable[[Homes], Callable[[str], Elsewhere | None]] = lambda _: lambda _: None
        """Gives what sees to realms, by an organization's place in the tree (proxy/proxy.py)."""
        self.authorities: dict[int, tuple[Trusted, ...]] = {}
        """Tenants' own CAs of clients, with their CRLs. A tenant's are the same object for as long as they are the same."""
        self._authorities_mark: list[tuple[Any, ...]] = []
        self._loaders: dict[str, Callable[[], Awaitable[None]]] = {
            "nas_nas": self._load_clients,
            "organizations_organization": self._load_organizations,
            "organizations_authority": self._load_authorities,
            "places_accesspoint": self._load_access_points,
            "profiles_profile": self._load_profiles,
            "realms_homeserver": self._load_homes,
            "realms_pool": self._load_homes,
            "realms_poolserver": self._load_homes,
            "realms_realm": self._load_homes,
            "users_user.max_sessions": self._load_users_counted,
        }

    def trusted(self, tenant_id: int) -> tuple[Trusted, ...] | None:
        """A tenant's own CAs of clients, None where it has none."""
        return self.authorities.get(tenant_id)

    async def load(self) -> None:
        """Read everything. Raises LinkLost."""
        await self._load_organizations()
        await self._load_access_points()
        await self._load_profiles()
        await self._load_authorities()
        await self._load_users_counted()

    async def watch(self) -> None:
        """Follow changes until cancelled; a lost connection is made again and everything read anew."""
        while True:
            try:
                await self._follow()
            except (LinkLost, psycopg.Error) as error:
                log.warning("Lost the connection that tells of changes, reading everything again: %s", error)
                await asyncio.sleep(0.2)

    async def _follow(self) -> None:
        connection = await self._link.connection()
        await connection.execute("LISTEN gate_changed")
        await self.load()
        while True:
            changed: set[str] = set()
            async for notice in connection.notifies(timeout=MAX_AGE, stop_after=1):
                changed.add(notice.payload)
            if not changed:
                await self.load()
                continue
            # A form saves several tables: take what came with the first notice before reading.
            async for notice in connection.notifies(timeout=0.005):
                changed.add(notice.payload)
            for load in {self._loaders[table] for table in changed if table in self._loaders}:
                await load()

    async def _load_organizations(self) -> None:
        """And the NAS, which carry their organization's place in the tree and are served while it is active."""
        rows = await self._link.rows(_ORGANIZATIONS)
        self.organizations = frozenset(number for number, _, _ in rows)
        self.recoverable = frozenset(number for number, recoverable, _ in rows if recoverable)
        self.zones = {number: _zone(name) for number, _, name in rows if name != "UTC"}
        await self._load_homes()

    async def _load_homes(self) -> None:
        """And the NAS, which know whether a realm holds for them."""
        self.homes = await load_homes(self._link)
        await self._load_clients()

    async def _load_clients(self) -> None:
        clients: list[Client] = []
        elsewhere = self.elsewhere(self.homes)
        bound: list[tuple[Client, str, str]] = []
        for row in await self._link.rows(_CLIENTS):
            nas_id, name, tenant_id, organization_id, path, location_id, address, sealed, vendor, *rest = row
            signing, rate, identifier, swapped, radsec_name, fingerprint, known = rest
            try:
                secret = seal.unseal(sealed, purpose="nas-secret", row=f"nas:{nas_id}")
            except seal.SealError as error:
                log.error("NAS %s is not served: its shared secret cannot be opened: %s", nas_id, error)  # noqa: TRY400
                continue
            tally = self.tallies[nas_id]
            tally.known(known or [])
            clients.append(
                Client(
                    nas_id=nas_id, tenant_id=tenant_id, organization_id=organization_id, path=path, location_id=location_id,
                    address=address, secret=secret, vendor=vendor,
                    # One of several behind an address proves by it which one it is (clients.py).
                    require_message_authenticator=signing == "require" or identifier is not None,
                    learn_message_authenticator=signing == "auto",
                    packet_rate=self._packet_rate if rate is None else rate,
                    identifier=None if identifier is None else identifier.encode(), swapped_octets=swapped, name=name,
                    tally=tally, elsewhere=elsewhere(path),
                )
            )  # fmt: skip
            if radsec_name or fingerprint:
                bound.append((clients[-1], radsec_name, fingerprint))
        self.clients = Clients(client for client in clients if client.address)
        self.bindings = Bindings(bound)

    async def _load_authorities(self) -> None:
        """All of them where any row is another than it was: lists of revoked certificates are long, and seldom change."""
        mark = await self._link.rows(_AUTHORITIES_MARK)
        if mark == self._authorities_mark:
            return
        found: dict[int, list[Trusted]] = {}
        for tenant, certificate, crl in await self._link.rows(_AUTHORITIES):
            found.setdefault(tenant, []).append((certificate.encode(), crl.encode() if crl else None))
        held = {tenant: tuple(trusted) for tenant, trusted in found.items()}
        self.authorities = {
            tenant: self.authorities[tenant] if self.authorities.get(tenant) == trusted else trusted
            for tenant, trusted in held.items()
        }
        self._authorities_mark = mark

    async def _load_access_points(self) -> None:
        rows = await self._link.rows(_ACCESS_POINTS)
        self.access_points = {
            (tenant, mac): (number, organization, location) for tenant, mac, number, organization, location in rows
        }

    async def _load_profiles(self) -> None:
        profiles: dict[int, ProfileFacts] = {}
        for row in await self._link.rows(SELECT):
            number = row[0]
            try:
                profiles[number] = profile_facts(row, canonical=canonical)
            except (TypeError, KeyError) as error:
                # Not in memory, it refuses its own users (replies.UNKNOWN_PROFILE) and nobody else's.
                log.error("Profile %s cannot be read and refuses whoever has it: %r", number, error)  # noqa: TRY400
        self.profiles = profiles
        self.counted = frozenset(number for number, one in profiles.items() if one.limits.max_sessions is not None)

    async def _load_users_counted(self) -> None:
        ((self.users_counted,),) = await self._link.rows(_USERS_COUNTED)


def _zone(name: str) -> dt.tzinfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        log.warning("There is no time zone %s; its organization's hours are taken for UTC", name)
        return dt.UTC
