"""EAP in RADIUS (RFC 3579): conversations kept by State, handshakes in threads of their own, the rest on the loop.

A State is good for one answer of the NAS and the User-Name it was given to. What a method asks goes the way of every sign-in:
looked up with the batch, proved there, decided there. The socket loop waits for none of it.
"""

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from gate.access import rules
from gate.access.explain import Step
from gate.access.types import Grant, Proof
from gate.core import clock
from gate.organizations.types import TENANT_LABEL
from gate.protocols.eap import packet as eap_packet
from gate.protocols.eap.session import METHODS, Conversation, Failure, Ignored, Outcome, Success
from gate.protocols.eap.session import Request as EapRequest
from gate.protocols.eap.steps import Done, NeedPassword, NeedSecret, Tie
from gate.protocols.eap.tls_method import DEFAULT_FRAGMENT
from gate.protocols.eap.tunnel import Sessions, Trusted
from gate.protocols.radius import mppe
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import rfc2865, rfc2869
from gate.protocols.radius.packet import encode_attribute
from gate.radiusd import eap_trace, translate
from gate.radiusd.found import Row
from gate.radiusd.materials import Materials
from gate.radiusd.metrics import Metrics
from gate.radiusd.request import Answers, Request
from gate.radiusd.turn import Turn
from gate.settings import Settings

log = logging.getLogger(__name__)

THREADS: Final = 2
BACKLOG: Final = 256
"""A handshake costs about a millisecond: so many waiting are a fraction of a second."""
CONVERSATIONS: Final = 2048
"""At about 60 KB each. Past that the one unheard of for longest is given up."""
MAX_AGE: Final = 60.0
"""Seconds from the first packet of a conversation to its last."""
_MIN_FRAGMENT: Final = 200
_HEADERS: Final = 14
"""Octets of EAPOL, EAP and the method around a fragment."""


class SignIns(Protocol):
    """What EAP asks of the sign-ins: `Authenticator`."""

    def ask(self, request: Request, username: str, *, method: str, password: bytes | None, turn: Turn) -> bool:
        """Look the user up and prove; False where the backlog is full, and the request was dropped."""

    def conclude(
        self,
        request: Request,
        username: str,
        *,
        method: str,
        turn: Turn,
        row: Row | None,
        proof: Proof | None,
        detail: str,
        trace: tuple[Step, ...],
    ) -> None:
        """Refuse: by what the proof came to, or, without a proof, because EAP failed as `detail` and `trace` say."""


@dataclass(slots=True)
class Talk:
    """One conversation and where it belongs."""

    conversation: Conversation
    nas_id: int
    username: str
    began: float
    heard: float
    state: bytes = b""
    octets: bytes = field(default=b"", repr=False)
    """The peer's latest packet."""
    waiting: NeedPassword | NeedSecret | Success | None = None
    """What the sign-ins were asked because of it. Where they let it drop (PostgreSQL is away), the next copy asks again."""
    row: Row | None = None
    proof: Proof | None = None


class Eap:
    """All conversations of this process."""

    def __init__(
        self,
        *,
        settings: Settings,
        answers: Answers,
        metrics: Metrics,
        sign_ins: SignIns,
        authorities: Callable[[int], tuple[Trusted, ...] | None] = lambda _: None,
    ) -> None:
        """`authorities` gives a tenant's own CAs of clients, None where it has none."""
        self._authorities = authorities
        self._answers = answers
        self._metrics = metrics
        self._sign_ins = sign_ins
        self._materials = Materials(settings)
        self._offered = tuple(METHODS[word] for word in settings.radius_eap_methods)
        self._talks: OrderedDict[bytes, Talk] = OrderedDict()
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="eap")
        self._working: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Conversations that wait for their peer."""
        return len(self._talks)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def handle(self, request: Request, username: str) -> None:
        """Take an Access-Request with an EAP-Message; never waits."""
        octets, now = b"".join(request.packet.get_all(rfc2869.EAP_MESSAGE)), clock.monotonic()
        state = request.packet.get(rfc2865.STATE)
        if state is None:
            self._begin(request, username, octets, now)
            return
        talk = self._talks.get(state)
        if talk is None or talk.nas_id != request.client.nas_id or talk.username != username or now - talk.began > MAX_AGE:
            # Restarted, too slow, or somebody else's: the peer learns at once, and begins anew.
            self._metrics["eap.unknown-state"] += 1
            failure = eap_packet.encode_failure(identifier=octets[1] if len(octets) > 1 else 0)
            trace = eap_trace.of_unknown_state(waited=talk is not None)
            self._sign_ins.conclude(
                request, username, method="EAP", turn=_Refused(failure), row=None, proof=None, detail=f"State {trace[0].actual}",
                trace=trace,
            )  # fmt: skip
        elif talk.waiting is not None:
            if octets == talk.octets:
                self._act(request, talk, talk.waiting)
            else:
                self._answers.drop(request, "eap-out-of-turn")
        elif len(self._working) >= BACKLOG:
            self._answers.drop(request, "eap-backlog")
        else:
            # Out of the table while a thread has it: no second packet meets it there.
            del self._talks[state]
            talk.octets, talk.heard = octets, now
            work = partial(talk.conversation.receive, octets, now=now)
            task = asyncio.get_running_loop().create_task(self._work(request, talk, work))
            self._working.add(task)
            task.add_done_callback(self._working.discard)

    def _begin(self, request: Request, username: str, octets: bytes, now: float) -> None:
        mtu = translate.number(request.packet.get(rfc2865.FRAMED_MTU))
        fragment = DEFAULT_FRAGMENT if mtu is None else min(DEFAULT_FRAGMENT, max(_MIN_FRAGMENT, mtu - _HEADERS))
        tenant_id = request.client.tenant_id
        server = self._materials.server(now=now, tenant_id=tenant_id, trusted=self._authorities(tenant_id))
        conversation = Conversation(offered=self._offered, server=server, fragment=fragment)
        talk = Talk(conversation, request.client.nas_id, username, began=now, heard=now, octets=octets)
        self._metrics["eap.conversations"] += 1
        self._act(request, talk, conversation.receive(octets, now=now))

    async def _work(self, request: Request, talk: Talk, work: Callable[[], Outcome]) -> None:
        try:
            outcome = await asyncio.get_running_loop().run_in_executor(self._pool, work)
            self._act(request, talk, outcome)
        except Exception:
            # A fault of GATE's own, told: the conversation ends with it, and nobody else's.
            log.exception("An EAP conversation at NAS %s met a fault and is not answered", request.client.nas_id)
            self._answers.drop(request, "fault")

    def _keep(self, talk: Talk, state: bytes) -> None:
        """Have the talk found by this State, and by no other."""
        talks, now = self._talks, talk.heard
        talks.pop(talk.state, None)
        talk.state = state
        while talks and (len(talks) >= CONVERSATIONS or now - next(iter(talks.values())).heard > MAX_AGE):
            talks.popitem(last=False)
            self._metrics["eap.given-up"] += 1
        talks[state] = talk

    def _act(self, request: Request, talk: Talk, outcome: Outcome) -> None:
        match outcome:
            case EapRequest():
                talk.waiting = None
                self._keep(talk, secrets.token_bytes(16))
                attributes = encode_attribute(rfc2865.STATE, talk.state) + eap_packet.encode_attributes(outcome.octets)
                self._answers.reply(request, Code.ACCESS_CHALLENGE, attributes)
            case NeedPassword():
                self._ask(request, talk, outcome, outcome.identity, outcome.method, outcome.password)
            case NeedSecret():
                self._ask(request, talk, outcome, outcome.identity, outcome.method, None)
            case Success():
                self._ask(request, talk, outcome, outcome.done.identity, outcome.done.method, None)
            case Failure():
                self._fail(request, talk, outcome)
            case Ignored():
                log.debug("EAP from NAS %s: %s", request.client.nas_id, outcome.reason)
                if talk.state:
                    self._keep(talk, talk.state)
                self._answers.drop(request, "eap-ignored")

    def _ask(
        self,
        request: Request,
        talk: Talk,
        outcome: NeedPassword | NeedSecret | Success,
        identity: str,
        method: str,
        password: bytes | None,
    ) -> None:
        talk.waiting = outcome
        self._keep(talk, talk.state or secrets.token_bytes(16))
        turn = _End(self, request, talk, outcome) if isinstance(outcome, Success) else _Question(self, request, talk, outcome)
        self._sign_ins.ask(request, identity, method=method, password=password, turn=turn)

    def _fail(self, request: Request, talk: Talk, failure: Failure) -> None:
        self._talks.pop(talk.state, None)
        failed = failure.failed
        wrong = talk.proof if talk.proof is not Proof.RIGHT else None
        self._metrics["eap.failed"] += 1
        self._sign_ins.conclude(
            request,
            failed.identity or talk.conversation.identity or talk.username,
            method=failed.method or "EAP",
            turn=_Refused(failure.octets),
            row=talk.row,
            proof=wrong,
            detail=failed.reason,
            trace=eap_trace.of_failure(failed, identity=talk.conversation.identity, offered=talk.conversation.offered),
        )

    def answered(self, request: Request, talk: Talk, row: Row | None, proof: Proof) -> None:
        """The sign-ins proved what a method asked. A copy of the request may have had its answer already."""
        if talk.waiting is None or self._talks.pop(talk.state, None) is not talk:
            self._answers.drop(request, "eap-out-of-turn")
            return
        talk.waiting, talk.row, talk.proof = None, row, proof
        self._act(request, talk, talk.conversation.answer(right=proof is Proof.RIGHT))

    def over(self, talk: Talk) -> None:
        """The sign-ins decided."""
        self._talks.pop(talk.state, None)

    @property
    def sessions(self) -> Sessions:
        """Who may resume."""
        return self._materials.sessions


class _Question(Turn):
    """A credential from inside a conversation."""

    asks = True

    def __init__(self, eap: Eap, request: Request, talk: Talk, asked: NeedPassword | NeedSecret) -> None:
        self._eap = eap
        self._request = request
        self._talk = talk
        self._asked = asked

    def prove(self, row: Row, password: bytes | None) -> Proof:  # noqa: ARG002 - the password is the user's
        """Of a `NeedSecret`; a password is proved as every password is."""
        if password is None or not isinstance(self._asked, NeedSecret):
            return Proof.UNVERIFIABLE
        return Proof.RIGHT if self._asked.verify(password) else Proof.WRONG

    def proved(self, row: Row | None, proof: Proof) -> None:
        """Back into the conversation."""
        self._eap.answered(self._request, self._talk, row, proof)


class _End(Turn):
    """A conversation whose peer proved to be somebody: the account of this moment decides."""

    def __init__(self, eap: Eap, request: Request, talk: Talk, success: Success) -> None:
        self._eap = eap
        self._tenant_id = request.client.tenant_id
        self._talk = talk
        self._success = success

    def prove(self, row: Row, password: bytes | None) -> Proof:  # noqa: ARG002 - it was proved
        """Right, unless what is resumed was another user's or password's, or the certificate is not for here and now."""
        done = self._success.done
        if done.resumed is not None and done.resumed.mark != _mark(row):
            return Proof.ABSENT
        if done.expires is not None and done.expires <= clock.now():
            return Proof.ABSENT
        tenants = [label for label in done.labels if label.startswith(TENANT_LABEL)]
        if tenants and f"{TENANT_LABEL}{self._tenant_id}" not in tenants:
            return Proof.ABSENT
        return Proof.RIGHT

    def accepted(self, request: Request, row: Row, grant: Grant) -> bytes:
        """Success, the keys for the radio link, and whose name is to stand in accounting."""
        self._eap.over(self._talk)
        done = self._success.done
        tie = done.resumed or Tie(done.identity, done.method, mark=_mark(row))
        self._eap.sessions.keep(done.session_key, tie, now=clock.monotonic())
        return eap_packet.encode_attributes(self._success.octets) + _keys(request, done) + _name(request, done, grant)

    def rejected(self) -> bytes:
        """Failure."""
        self._eap.over(self._talk)
        return eap_packet.encode_attributes(self._success.refusal)


class _Refused(Turn):
    """A conversation that failed."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def rejected(self) -> bytes:
        """Failure."""
        return eap_packet.encode_attributes(self._octets)


def _mark(row: Row) -> tuple[int, int]:
    """What a resumption hangs on: the user, and the password not having changed."""
    return row.id, row.password_version


def _keys(request: Request, done: Done) -> bytes:
    """The first half of the MSK is what the NAS receives with (RFC 2548 section 2.4.3)."""
    if not done.msk:
        return b""
    return mppe.encode_keys(
        send=done.msk[32:64],
        receive=done.msk[:32],
        secret=request.client.secret,
        authenticator=request.packet.authenticator,
        salts=(secrets.token_bytes(2), secrets.token_bytes(2)),
    )


def _name(request: Request, done: Done, grant: Grant) -> bytes:
    """User-Name, where the one outside the tunnel is not the user's: accounting comes by it (RFC 2865 section 5.1)."""
    name = done.identity.encode()
    if name == request.packet.get(rfc2865.USER_NAME) or not 1 <= len(name) <= 253:
        return b""
    return b"" if rules.first_of(grant.replies, "User-Name") else encode_attribute(rfc2865.USER_NAME, name)
