"""Alerts a device sends, in words for operators."""

import pytest

from gate.protocols.eap.alerts import ALERTS, explained


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("tlsv1 alert unknown ca", "alert 48 (unknown ca): the device does not trust the CA of the server's certificate"),
        ("ssl/tls alert certificate expired", "alert 45 (certificate expired): the server's certificate has expired"),
        ("sslv3 alert bad certificate", "alert 42 (bad certificate): the device does not accept"),
    ],
)  # fmt: skip
def test_an_alert_has_its_number_and_its_meaning(reason, expected):
    assert explained(reason).startswith(expected)


@pytest.mark.parametrize(
    "reason", ["", "no shared cipher", "alert", "tlsv1 alert something new", "the tunnel ended in the middle"]
)
def test_other_reasons_stay_as_they_are(reason):
    assert explained(reason) == reason


def test_each_fits_into_a_trace():
    assert max(len(explained(f"tlsv1 alert {name}")) for name in ALERTS) <= 120
    assert len({number for number, _ in ALERTS.values()}) == len(ALERTS)
