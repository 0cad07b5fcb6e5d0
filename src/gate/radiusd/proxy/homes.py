"""Home servers, pools and realms as kept in memory: small, and slow to change."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from gate.core import seal
from gate.database.link import Link
from gate.protocols.radius import dictionary
from gate.realms import rules
from gate.realms.types import HealthMode, Mode, Transport, WhenDead

log = logging.getLogger(__name__)

Port = Literal["authentication", "accounting"]

LONGEST: Final = 30.0
"""Seconds a request may wait for one server (the MRD of RFC 5080 section 2.2.1): no NAS waits that long."""

_SERVERS: Final = """
SELECT id, tenant_id, name, host, transport, auth_port, acct_port, tls_name, secret_sealed, message_authenticator, timeout, tries,
       health, zombie_period, check_interval, revive_after
FROM realms_homeserver WHERE is_active
"""
_POOLS: Final = """
SELECT p.id, p.name, p.mode, p.reply_attributes,
       ARRAY(SELECT m.server_id FROM realms_poolserver m WHERE m.pool_id = p.id ORDER BY m.position)
FROM realms_pool p
"""
_REALMS: Final = """
SELECT r.id, r.tenant_id, r.organization_id, r.name, r.pool_id, r.strip, r.accounting, r.when_dead
FROM realms_realm r JOIN organizations_organization o ON o.id = r.organization_id
WHERE r.is_active AND o.is_active AND NOT o.deleted
"""


@dataclass(frozen=True, slots=True)
class Home:
    """A home server. Times are seconds."""

    id: int
    tenant_id: int
    name: str
    host: str
    transport: Transport
    auth_port: int
    acct_port: int
    tls_name: str
    secret: bytes = field(repr=False)
    require_message_authenticator: bool
    timeout: float
    tries: int
    health: HealthMode
    zombie_period: float
    check_interval: float
    revive_after: float

    @property
    def patience(self) -> float:
        """Seconds until a request is given up there, whatever the settings multiply to."""
        return min(self.timeout * float(2**self.tries - 1), LONGEST)

    def port(self, port: Port) -> int:
        """The number of its port; by TLS there is one for both."""
        return self.auth_port if port == "authentication" or self.transport == "tls" else self.acct_port


@dataclass(frozen=True, slots=True)
class Pool:
    """Home servers in their order."""

    id: int
    name: str
    mode: Mode
    homes: tuple[int, ...]
    allowed: frozenset[tuple[int, int]] | None
    """(vendor, number) of the attributes of replies that reach the NAS; None: all."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a realm leads to."""

    id: int
    tenant_id: int
    organization_id: int
    name: str
    pool: Pool | None
    """None: GATE answers itself."""
    strip: bool
    accounting: bool
    when_dead: WhenDead
    mark: bytes
    """The Proxy-State of what goes this way, so that what comes back by a loop is known."""


@dataclass(frozen=True, slots=True)
class Homes:
    """All of them. Replaced, never changed in place."""

    servers: Mapping[int, Home] = field(default_factory=dict)
    pools: Mapping[int, Pool] = field(default_factory=dict)
    routes: Mapping[int, Mapping[str, Route]] = field(default_factory=dict)
    """By organization, then by name."""

    def tables(self) -> "Callable[[str], rules.Table[Route] | None]":
        """Gives the table that holds at an organization's place in the tree; None where no realm does."""
        made: dict[tuple[int, ...], rules.Table[Route]] = {}

        def table(path: str) -> rules.Table[Route] | None:
            levels = rules.levels(path, self.routes)
            if not levels:
                return None
            if levels not in made:
                made[levels] = rules.Table([self.routes[number] for number in levels])
            return made[levels]

        return table


async def load(link: Link) -> Homes:
    """Read all of them. Raises LinkLost, psycopg.Error."""
    servers = dict(_homes(await link.rows(_SERVERS)))
    pools = {
        number: Pool(number, name, mode, tuple(one for one in members if one in servers), _allowed(name, attributes))
        for number, name, mode, attributes, members in await link.rows(_POOLS)
    }
    routes: dict[int, dict[str, Route]] = {}
    for number, tenant, organization, name, pool, strip, accounting, when_dead in await link.rows(_REALMS):
        # A pool made since the pools were read comes with the next notice; until then the realm has nobody to ask.
        held = None if pool is None else pools.get(pool, Pool(pool, "", "failover", (), None))
        route = Route(number, tenant, organization, name, held, strip, accounting, when_dead, _mark(number))
        routes.setdefault(organization, {})[rules.realm_key(name)] = route
    return Homes(servers, pools, routes)


def _homes(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[int, Home]]:
    for number, tenant, name, host, transport, auth_port, acct_port, tls_name, sealed, signing, *times in rows:
        try:
            secret = seal.unseal(sealed, purpose="home-server-secret", row=f"home-server:{number}")
        except seal.SealError as error:
            log.error("Home server %s is not used: its shared secret cannot be opened: %s", name, error)  # noqa: TRY400
            continue
        required = signing == "require"
        yield number, Home(number, tenant, name, host, transport, auth_port, acct_port, tls_name, secret, required, *times)


def _allowed(pool: str, names: str) -> frozenset[tuple[int, int]] | None:
    found = set()
    for name in rules.attribute_names(names):
        attribute = dictionary.by_name(name)
        if attribute is None:
            log.warning("Pool %s lets %s through, which the dictionary does not know", pool, name)
        else:
            found.add((attribute.vendor, attribute.number))
    return frozenset(found) if names else None


def _mark(realm_id: int) -> bytes:
    """Nobody else's, and for each realm another: a request may well come twice by two realms of one install."""
    return hashlib.blake2b(str(realm_id).encode(), digest_size=12, key=seal.key("proxy-state")).digest()
