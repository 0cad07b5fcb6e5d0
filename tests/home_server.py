"""A home server for tests, in a thread: answers as it is told to, and remembers what it was asked. And realms that lead to it."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from gate.core import seal
from gate.protocols.radius import pap, signing
from gate.protocols.radius.packet import Packet, encode_attribute
from radius_server import Committed, Server, until

SECRET = b"of GATE and the home server".replace(b" ", b"-")
REQUEST, ACCEPT, REJECT, ACCOUNTING, ACKNOWLEDGED, CHALLENGE, STATUS = 1, 2, 3, 4, 5, 11, 12

Replies = Callable[["HomeServer", Packet], list[bytes]]


class HomeServer:
    """Port of authentication and of accounting."""

    def __init__(self, name: str = "home", *, secret: bytes = SECRET) -> None:
        self.name = name
        self.secret = secret
        self.sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for bound in self.sockets:
            bound.bind(("127.0.0.1", 0))
        self.auth_port, self.acct_port = (int(bound.getsockname()[1]) for bound in self.sockets)
        self.asked: list[Packet] = []
        """But Status-Server."""
        self.source: Any = None
        """Where the latest request came from."""
        self.probes = 0
        self.is_mute = False
        self.answers_status = True
        self.replies: Replies = lambda home, packet: [home.reply(packet, home.usual(packet))]
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, name=f"home server {name}")
        self._thread.start()

    def usual(self, packet: Packet) -> int:
        """Accepts the password `right`, and acknowledges."""
        if packet.code == ACCOUNTING:
            return ACKNOWLEDGED
        hidden = packet.get(2)
        right = hidden is not None and pap.decrypt(hidden, self.secret, packet.authenticator) == b"right"
        return ACCEPT if right else REJECT

    def reply(
        self, packet: Packet, code: int, *attributes: bytes, secret: bytes | None = None, identifier: int | None = None
    ) -> bytes:
        """A signed answer; with every Proxy-State of the request."""
        states = b"".join(encode_attribute(33, value) for value in packet.get_all(33))
        return signing.response(
            code=code, identifier=packet.identifier if identifier is None else identifier,
            request_authenticator=packet.authenticator, secret=secret or self.secret, attributes=b"".join(attributes) + states,
            message_authenticator=code != ACKNOWLEDGED,
        )  # fmt: skip

    def of(self, code: int) -> list[Packet]:
        """The requests of a kind so far."""
        return [packet for packet in self.asked if packet.code == code]

    def close(self) -> None:
        self._stopped = True
        self._thread.join(5)
        for bound in self.sockets:
            bound.close()

    def _serve(self) -> None:
        while not self._stopped:
            for ready in select.select(self.sockets, [], [], 0.02)[0]:
                data, source = ready.recvfrom(4097)
                packet = Packet.parse(data)
                if packet.code == ACCOUNTING:
                    signing.verify_accounting_request(data, self.secret)
                else:
                    assert signing.verify_message_authenticator(data, self.secret), "not signed"
                if packet.code == STATUS:
                    self.probes += 1
                    if self.answers_status and not self.is_mute:
                        ready.sendto(self.reply(packet, ACCEPT if ready is self.sockets[0] else ACKNOWLEDGED), source)
                    continue
                self.source = source
                self.asked.append(packet)
                for reply in [] if self.is_mute else self.replies(self, packet):
                    ready.sendto(reply, source)


@contextlib.contextmanager
def home_servers(*names: str) -> Iterator[list[HomeServer]]:
    made = [HomeServer(name) for name in names]
    try:
        yield made
    finally:
        for one in made:
            one.close()


def lead(
    committed: Committed, realm: str, homes: list[Any], *, organization: str = "acme", mode: str = "failover",
    when_dead: str = "silent", strip: bool = False, accounting: bool = True, attributes: str = "", health: str = "answers",
    **columns: Any,
) -> int:  # fmt: skip
    """A realm that leads to these home servers (whatever has `auth_port`, `acct_port` and `secret`); its id."""
    tenant = committed.world.organizations["rival" if organization.startswith("rival") else "acme"]
    here = committed.world.organizations[organization]
    held = {"host": "127.0.0.1", "transport": "udp", "tls_name": ""}
    held |= {"timeout": 0.4, "tries": 2, "zombie_period": 0.3, "check_interval": 0.1, "revive_after": 60.0} | columns
    pool = committed.one(
        "INSERT INTO realms_pool (tenant_id, organization_id, name, description, mode, reply_attributes, created, last_change)"
        " VALUES (%s, %s, %s, '', %s, %s, now(), now()) RETURNING id",
        tenant, here, f"pool of {realm}", mode, attributes,
    )  # fmt: skip
    for position, home in enumerate(homes):
        number = committed.one(
            "INSERT INTO realms_homeserver (tenant_id, organization_id, name, description, host, transport, auth_port, acct_port,"
            " tls_name, secret_sealed, message_authenticator, timeout, tries, health, zombie_period, check_interval,"
            " revive_after, is_active, created, last_change)"
            " VALUES (%s, %s, %s, '', %s, %s, %s, %s, %s, '', 'require', %s, %s, %s, %s, %s, %s, false, now(), now())"
            " RETURNING id",
            tenant, here, f"{home.name}.{realm}", held["host"], held["transport"], home.auth_port, home.acct_port,
            held["tls_name"], held["timeout"], held["tries"], health, held["zombie_period"], held["check_interval"],
            held["revive_after"],
        )  # fmt: skip
        sealed = seal.seal(home.secret, purpose="home-server-secret", row=f"home-server:{number}")
        committed.all("UPDATE realms_homeserver SET secret_sealed = %s, is_active = true WHERE id = %s", sealed, number)
        committed.all(
            "INSERT INTO realms_poolserver (tenant_id, pool_id, server_id, position) VALUES (%s, %s, %s, %s)",
            tenant, pool, number, position,
        )  # fmt: skip
    return int(committed.one(
        "INSERT INTO realms_realm (tenant_id, organization_id, name, description, pool_id, strip, accounting, when_dead,"
        " is_active, created, last_change) VALUES (%s, %s, %s, '', %s, %s, %s, %s, true, now(), now()) RETURNING id",
        tenant, here, realm, pool, strip, accounting, when_dead,
    ))  # fmt: skip


def known(server: Server, realm_id: int) -> None:
    """Wait until NAS know a realm."""
    until(lambda: any(route.id == realm_id for route in routes(server)))


def routes(server: Server) -> list[Any]:
    """Where realms lead to, for all NAS."""
    return [route for client in server.service.store.clients.all() for route in _routes(client)]


def _routes(client: Any) -> list[Any]:
    if client.elsewhere is None:
        return []
    return [route for names, _, _ in client.elsewhere._table._levels for route in names.values()]
