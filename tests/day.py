"""A day of accounting at several NAS, as it really was, and the packets that tell of it.

People sign in, roam from one access point to the next and from one NAS to the next, download beyond 32 bits, sign out, vanish,
come back under a session id that was used before; NAS begin and end in order, lose power and begin again. Each moment is a
whole second, and every packet tells its own (Event-Timestamp).

Not in it, since no order of packets could be recovered from: counters that wrap without gigawords (rule 5 of docs/radius.md),
and what changes within a session, such as an address: the row keeps what it heard first.
"""

import dataclasses
import itertools
import random
import select
import socket
import time

from gate.protocols.radius import signing
from gate.protocols.radius.errors import RadiusError
from radius_nas import encoded, number

START, STOP, INTERIM, ON, OFF = 1, 2, 3, 7, 8
GIGA = 2**32
LENGTH = 20 * 3600
_PLACES = ("acme", "acme-west", "acme-east", "rival")


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """One packet, before it has an identifier: when, at which NAS, and what."""

    at: int
    nas: int
    attributes: tuple[tuple[int, bytes], ...]

    @property
    def restart(self) -> bool:
        """An Accounting-On or -Off."""
        return self.attributes[0] in {(40, number(ON)), (40, number(OFF))}


@dataclasses.dataclass(frozen=True, slots=True)
class Visit:
    """One session as it really was."""

    name: str
    nas: int
    user: str
    began: int
    seconds: int
    """Until its last packet."""
    received: int
    sent: int
    ending: str
    """Its Acct-Terminate-Cause by name: NAS-Reboot where its NAS or its id began anew, empty where none was told."""
    open: bool = False
    """Nobody ever told its end."""


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    """The truth, and what was told of it, in the order of what happened."""

    visits: list[Visit]
    packets: list[Told]


def make(*, seed: int, sessions: int, began: int, users: list[list[str]]) -> Day:
    """A day of about so many sessions from `began` on, seconds since 1970; `users` by NAS."""
    chance = random.Random(seed)
    visits: list[Visit] = []
    packets: list[Told] = []
    restarts = [_restarts(chance, nas, began, packets) for nas in range(len(users))]
    for person in range(sessions // 2):
        nas = chance.randrange(len(users))
        user = chance.choice(users[nas])
        multi = f"multi-{person}"
        at = began + chance.randrange(60, LENGTH - 3000)
        # Half stay where they are; the others roam: a session at each access point, some of them at another NAS of the tenant.
        for step in range(chance.choice((1, 1, 2, 4))):
            if step and nas < 3:
                nas = chance.randrange(3)
            # Some ids are short, as those of NAS that count from 1, and come again for the same user at the same NAS.
            short, name = f"short-{chance.randrange(3)}", f"day-{person}-{step}"
            if chance.random() < 0.3 and not any(
                (short, nas, user) == (one.name, one.nas, one.user)
                and at < one.began + one.seconds + 60
                and one.began < at + 8000
                for one in visits
            ):
                name = short
            visit = _visit(chance, packets, restarts[nas], name=name, nas=nas, user=user, multi=multi, at=at)
            if visit is None:
                break
            visits.append(visit)
            at += visit.seconds + chance.randrange(12, 90)
            if visit.ending != "User-Request" or at > began + LENGTH - 3000:
                break
    packets.sort(key=lambda told: told.at)
    return Day([_ended(visit, visits, restarts[visit.nas]) for visit in visits], packets)


def _ended(visit: Visit, visits: list[Visit], restarts: list[int]) -> Visit:
    """A session that vanished is closed by the next beginning of its NAS, or of its id; else it stays open."""
    if visit.ending != "vanished":
        return visit
    last = visit.began + visit.seconds
    who = (visit.name, visit.nas, visit.user)
    over = any(at > last for at in restarts) or any((one.name, one.nas, one.user) == who and one.began > last for one in visits)
    return dataclasses.replace(visit, ending="NAS-Reboot" if over else "", open=not over)


def _restarts(chance: random.Random, nas: int, began: int, packets: list[Told]) -> list[int]:
    """The moments at which a NAS begins: in the morning, and after one orderly end or power cut."""
    moments = [began, began + chance.randrange(LENGTH // 3, LENGTH // 2), began + chance.randrange(LENGTH // 2, LENGTH)]
    for place, at in enumerate(moments):
        if place == 1:  # this one in order
            packets.append(Told(at - 5, nas, ((40, number(OFF)), (55, number(at - 5)), (44, f"boot-{nas}-{place}".encode()))))
        packets.append(Told(at, nas, ((40, number(ON)), (55, number(at)), (44, f"boot-{nas}-{place}".encode()))))
    return moments


def _visit(
    chance: random.Random, packets: list[Told], restarts: list[int], *, name: str, nas: int, user: str, multi: str, at: int
) -> Visit | None:
    """One session and its packets; None if its NAS is about to begin anew."""
    interval = chance.choice((120, 300, 600))
    seconds = chance.randrange(30, 6000)
    cut = min((moment for moment in restarts if moment >= at), default=at + 10**6)
    if cut < at + 40:
        return None
    rate = chance.choice((0, 2_000, 90_000, 4_000_000))  # octets a second; the last one passes 32 bits in 18 minutes
    moments = [0, *range(interval, seconds, interval), seconds]
    ending = chance.choice(("User-Request", "User-Request", "User-Request", "Idle-Timeout", "Lost-Carrier", "", "vanished"))
    if at + seconds + 10 > cut:
        # Its last updates were never made: all that is known is what was told until the NAS went.
        moments, ending = [second for second in moments if at + second + 10 <= cut], "NAS-Reboot"
    elif ending == "vanished":
        moments = moments[: chance.randrange(1, len(moments))]
    if len(moments) > 1 and chance.random() < 0.15:
        del moments[0]  # the Start was lost: when it began is reckoned
    if len(moments) > 2 and chance.random() < 0.3:
        del moments[chance.randrange(len(moments) - 1)]  # and so were others
    cause = {"User-Request": 1, "Lost-Carrier": 2, "Idle-Timeout": 4}.get(ending)
    device = f"02-AB-00-00-{person_octet(multi)}"
    who = (
        (1, user.encode()), (44, name.encode()), (50, multi.encode()), (31, device.encode()), (61, number(19)),
        (30, f"02-00-00-00-00-{nas + 1:02X}:Guests".encode()), (32, f"controller-{nas}".encode()),
    )  # fmt: skip
    received = sent = 0
    for second in moments:
        status = START if second == 0 else INTERIM if second < seconds or ending in {"NAS-Reboot", "vanished"} else STOP
        received, sent = second * rate, second * rate // 7
        counters: tuple[tuple[int, bytes], ...] = ()
        if status != START:
            counters = (
                (46, number(second)), (42, number(received % GIGA)), (43, number(sent % GIGA)), (52, number(received // GIGA)),
                (53, number(sent // GIGA)),
            )  # fmt: skip
        last = ((49, number(cause)),) if status == STOP and cause is not None else ()
        told = ((40, number(status)), (55, number(at + second)), *who, *counters, *last)
        packets.append(Told(at + second, nas, told))
    return Visit(name, nas, user, at, moments[-1], received, sent, ending)


def person_octet(multi: str) -> str:
    """The end of a device's address, the same for all sessions of a person."""
    person = int(multi.rpartition("-")[2])
    return f"{person >> 8 & 255:02X}-{person & 255:02X}"


class Ports:
    """What NAS send from: some sockets each, each with its own identifiers. Nothing counts as sent before it is acknowledged."""

    def __init__(self, *, addresses: list[str], port: int, secret: bytes, each: int = 2) -> None:
        self._target, self._secret = ("127.0.0.1", port), secret
        self.each = each
        self._sockets = [self._bound(address) for address in addresses for _ in range(each)]
        self._identifiers = [itertools.cycle(range(256)) for _ in self._sockets]

    @staticmethod
    def _bound(address: str) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((address, 0))
        made.setblocking(False)
        return made

    def close(self) -> None:
        """Let the sockets go."""
        for one in self._sockets:
            one.close()

    def write(self, told: Told, *, port: int, delay: int | None = None) -> tuple[int, bytes]:
        """The datagram, and the place of the socket it goes from; `delay`: Acct-Delay-Time, as a later try carries it."""
        place = told.nas * self.each + port
        more = () if delay is None else ((41, number(delay)),)
        attributes = encoded([*told.attributes, *more])
        identifier = next(self._identifiers[place])
        return place, signing.accounting_request(identifier=identifier, secret=self._secret, attributes=attributes)

    def deliver(self, datagrams: list[tuple[int, bytes]], *, window: int, doubled: float = 0.0, chance: random.Random) -> int:
        """Send all in this order, so many under way at a time, each until it is acknowledged; the number of answers seen.

        A share of `doubled` is sent twice at once, as networks and impatient devices do.
        """
        waiting = list(reversed(datagrams))
        flying: dict[tuple[int, int], dict[bytes, float]] = {}
        answers = under_way = 0
        deadline = time.monotonic() + 60 + len(datagrams) / 50
        while waiting or under_way:
            assert time.monotonic() < deadline, f"{under_way + len(waiting)} packets were not acknowledged"
            while waiting and under_way < window:
                place, data = waiting.pop()
                held = flying.setdefault((place, data[1]), {})
                under_way += data not in held
                for _ in range(1 + (chance.random() < doubled)):
                    self._sockets[place].sendto(data, self._target)
                held[data] = time.monotonic()
            for one in select.select(self._sockets, [], [], 0.2)[0]:
                place = self._sockets.index(one)
                for answer in self._received(one):
                    answers += 1
                    under_way -= self._acknowledged(flying.get((place, answer[1]), {}), answer)
            now = time.monotonic()
            for (place, _), held in flying.items():
                for data, sent in held.items():
                    if now - sent > 1:
                        self._sockets[place].sendto(data, self._target)
                        held[data] = now
        return answers

    @staticmethod
    def _received(one: socket.socket) -> list[bytes]:
        found = []
        while True:
            try:
                found.append(one.recv(4097))
            except BlockingIOError:
                return found

    def _acknowledged(self, held: dict[bytes, float], answer: bytes) -> int:
        """Take off the one this answers; how many that were, none for the answer to a copy."""
        for data in held:
            try:
                signing.verify_response(answer, data[4:20], self._secret)
            except RadiusError:
                continue
            del held[data]
            return 1
        return 0
