"""What crosses this room's border. A shared secret does so never: who adds a home server brings it along."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Transport = Literal["udp", "tls"]
HealthMode = Literal["status", "answers"]
Mode = Literal["failover", "balance"]
WhenDead = Literal["silent", "reject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownServer:
    """A home server and what the RADIUS server last found of its port for sign-ins."""

    name: str
    state: str
    """`unknown` (nothing was sent there yet), `alive`, `zombie` (asked after others) or `dead` (not asked)."""
    last_answer: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A realm and the home servers that decide for it."""

    realm: str
    organization_id: int
    """Whose realm it is: that of the NAS's organization, or of one above it."""
    organization: str
    pool: str
    mode: Mode
    when_dead: WhenDead
    servers: tuple[KnownServer, ...]
    """In the order in which they would be asked; where devices are spread, each device begins with one of its own."""

    @property
    def is_answered(self) -> bool:
        """Whether any of them would be asked."""
        return any(server.state != "dead" for server in self.servers)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeServerDraft:
    """Everything a caller may say about a home server but its secret."""

    organization_id: int
    name: str
    host: str
    """Address or host name."""
    description: str = ""
    transport: Transport = "udp"
    auth_port: int = 1812
    acct_port: int = 1813
    tls_name: str = ""
    """Name its certificate has to be for; empty: the host."""
    message_authenticator: Literal["require", "off"] = "require"
    """Whether answers to Access-Requests have to carry it. Where EAP is answered they always have to (RFC 3579 section 3.2)."""
    timeout: float = 2.0
    """Seconds until an unanswered request is sent again; doubled each time."""
    tries: int = 2
    """How often it is sent before the next server is asked."""
    health: HealthMode = "status"
    zombie_period: float = 20.0
    """Seconds without any answer after which a server that left a request unanswered counts as dead."""
    check_interval: float = 10.0
    """Seconds between two Status-Server."""
    revive_after: float = 60.0
    """Seconds after which a dead server that is not asked by Status-Server is tried again."""
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeServer(HomeServerDraft):
    """A stored home server."""

    id: int
    created: dt.datetime
    last_change: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDraft:
    """Everything a caller may say about a pool."""

    organization_id: int
    name: str
    description: str = ""
    mode: Mode = "failover"
    reply_attributes: str = ""
    """Names of the attributes that reach the NAS, separated by commas; empty: all."""
    servers: tuple[str, ...] = ()
    """Names of its home servers, the first counts first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool(PoolDraft):
    """A stored pool."""

    id: int
    created: dt.datetime
    last_change: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmDraft:
    """Everything a caller may say about a realm."""

    organization_id: int
    name: str
    """`example.edu`, `*.edu` (everything below edu), or `DEFAULT`: every realm that nothing else names."""
    description: str = ""
    pool_id: int | None = None
    """None: GATE answers itself, whatever a realm further up says."""
    strip: bool = False
    """The home server gets the user name without the realm."""
    accounting: bool = True
    when_dead: WhenDead = "silent"
    """What becomes of a sign-in when no server of the pool answers: unanswered, or refused."""
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Realm(RealmDraft):
    """A stored realm."""

    id: int
    created: dt.datetime
    last_change: dt.datetime
