"""How far a conversation came, as an operator reads it."""

import pytest

from gate.protocols.eap import packet
from gate.protocols.eap.steps import Failed
from gate.radiusd import eap_trace

OFFERED = (packet.PEAP, packet.TLS)


def told(failed, identity="bob"):
    return [(step.about, step.actual, step.holds) for step in eap_trace.of_failure(failed, identity=identity, offered=OFFERED)]


@pytest.mark.parametrize(
    ("failed", "last"),
    [
        (Failed("no method is offered that the peer takes"), ("EAP method", "no method is offered that the peer takes", False)),
        (Failed("a fragment too many", method="PEAP"), ("EAP conversation", "a fragment too many", False)),
        (
            Failed("alert 48 (unknown ca): x", method="PEAP", is_established=False),
            ("TLS handshake", "alert 48 (unknown ca): x", False),
        ),
        (
            Failed("the certificate of CN=bob does not hold: it is revoked", method="EAP-TLS", is_established=False),
            ("client certificate", "CN=bob does not hold: it is revoked", False),
        ),
        (Failed("no answer", method="PEAP", is_established=True), ("inside the tunnel", "no answer", False)),
    ],
)
def test_the_last_step_is_the_one_that_failed(failed, last):
    found = told(failed)
    assert found[-1] == last
    assert all(holds for *_, holds in found[:-1])
    assert found[0] == ("EAP identity", "bob", True)


def test_a_device_that_said_no_name_is_told_so():
    assert told(Failed("x"), identity="")[0] == ("EAP identity", "(none)", False)
