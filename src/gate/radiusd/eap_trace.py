"""How far an EAP conversation came, as the steps of a trace: what was asked, and where it ended (access/explain.py). Pure."""

from collections.abc import Sequence
from typing import Final

from gate.access.explain import Step
from gate.protocols.eap import packet
from gate.protocols.eap.steps import Failed

NAMES: Final = {packet.TLS: "EAP-TLS", packet.TTLS: "EAP-TTLS", packet.PEAP: "PEAP", packet.MD5_CHALLENGE: "EAP-MD5"}
_OF_CERTIFICATE: Final = "the certificate of "


def of_failure(failed: Failed, *, identity: str, offered: Sequence[int]) -> tuple[Step, ...]:
    """The steps down to the one that failed. `identity` is what the device called itself outside of any tunnel."""
    found = [Step("EAP identity", "said by the device", identity or "(none)", holds=bool(identity))]
    names = ", ".join(NAMES[kind] for kind in offered) or "none: the server has no certificate"
    if not failed.method:
        return (*found, Step("EAP method", names, failed.reason, holds=False))
    found.append(Step("EAP method", names, failed.method, holds=True))
    if failed.is_established is None:
        return (*found, Step("EAP conversation", "as the method has it", failed.reason, holds=False))
    if failed.is_established:
        found.append(Step("TLS handshake", "finished", "finished", holds=True))
        return (*found, Step("inside the tunnel", "a proof of who it is", failed.reason, holds=False))
    if failed.reason.startswith(_OF_CERTIFICATE):
        return (*found, Step("client certificate", "one that holds", failed.reason.removeprefix(_OF_CERTIFICATE), holds=False))
    return (*found, Step("TLS handshake", "finished", failed.reason, holds=False))


def of_unknown_state(*, waited: bool) -> tuple[Step, ...]:
    """An answer to a challenge that is none of this process's, or no more."""
    actual = "of a conversation that took too long, of another NAS or another name" if waited else "of no conversation known here"
    return (Step("EAP conversation", "State of the latest challenge", actual, holds=False),)
