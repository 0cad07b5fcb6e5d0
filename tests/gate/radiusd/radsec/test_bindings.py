import dataclasses
import datetime as dt

import pytest

from gate.radiusd.clients import Client
from gate.radiusd.radsec import bindings
from gate.radiusd.radsec.bindings import Bindings
from gate.radiusd.radsec.certificates import Presented

ONE = Client(1, 10, 10, "10", None, "192.0.2.1/32", b"a secret", "", True, identifier=b"one", name="one")
TWO = dataclasses.replace(ONE, nas_id=2, tenant_id=20, organization_id=20, path="20", name="two")
PRINT, OTHER = "ab" * 32, "cd" * 32


def certificate(*names, fingerprint=PRINT, tenants=()):
    labels = frozenset(f"urn:gate:tenant:{n}" for n in tenants)
    return Presented(fingerprint, frozenset(names) | labels, labels, dt.datetime(2100, 1, 1, tzinfo=dt.UTC), (b"", 1), "CN=x")


@pytest.mark.parametrize(
    ("bound", "shown", "found"),
    [
        ([(ONE, "a", "")], certificate("a"), 1),
        ([(ONE, "", PRINT)], certificate("whatever"), 1),
        ([(ONE, "a", PRINT)], certificate("a"), 1),
        ([(ONE, "a", PRINT)], certificate("b"), bindings.UNBOUND),
        ([(ONE, "a", OTHER)], certificate("a"), bindings.UNBOUND),
        ([], certificate("a"), bindings.UNBOUND),
        ([(ONE, "a", "")], certificate(), bindings.UNBOUND),
        ([(ONE, "a", ""), (TWO, "b", "")], certificate("a", "b"), bindings.AMBIGUOUS),
        ([(ONE, "a", ""), (TWO, "", PRINT)], certificate("a"), bindings.AMBIGUOUS),
        ([(ONE, "a", ""), (TWO, "b", PRINT)], certificate("a"), 1),
        ([(ONE, "a", "")], certificate("a", tenants=[10]), 1),
        ([(ONE, "a", "")], certificate("a", tenants=[20]), bindings.OTHER_TENANT),
        ([(ONE, "", PRINT)], certificate("a", tenants=[20]), bindings.OTHER_TENANT),
        ([(ONE, "a", ""), (TWO, "b", "")], certificate("a", "b", tenants=[20]), 2),
    ],
)
def test_whose_certificate_it_is(bound, shown, found):
    answer = Bindings(bound).find(shown)
    assert (answer.nas_id if isinstance(answer, Client) else answer) == found


def test_by_tls_there_is_one_secret_and_no_need_of_message_authenticator():
    client = Bindings([(ONE, "a", "")]).find(certificate("a"))
    assert (client.secret, client.require_message_authenticator, client.identifier) == (b"radsec", False, None)
    assert client.tally is ONE.tally
