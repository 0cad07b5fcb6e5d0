"""Sign-ins of realms: to a home server of the pool, and its answer back to the NAS.

One device stays with one server: in a pool that spreads by a hash of the device, and an EAP conversation by the State of its
latest Access-Challenge. A server that leaves a request unanswered is followed by the next, with the same request. When none is
left, the realm says whether the NAS hears a refusal or nothing.
"""

import functools
import hashlib
import logging
import os
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec

from gate.access.explain import Proxied, Step
from gate.access.types import Reason
from gate.core import clock
from gate.protocols.radius import proxying
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import rfc2865
from gate.protocols.radius.errors import RadiusError
from gate.protocols.radius.packet import MAX_VALUE_SIZE, Packet
from gate.radiusd import translate
from gate.radiusd.journal import Journal, SignIn
from gate.radiusd.metrics import Metrics
from gate.radiusd.proxy.homes import LONGEST, Route
from gate.radiusd.proxy.targets import Target, Targets
from gate.radiusd.proxy.upstream import Answer
from gate.radiusd.request import Answers, Request
from gate.radiusd.store import Store
from gate.realms import rules

log = logging.getLogger(__name__)

BACKLOG: Final = 8192
"""Sign-ins under way with home servers. A tenant may have as many as are left for others: whose servers are silent has its own
wait, and nobody else's."""
MOST_PROXIES: Final = 16
"""Proxy-States a request may have come with: more proxies than that is a loop."""
STATES: Final = 50_000
SESSION_TIMEOUT: Final = 27
CHAP_PASSWORD: Final = 3
MICROSOFT: Final = 311
_WORDS: Final = {
    Code.ACCESS_ACCEPT: "Access-Accept", Code.ACCESS_REJECT: "Access-Reject", Code.ACCESS_CHALLENGE: "Access-Challenge"
}  # fmt: skip


class Flight(msgspec.Struct):
    """A sign-in on its way."""

    request: Request
    username: str
    route: Route
    left: list[Target]
    """Servers that were not asked yet, the last one next."""
    began: float
    leads: Callable[[str], Route | None]
    """Where user names lead to at that NAS."""
    is_over: bool = False


class SignIns:
    """Sends them on, and answers."""

    def __init__(self, *, targets: Targets, store: Store, answers: Answers, journal: Journal, metrics: Metrics) -> None:
        self._targets = targets
        self._store = store
        self._answers = answers
        self._journal = journal
        self._metrics = metrics
        self._flying: Counter[int] = Counter()
        self._states: OrderedDict[tuple[int, bytes], int] = OrderedDict()

    @property
    def in_flight(self) -> int:
        """Sign-ins under way with home servers."""
        return self._flying.total()

    def take(self, request: Request, username: str, route: Route, leads: Callable[[str], Route | None]) -> None:
        """See to a sign-in that belongs to a home server; never waits."""
        if loops(request.packet, route):
            self._metrics["proxy.loop"] += 1
            self._refuse(request, username, route, Reason.PROXY_LOOP)
            return
        tenant = request.client.tenant_id
        if self._flying[tenant] >= BACKLOG - self._flying.total():
            self._answers.drop(request, "proxy-backlog")
            return
        self._flying[tenant] += 1
        self._next(Flight(request, username, route, self._order(request, route)[::-1], clock.monotonic(), leads))

    def _land(self, flight: Flight) -> None:
        """It is no longer under way."""
        if not flight.is_over:
            flight.is_over = True
            tenant = flight.request.client.tenant_id
            self._flying[tenant] -= 1
            if not self._flying[tenant]:
                del self._flying[tenant]

    def _order(self, request: Request, route: Route) -> list[Target]:
        """The servers to ask, in this order."""
        pool, packet = route.pool, request.packet
        if pool is None:
            return []
        homes = pool.homes
        if pool.mode == "balance":
            device = packet.get(rfc2865.CALLING_STATION_ID) or packet.get(rfc2865.USER_NAME) or b""
            homes = tuple(sorted(homes, key=lambda home: hashlib.blake2b(b"%d " % home + device, digest_size=8).digest()))
        found = self._targets.usable(homes, "authentication")
        state = packet.get(proxying.STATE)
        held = None if state is None else self._states.get((request.client.nas_id, state))
        if held is not None:
            # Nobody else knows the conversation.
            found.sort(key=lambda target: target.home.id != held)
        return found

    def _next(self, flight: Flight) -> None:
        request, route = flight.request, flight.route
        stripped = rules.stripped(request.packet.get(rfc2865.USER_NAME) or b"") if route.strip else None

        def encode(secret: bytes, authenticator: bytes) -> bytes:
            return proxying.access_request(
                request.packet, secret=request.client.secret, to_secret=secret, authenticator=authenticator,
                # An outer identity may be a realm alone (RFC 7542 section 2.4): that cannot go without it.
                username=stripped or None, proxy_state=route.mark,
            )  # fmt: skip

        while flight.left and clock.monotonic() - flight.began < LONGEST:
            target = flight.left.pop()
            try:
                if target.send(code=Code.ACCESS_REQUEST, encode=encode, done=functools.partial(self._done, flight, target)):
                    return
            except RadiusError as error:
                log.debug("A request of NAS %s cannot be sent on: %s", request.client.nas_id, error)
                self._land(flight)
                self._answers.drop(request, "proxy-malformed")
                return
        self._land(flight)
        self._metrics["proxy.nobody"] += 1
        if route.when_dead == "reject":
            self._refuse(request, flight.username, route, Reason.HOME_SERVERS_SILENT)
        else:
            self._answers.drop(request, "home-servers-silent")

    def _done(self, flight: Flight, target: Target, answer: Answer | None) -> None:
        try:
            if answer is None:
                self._metrics["proxy.failover"] += bool(flight.left)
                self._next(flight)
                return
            self._land(flight)
            self._answer(flight, target, answer)
        except RadiusError as error:
            # Whatever it says, it cannot be said to the NAS: keys that were made with another secret, say.
            log.warning("The answer of home server %s cannot be passed on: %s", target.home.name, error)
            self._answers.drop(flight.request, "proxy-bad-answer")
        except Exception:
            log.exception("A sign-in at NAS %s met a fault and is not answered", flight.request.client.nas_id)
            self._land(flight)
            self._answers.drop(flight.request, "fault")

    def _answer(self, flight: Flight, target: Target, answer: Answer) -> None:
        request, route, packet = flight.request, flight.route, answer.packet
        attributes = proxying.reply(
            _fitting(packet, flight), secret=answer.secret, authenticator=answer.authenticator, to_secret=request.client.secret,
            to_authenticator=request.packet.authenticator, salt=proxying.salts(os.urandom(2)),
            allowed=None if route.pool is None else route.pool.allowed,
        )  # fmt: skip
        if packet.code == Code.ACCESS_CHALLENGE:
            state = packet.get(proxying.STATE)
            if state is not None:
                self._remember(request.client.nas_id, state, target.home.id)
            self._metrics["proxy.challenged"] += 1
            self._answers.reply(request, packet.code, attributes)
            return
        accepted = packet.code == Code.ACCESS_ACCEPT
        self._metrics["proxy.accepted" if accepted else "proxy.refused"] += 1
        self._answers.reply(request, packet.code, attributes)
        steps = (
            Step("realm", "of home servers", route.name, holds=True),
            Step("home server", "answers", target.home.name, holds=True),
            Step("answer", "Access-Accept", _WORDS[Code(packet.code)], holds=accepted),
        )
        timeout = translate.number(packet.get(SESSION_TIMEOUT)) if accepted else None
        self._record(flight, Reason.PROXIED, target.home.name, Proxied(steps=steps, session_timeout=timeout), accepted=accepted)

    def _refuse(self, request: Request, username: str, route: Route, reason: Reason) -> None:
        self._answers.reply(request, Code.ACCESS_REJECT, b"")
        self._metrics["proxy.refused"] += 1
        expected, actual = ("at most once", "again") if reason is Reason.PROXY_LOOP else ("one that answers", "none")
        steps = (
            Step("realm", "of home servers", route.name, holds=True),
            Step("home server" if actual == "none" else "way through proxies", expected, actual, holds=False),
        )
        flight = Flight(request, username, route, [], 0.0, lambda _: None)
        self._record(flight, reason, route.name, Proxied(steps=steps), accepted=False)

    def _record(self, flight: Flight, reason: Reason, detail: str, told: Proxied, *, accepted: bool) -> None:
        client, packet = flight.request.client, flight.request.packet
        called = translate.text(packet.get(rfc2865.CALLED_STATION_ID))
        mac, _ = translate.station(called)
        point = self._store.access_points.get((client.tenant_id, mac)) if mac is not None else None
        self._journal.record(
            SignIn(
                flight.request.at,
                client.tenant_id,
                client.organization_id if point is None else point[1],
                client.nas_id,
                None,
                None if point is None else point[0],
                flight.username,
                translate.text(packet.get(rfc2865.CALLING_STATION_ID)),
                called,
                _method(packet),
                accepted,
                f"{reason} {detail}",
                None,
                told,
            )
        )

    def _remember(self, nas_id: int, state: bytes, server_id: int) -> None:
        self._states[nas_id, state] = server_id
        self._states.move_to_end((nas_id, state))
        if len(self._states) > STATES:
            self._states.popitem(last=False)


def loops(packet: Packet, route: Route) -> bool:
    """Whether a request went this way before, or through more proxies than there are (RFC 2865 section 2.3)."""
    states = packet.get_all(proxying.PROXY_STATE)
    return len(states) >= MOST_PROXIES or route.mark in states


def _fitting(packet: Packet, flight: Flight) -> Packet:
    """The answer without what would have accounting counted for others: a home server answers for its own users alone.

    Accounting comes by the User-Name of an answer (RFC 2865 section 5.1): one that leads elsewhere, to a user of GATE's or to
    another's realm, is left out, and one without a realm gets the user's. A Class that looks like the one GATE gives guests of a
    portal passes where it goes back to the home server, and is not believed then (`_Here.account`).
    """
    route, asked = flight.route, flight.request.packet.get(rfc2865.USER_NAME) or b""
    attributes: list[tuple[int, bytes]] = []
    for number, value in packet.attributes:
        if number == rfc2865.USER_NAME:
            name = value if b"@" in value else value + b"@" + asked.rpartition(b"@")[2]
            found = flight.leads(translate.text(name) or "")
            if value and found is not None and found.pool == route.pool and len(name) <= MAX_VALUE_SIZE:
                attributes.append((number, name))
        elif number != rfc2865.CLASS or route.accounting or not value.startswith(translate.PORTAL_CLASS):
            attributes.append((number, value))
    return Packet(packet.code, packet.identifier, packet.authenticator, attributes)


def _method(packet: Packet) -> str:
    if packet.get(proxying.EAP_MESSAGE) is not None:
        return "EAP"
    if packet.get(CHAP_PASSWORD) is not None:
        return "CHAP"
    if packet.vendor(MICROSOFT, 25) is not None or packet.vendor(MICROSOFT, 1) is not None:
        return "MS-CHAPv2"
    return "PAP"
