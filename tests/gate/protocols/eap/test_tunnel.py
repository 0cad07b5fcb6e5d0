"""Certificates that can be used and not, and the memory of sessions to resume."""

from typing import Any

import pytest

import eap_peer
from gate.commands import certs
from gate.core import clock
from gate.protocols.eap.steps import Tie
from gate.protocols.eap.tunnel import Server, Sessions, Unusable

AUTHORITY = eap_peer.authority()
PAIR = certs.issue(authority=AUTHORITY, name="radius.example.net", now=clock.now(), is_server=True, days=3)


def test_a_session_is_known_for_its_time() -> None:
    sessions = Sessions(capacity=3, lifetime=100)
    sessions.keep(b"k", Tie("bob", "PEAP/MSCHAPv2", mark=7), now=10)
    tie = sessions.find(b"k", now=109)
    assert tie is not None
    assert (tie.identity, tie.mark) == ("bob", 7)
    sessions.keep(b"next", tie, now=109)
    assert sessions.find(b"next", now=208) is tie
    assert sessions.find(b"next", now=209) is None
    assert sessions.find(b"k", now=110) is None
    assert len(sessions) == 0


def test_sessions_are_bounded_and_the_oldest_goes_first() -> None:
    sessions = Sessions(capacity=3)
    for number in range(5):
        sessions.keep(bytes((number,)), Tie(str(number), "EAP-TLS"), now=0)
    assert [sessions.find(bytes((number,)), now=1) is not None for number in range(5)] == [False, False, True, True, True]


def test_an_empty_key_is_nobody_s() -> None:
    sessions = Sessions()
    sessions.keep(b"", Tie("bob", "EAP-TLS"), now=0)
    assert sessions.find(b"", now=0) is None


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [
        ({"certificates": b""}, "certificate"),
        ({"certificates": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, "certificate"),
        ({"key": b"nonsense"}, "key"),
        ({"key": AUTHORITY.key_pem}, "key"),
        ({"authorities": b"nonsense"}, "CA"),
        ({"crls": b"nonsense"}, "CRL"),
        ({"crls": b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"}, "CRL"),
    ],
)
def test_what_cannot_be_used_is_told(spoiled: dict[str, bytes], told: str) -> None:
    crl = certs.make_crl(authority=AUTHORITY, revoked={}, now=clock.now())
    whole: dict[str, Any] = {
        "certificates": PAIR.certificate_pem,
        "key": PAIR.key_pem,
        "authorities": AUTHORITY.certificate_pem,
        "crls": crl,
    }
    Server(**whole)
    with pytest.raises(Unusable, match=told):
        Server(**whole | spoiled)
