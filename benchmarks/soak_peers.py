"""The odd ones of the soak: EAP through a tunnel, requests sent three times, sessions whose packets come in any order.

They speak by the RADIUS and EAP of the tests (tests/radius_nas.py, tests/eap_peer.py): each is a slow thread, and what they did
is counted, so that it can be held against the database in the end.
"""

import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

import eap_peer
import radius_nas
from gate.protocols.eap import packet as eap
from gate.protocols.radius import signing
from gate.protocols.radius.errors import RadiusError
from gate.protocols.radius.packet import Packet
from packets import User

TRIES, WAIT = 10, 1.0


@dataclass(slots=True)
class Peers:
    """All of them, from `start` to `stop`."""

    secret: bytes
    auth_port: int
    acct_port: int
    users: Sequence[User]
    run: str
    counts: dict[str, int] = field(default_factory=dict)
    sessions: int = 0
    """Of `run`, acknowledged to the last packet."""
    faults: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, *, eap_rate: float, odd_rate: float) -> None:
        """Begin: so many EAP sign-ins, threefold sign-ins and disordered sessions a second."""
        for work, rate in ((self._eap, eap_rate), (self._thrice, odd_rate), (self._disordered, odd_rate)):
            thread = threading.Thread(target=self._repeat, args=(work, rate), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Finish what is under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, work: Callable[[radius_nas.Nas, random.Random], str], rate: float) -> None:
        nas = radius_nas.Nas(self.secret, self.auth_port, self.acct_port)
        draw, began, done = random.Random(work.__name__), time.monotonic(), 0
        try:
            while not self._stop.wait(max(0.0, began + done / rate - time.monotonic())):
                done += 1
                word = work(nas, draw)
                self.counts[word] = self.counts.get(word, 0) + 1
        except Exception as error:  # noqa: BLE001 - told in the end: the soak fails by it
            self.faults.append(f"{work.__name__}: {error!r}")
        finally:
            nas.close()

    def _eap(self, nas: radius_nas.Nas, draw: random.Random) -> str:
        """A sign-in by EAP-TTLS/PAP or PEAP, with a whole handshake."""
        user = draw.choice(self.users)
        kind = draw.choice((eap.TTLS, eap.PEAP))
        password = user.password.encode()
        inner = eap_peer.pap(user.name, password) if kind == eap.TTLS else eap_peer.inner_mschap(user.name, password)
        peer = eap_peer.Peer(kind, inner=inner, size=1000)
        octets, state = eap.encode_response(identifier=0, type=eap.IDENTITY, data=b"anonymous"), None
        for _ in range(40):
            pieces = [(eap.EAP_MESSAGE, octets[at : at + 253]) for at in range(0, len(octets), 253)]
            states = [] if state is None else [(24, state)]
            reply = _asked(nas, nas.access_request((1, b"anonymous"), *pieces, *states), self.auth_port)
            if reply.code != 11:
                break
            request, state = b"".join(reply.get_all(eap.EAP_MESSAGE)), reply.get(24)
            if request[4] != kind:
                octets = eap.encode_response(identifier=request[1], type=eap.NAK, data=bytes((kind,)))
            else:
                octets = peer.answer(request)
        if reply.code != radius_nas.ACCEPT:
            raise AssertionError(f"EAP by {kind} of {user.name} ended with code {reply.code}")
        return "EAP sign-ins"

    def _thrice(self, nas: radius_nas.Nas, draw: random.Random) -> str:
        """Two copies at once and one after the answer: all answers are the same octets."""
        user = draw.choice(self.users)
        request = nas.pap(user.name, user.password)
        nas.socket.sendto(request, ("127.0.0.1", self.auth_port))
        first = _octets(nas, request, self.auth_port)
        again = _octets(nas, request, self.auth_port)
        if first != again or first[0] != radius_nas.ACCEPT:
            raise AssertionError(f"a copy was answered otherwise: {first.hex()} {again.hex()}")
        return "threefold sign-ins"

    def _disordered(self, nas: radius_nas.Nas, draw: random.Random) -> str:
        """Start, two Interims and Stop in any order, each twice."""
        user, session, now = draw.choice(self.users), f"{self.run}-{self.sessions:08x}", int(time.time())
        steps = [(radius_nas.START, 0), (radius_nas.INTERIM, 300), (radius_nas.INTERIM, 600), (radius_nas.STOP, 900)] * 2
        draw.shuffle(steps)
        for status, seconds in steps:
            stamp = (55, radius_nas.number(now - 900 + seconds))
            counted = [(42, radius_nas.number(seconds * 1000)), (43, radius_nas.number(seconds * 2000))] if seconds else []
            _octets(nas, nas.accounting(status, session, user.name, stamp, *counted, seconds=seconds), self.acct_port)
        self.sessions += 1
        return "disordered sessions"


def _asked(nas: radius_nas.Nas, request: bytes, port: int) -> Packet:
    return Packet.parse(_octets(nas, request, port))


def _octets(nas: radius_nas.Nas, request: bytes, port: int) -> bytes:
    """The answer to this request, sent again each second. Raises TimeoutError."""
    for _ in range(TRIES):
        nas.socket.sendto(request, ("127.0.0.1", port))
        until = time.monotonic() + WAIT
        while (left := until - time.monotonic()) > 0:
            nas.socket.settimeout(left)
            try:
                octets = nas.socket.recv(4096)
            except TimeoutError:
                break
            # A copy's answer to an earlier request may still come in.
            if octets[1] == request[1] and _is_signed(octets, request, nas.secret):
                return octets
    raise TimeoutError(f"no answer in {TRIES} tries")


def _is_signed(octets: bytes, request: bytes, secret: bytes) -> bool:
    try:
        signing.verify_response(octets, request[4:20], secret)
    except RadiusError:
        return False
    return True
