"""What a NAS is told and where, when it is asked again, and what its answer means. Pure."""

import datetime as dt
import ipaddress
from collections.abc import Sequence

from gate.control.types import Item, Kind, LiveSession, Nas, Reason, State
from gate.nas import presets

ROUNDS = 3
"""How often a request is sent, each time with its own retransmissions."""
_WAITS = (dt.timedelta(seconds=30), dt.timedelta(minutes=2))
LEASE = dt.timedelta(seconds=60)
"""How long a worker has for one round; then another takes the request. Longer than all retransmissions together."""
WAITING = 8
"""How many changes of one session may wait for its NAS."""
LATER = dt.timedelta(seconds=5)
"""How long what could not be sent for others before it waits."""
AGAIN = dt.timedelta(hours=1)
"""How long a session nobody could end is left alone before it is tried again by itself."""
GRACE = dt.timedelta(seconds=60)
"""How long after its end was acknowledged a session waits for the NAS's own Stop."""

RENEWALS = frozenset({Reason.PROFILE_CHANGED, Reason.CREDIT_CHANGED})
"""Why GATE itself asks for a change."""
QUIET_USER = dt.timedelta(seconds=3)
"""How long after a change of a user the NAS are told: what follows at once goes along."""
QUIET_PROFILE = dt.timedelta(seconds=15)
"""The same of a profile, which many have; migration 0002 has it too."""
QUIET_MOST = dt.timedelta(seconds=60)
"""How long a first change waits at most for those that follow it."""
SILENT = dt.timedelta(minutes=5)
"""How long a NAS that did not answer is told nothing of changed limits."""

SESSION_CONTEXT_NOT_FOUND = 503
_GATES_OWN = frozenset(
    {name.lower() for name in presets.IDENTIFYING}
    | {"event-timestamp", "message-authenticator", "proxy-state", "acct-terminate-cause", "nas-ipv6-address", "error-cause"}
)
# RFC 5176 section 3.6: they ask for another kind of request, or belong to the answer to a sign-in.
_OF_SIGN_INS = frozenset({"service-type", "state", "reply-message", "prompt", "eap-message", "password-retry"})
_SILENT = "The NAS did not answer."
EVENT_BY_REASON = {Reason.NO_CREDIT: "sq"}
"""Types of the transaction log; what is not here is `di`, and `sc` for a change."""
STATUS_BY_STATE = {
    State.ACKNOWLEDGED: ("r041", "r044"), State.GONE: ("r042", "r045"), State.REFUSED: ("r042", "r045"),
    State.UNANSWERED: ("r408", "r408"), State.IMPOSSIBLE: ("r503", "r503"),
}  # fmt: skip
"""Its statuses, of a disconnect and of a change."""


class Impossible(Exception):
    """The NAS cannot be asked; the text is one sentence for operators."""


def destination(session: LiveSession, nas: Nas, *, default_port: int) -> tuple[str, int]:
    """Address and port to ask. Raises Impossible.

    A range is asked at the address the NAS itself told with the session, where that lies in the range: what a packet says is
    no reason to send anywhere else. A NAS without an address showed its certificate before it said anything, so its word is
    taken, unless it names this machine or nobody's.
    """
    port = nas.coa_port or presets.of(nas.vendor).port or default_port
    if nas.coa_address is not None:
        return nas.coa_address, port
    if nas.address is None:
        return _told(session), port
    network = ipaddress.ip_network(nas.address)
    if network.num_addresses == 1:
        return str(network.network_address), port
    told = ipaddress.ip_address(session.nasipaddress)
    if told not in network:
        raise Impossible(f"The NAS is known by the range {network}, and its session by {told}: set its CoA address.")
    return str(told), port


def _told(session: LiveSession) -> str:
    """The session's NAS-IP-Address, or else where the connection came from that told of it. Raises Impossible."""
    told = ipaddress.ip_address(session.nasipaddress)
    if told.is_unspecified or told.is_loopback or told.is_link_local or told.is_multicast or told.is_reserved:
        raise Impossible(
            f"The NAS has no address, and cannot be reached at the one its session tells, {told}: set its CoA address."
        )
    return str(told)


def identity(session: LiveSession, nas: Nas) -> list[Item]:
    """The attributes that tell the NAS which session is meant (RFC 5176 section 3). Raises Impossible."""
    preset = presets.of(nas.vendor)
    mac_format = nas.coa_mac_format or preset.mac_format
    named = presets.names(nas.coa_attributes) or preset.identify
    items = []
    for name in named:
        value = getattr(session, presets.IDENTIFYING[name])
        if value:
            if name == "Calling-Station-Id":
                value = presets.write_mac(value, mac_format=mac_format)
            items.append(Item(name, value))
    if not any(item.attribute in presets.OF_SESSION for item in items):
        raise Impossible(f"The session has none of the attributes the NAS knows it by: {', '.join(named)}.")
    return [*items, *(Item(name, value) for name, value in preset.fixed)]


def check_takes(nas: Nas, kind: Kind) -> None:
    """Raises Impossible for a NAS that is set to take no such request."""
    if nas.live_control == "off":
        raise Impossible("The NAS is set to take neither Disconnect nor CoA.")
    if kind == "coa" and nas.live_control != "both":
        raise Impossible("The NAS is set to take Disconnect alone.")


def state_of(kind: Kind, *, acknowledged: bool, error_cause: int | None) -> State:
    """What an answer means."""
    if acknowledged:
        return State.ACKNOWLEDGED
    return State.GONE if error_cause == SESSION_CONTEXT_NOT_FOUND and kind == "disconnect" else State.REFUSED


def after_silence(rounds: int, *, fault: str | None = None) -> tuple[State, dt.timedelta, str]:
    """What follows a round nobody answered: the state, the wait until the next one, and a sentence.

    `fault` is what the system said where nothing could be sent.
    """
    said = _SILENT if fault is None else f"Nothing could be sent to the NAS: {fault}."
    if rounds < ROUNDS:
        return State.QUEUED, _WAITS[rounds - 1], f"{said} It is asked again."
    return State.UNANSWERED, dt.timedelta(0), said


def event_of(kind: Kind, reason: Reason) -> str:
    """The type of the line in the transaction log."""
    return "sc" if kind == "coa" else EVENT_BY_REASON.get(reason, "di")


def may_change(attribute: str) -> bool:
    """Whether a change may name it: what tells the session, or signs and dates the packet, is GATE's to say."""
    return attribute.lower() not in _GATES_OWN


def changes(items: Sequence[Item], *, session_timeout: int | None) -> list[Item]:
    """The attributes of a change, Session-Timeout first; the named one counts."""
    rest = [item for item in items if session_timeout is None or item.attribute.lower() != "session-timeout"]
    return rest if session_timeout is None else [Item("Session-Timeout", str(session_timeout)), *rest]


def may_renew(item: Item) -> bool:
    """Whether a reply item of a profile may be told of a session that runs. What it takes out of a sign-in is not at hand."""
    name = item.attribute.lower()
    return may_change(name) and name not in _OF_SIGN_INS and "%{" not in item.value
