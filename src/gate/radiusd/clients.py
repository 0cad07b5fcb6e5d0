"""Which NAS does a packet come from? By source address, longest prefix first, from memory."""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field


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
    secret: bytes = field(repr=False)
    vendor: str
    require_message_authenticator: bool


class Clients:
    """Every active NAS. Made anew when the table changes, never changed."""

    def __init__(self, clients: Iterable[Client] = ()) -> None:
        tables: dict[tuple[int, int], dict[int, Client]] = {}
        for client in clients:
            network = ipaddress.ip_network(client.address)
            tables.setdefault((network.version, network.prefixlen), {})[int(network.network_address)] = client
        self._by_version = {
            version: [
                (bits - length, table)
                for (held, length), table in sorted(tables.items(), key=lambda entry: entry[0], reverse=True)
                if held == version
            ]
            for version, bits in ((4, 32), (6, 128))
        }
        self._seen: dict[str, Client | None] = {}

    def find(self, address: str) -> Client | None:
        """The NAS with the longest prefix over `address`, as the socket gives it. IPv4 mapped into IPv6 counts as IPv4."""
        try:
            return self._seen[address]
        except KeyError:
            client = self._search(address)
            # Bounded: spoofed source addresses must not fill the memory.
            if len(self._seen) < 100_000:
                self._seen[address] = client
            return client

    def _search(self, address: str) -> Client | None:
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
