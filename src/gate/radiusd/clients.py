"""Which NAS does a packet come from? By source address, longest prefix first, from memory."""

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gate.radiusd.tallies import Tally

if TYPE_CHECKING:
    from gate.accounting.updates import Update
    from gate.radiusd.request import Request


class Elsewhere(Protocol):
    """Whoever passes requests on to home servers (proxy/)."""

    def sign_in(self, request: "Request", username: str) -> bool:
        """Take a sign-in, if it belongs to one."""

    def account(self, request: "Request", update: "Update") -> bool:
        """Take accounting to be stored and forwarded, if it belongs to one."""

    def restart(self, request: "Request", *, session: bytes) -> "list[tuple[int, int, bytes, bytes, float]]":
        """Rows for the queue (realms/sql.py) that tell of an Accounting-On or -Off, one for each pool that is to hear of it.

        `session` is alike in what tells of the same device, so that Off and On are told in their order.
        """

    def queued(self, count: int) -> None:
        """So many rows were put into the queue."""


@dataclass(frozen=True, slots=True)
class Client:
    """A NAS, as much of it as answering needs."""

    nas_id: int
    tenant_id: int
    organization_id: int
    path: str
    """The organization's place in the tree."""
    location_id: int | None
    address: str
    """Where its packets come from by UDP; empty: it has a certificate for RadSec alone, and is none of `Clients`."""
    secret: bytes = field(repr=False)
    vendor: str
    require_message_authenticator: bool
    learn_message_authenticator: bool = False
    """Whether an address that was seen to send it has to send it from then on (`auto`)."""
    packet_rate: int = 0
    """Packets a second taken from it by each socket; 0: any number."""
    identifier: bytes | None = None
    """The NAS-Identifier that tells it from others behind its address, empty for the one without; None: it is alone there."""
    swapped_octets: bool = False
    """Whether its accounting tells what users received as input, and what they sent as output."""
    name: str = ""
    """Its short name, for people."""
    tally: Tally = field(default_factory=Tally, compare=False, repr=False)
    elsewhere: "Elsewhere | None" = field(default=None, compare=False, repr=False)
    """Sees to what belongs to a home server; None where no realm holds for the NAS."""


class Neighbours:
    """Several NAS behind one address, told apart by NAS-Identifier (RFC 2865 section 5.32).

    The attribute is anybody's word. So who is taken for a NAS by it has to prove that NAS's secret, by Message-Authenticator or
    by an Accounting-Request's authenticator: a password hidden with another secret would else be the only sign (store.py).
    """

    __slots__ = ("_by_identifier",)

    def __init__(self) -> None:
        self._by_identifier: dict[bytes, Client] = {}

    def add(self, client: Client) -> None:
        """One more."""
        self._by_identifier[client.identifier or b""] = client

    def all(self) -> Iterator[Client]:
        """Every one of them."""
        yield from self._by_identifier.values()

    def claimed(self, identifier: bytes | None) -> Client | None:
        """The NAS a packet with this NAS-Identifier says it is from, else the one without; None where there is neither."""
        found = self._by_identifier.get(identifier or b"")
        return self._by_identifier.get(b"") if found is None else found


class Clients:
    """Every active NAS that has an address. Made anew when the table changes, never changed."""

    def __init__(self, clients: Iterable[Client] = ()) -> None:
        tables: dict[tuple[int, int], dict[int, Client | Neighbours]] = {}
        for client in clients:
            network = ipaddress.ip_network(client.address)
            table, number = tables.setdefault((network.version, network.prefixlen), {}), int(network.network_address)
            if client.identifier is None:
                table[number] = client
            else:
                held = table.setdefault(number, Neighbours())
                # The table allows no row alone beside them (nas migration 0003).
                if isinstance(held, Neighbours):
                    held.add(client)
        self._by_version = {
            version: [
                (bits - length, table)
                for (held, length), table in sorted(tables.items(), key=lambda entry: entry[0], reverse=True)
                if held == version
            ]
            for version, bits in ((4, 32), (6, 128))
        }
        self._seen: dict[str, Client | Neighbours | None] = {}

    def find(self, address: str) -> Client | Neighbours | None:
        """The NAS with the longest prefix over `address`, as the socket gives it. IPv4 mapped into IPv6 counts as IPv4."""
        try:
            return self._seen[address]
        except KeyError:
            client = self._search(address)
            # Bounded: spoofed source addresses must not fill the memory.
            if len(self._seen) < 100_000:
                self._seen[address] = client
            return client

    def all(self) -> Iterator[Client]:
        """Every one of them."""
        for tables in self._by_version.values():
            for _, table in tables:
                for held in table.values():
                    yield from (held,) if isinstance(held, Client) else held.all()

    def _search(self, address: str) -> Client | Neighbours | None:
        version, number = _number(address)
        for shift, table in self._by_version[version]:
            client = table.get(number >> shift << shift)
            if client is not None:
                return client
        return None


def _number(address: str) -> tuple[int, int]:
    plain = address.partition("%")[0]
    if ":" not in plain:
        return 4, int.from_bytes(socket.inet_pton(socket.AF_INET, plain), "big")
    packed = socket.inet_pton(socket.AF_INET6, plain)
    if packed[:12] == b"\0" * 10 + b"\xff\xff":
        return 4, int.from_bytes(packed[12:], "big")
    return 6, int.from_bytes(packed, "big")
