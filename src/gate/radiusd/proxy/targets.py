"""Every port of every home server: its state, what sends to it, and the questions whether it works (Status-Server, RFC 5997)."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from gate.core import clock
from gate.protocols.radius.codes import Code
from gate.protocols.radius.errors import RadiusError
from gate.radiusd.metrics import Metrics
from gate.radiusd.proxy.health import Health
from gate.radiusd.proxy.homes import Home, Homes, Port
from gate.radiusd.proxy.udp import Udp
from gate.radiusd.proxy.upstream import Answer, Done, Encode, Upstream

log = logging.getLogger(__name__)

TICK: Final = 0.1
RESOLVE_EVERY: Final = 60.0
"""Seconds a host name's address is believed."""
LATE: Final = 30.0
"""Seconds for which answers of a server, or of an address, that is no longer asked are waited for."""

Dial = Callable[[Home], Upstream]
"""Makes what sends to a home server by a connection."""


class Target:
    """One port of one home server."""

    def __init__(self, home: Home, *, port: Port, metrics: Metrics, dial: Dial | None, now: float) -> None:
        self.home = home
        self.port = port
        self.health = Health(home, now=now)
        self._metrics = metrics
        self._dial = dial
        self._upstream: Upstream | None = None
        self._address: str | None = None
        self._resolved = float("-inf")
        self._resolving: asyncio.Task[None] | None = None
        self._is_retired = False

    @property
    def in_flight(self) -> int:
        """Requests that wait for their answer."""
        return 0 if self._upstream is None else self._upstream.in_flight

    def send(self, *, code: int, encode: Encode, done: Done) -> bool:
        """Send a request and learn from what becomes of it; False where it cannot be sent. Raises RadiusError of `encode`."""
        upstream = self._open()
        if upstream is None:
            return False
        sent = clock.monotonic()

        def finished(answer: Answer | None) -> None:
            now, before = clock.monotonic(), self.health.state
            if answer is None:
                self.health.unanswered(sent=sent, now=now)
            else:
                self.health.answered(now)
            self._tell(before)
            done(answer)

        return upstream.send(code=code, encode=encode, done=finished)

    def tick(self, now: float) -> None:
        """Time passes: grow old, ask whether it works, look its name up anew."""
        before = self.health.state
        self.health.tick(now)
        self._tell(before)
        if self.health.wants_probe(now):
            self.health.probe_sent(now)
            self._probe(now)
        if now - self._resolved >= RESOLVE_EVERY and self._resolving is None and self._dial_needed() is False:
            self._resolved = now
            self._resolve()

    def retire(self) -> None:
        """It is another server by now: whoever still waits is told that there is no answer, and nothing is sent any more."""
        self._is_retired = True
        upstream, self._upstream = self._upstream, None
        self.close()
        if upstream is not None:
            upstream.give_up()

    def close(self) -> None:
        """Give everything up, silently: the server ends."""
        if self._resolving is not None:
            self._resolving.cancel()
        if self._upstream is not None:
            self._upstream.close()
            self._upstream = None

    def _probe(self, sent: float) -> None:
        def finished(answer: Answer | None) -> None:
            now, before = clock.monotonic(), self.health.state
            if answer is None:
                self.health.probe_unanswered(sent=sent, now=now)
            else:
                self.health.probe_answered(now)
            self._tell(before)

        upstream = self._open()
        if upstream is None or not upstream.send(code=Code.STATUS_SERVER, encode=_nothing, done=finished):
            finished(None)

    def _tell(self, before: str) -> None:
        state = self.health.state
        if state != before:
            log.warning("Home server %s (%s) is %s, was %s", self.home.name, self.port, state, before)
            self._metrics[f"proxy.became-{state}"] += 1

    def _dial_needed(self) -> bool:
        return self.home.transport == "tls"

    def _open(self) -> Upstream | None:
        if self._upstream is None and not self._is_retired:
            if self._dial_needed():
                self._upstream = None if self._dial is None else self._dial(self.home)
            else:
                address = self._literal() or self._address
                if address is not None:
                    self._upstream = Udp(self.home, port=self.port, address=address, metrics=self._metrics)
        return self._upstream

    def _literal(self) -> str | None:
        try:
            return str(ipaddress.ip_address(self.home.host))
        except ValueError:
            return None

    def _resolve(self) -> None:
        if self._literal() is None:
            self._resolving = asyncio.get_running_loop().create_task(self._look_up())

    async def _look_up(self) -> None:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(self.home.host, None, type=socket.SOCK_DGRAM)
        except OSError as error:
            log.warning("Home server %s: there is no address of %s: %s", self.home.name, self.home.host, error)
        else:
            addresses = [str(entry[4][0]) for entry in found]
            if addresses and self._address not in addresses:
                self._address = addresses[0]
                # Answers under way may still come.
                old, self._upstream = self._upstream, None
                if old is not None:
                    asyncio.get_running_loop().call_later(LATE, old.give_up)
        finally:
            self._resolving = None


class Targets:
    """All that are in use."""

    def __init__(self, *, metrics: Metrics, dial: Dial | None = None) -> None:
        self._metrics = metrics
        self.dial = dial
        self._homes = Homes()
        self._held: dict[tuple[int, Port], Target] = {}

    def replace(self, homes: Homes) -> None:
        """Take over what the tables say now; a server that is as it was keeps its state and what is under way."""
        self._homes = homes
        for key, target in list(self._held.items()):
            if homes.servers.get(key[0]) != target.home:
                del self._held[key]
                # Answers under way may still come.
                asyncio.get_running_loop().call_later(LATE, target.retire)

    def get(self, server_id: int, port: Port) -> Target | None:
        """One; None where there is no such server any more."""
        home = self._homes.servers.get(server_id)
        if home is None:
            return None
        # By TLS sign-ins and accounting go by one connection.
        key: tuple[int, Port] = (server_id, "authentication" if home.transport == "tls" else port)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = Target(home, port=key[1], metrics=self._metrics, dial=self.dial, now=clock.monotonic())
        return held

    def usable(self, servers: Iterable[int], port: Port) -> list[Target]:
        """Those of the servers that may be asked, in this order, but zombies behind all others."""
        found = [target for number in servers if (target := self.get(number, port)) is not None and target.health.is_usable]
        return sorted(found, key=lambda target: not target.health.is_well)

    def all(self) -> Iterator[Target]:
        """Every one."""
        yield from self._held.values()

    async def watch(self) -> None:
        """Let time pass, until cancelled."""
        while True:
            await asyncio.sleep(TICK if self._homes.routes else 1.0)
            if self._homes.routes:
                self._tick()

    def _tick(self) -> None:
        now = clock.monotonic()
        pools = {pool.id: pool for level in self._homes.routes.values() for route in level.values() if (pool := route.pool)}
        forwards = {
            route.pool.id for level in self._homes.routes.values() for route in level.values() if route.pool and route.accounting
        }
        for pool in pools.values():
            for number in pool.homes:
                self.get(number, "authentication")
                if pool.id in forwards:
                    self.get(number, "accounting")
        for target in list(self._held.values()):
            try:
                target.tick(now)
            except (OSError, RadiusError) as error:
                log.warning("Home server %s cannot be asked: %s", target.home.name, error)

    def close(self) -> None:
        """Give everything up."""
        for target in self._held.values():
            target.close()
        self._held.clear()


def _nothing(secret: bytes, authenticator: bytes) -> bytes:  # noqa: ARG001  a Status-Server carries no more than its signature
    return b""
