"""Which CAs and lists are taken, from whom, and what is kept."""

import datetime as dt

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gate.commands import certs
from gate.core import clock
from gate.core.errors import Conflict, Forbidden, Invalid, NotFound
from gate.organizations import authority_commands, authority_queries, authority_rules
from gate.organizations.models import Authority

pytestmark = pytest.mark.django_db


def ca(name="CA", **said):
    return certs.make_authority(name=name, now=clock.now(), **said)


def crl(pair, *, serials=(), days=30, at=None):
    now = at or clock.now()
    return certs.make_crl(authority=pair, revoked=dict.fromkeys(serials, now), now=now, days=days)


def test_trusted_with_its_list_listed_and_removed(world):
    pair = ca("Acme Root")
    (made,) = authority_commands.add(world.owner.scope, certificates=pair.certificate_pem, crl=crl(pair))
    assert (made.name, made.subject, made.has_crl) == ("CN=Acme Root", "CN=Acme Root", True)
    assert made.fingerprint == pair.fingerprint.replace(":", "").lower()
    assert authority_queries.list_all(world.owner.scope) == [made]
    assert authority_queries.list_all(world.stranger.scope) == authority_queries.list_all(world.west.scope) == []
    with pytest.raises(Conflict, match="trusted already"):
        authority_commands.add(world.owner.scope, certificates=pair.certificate_pem)
    assert authority_commands.add(world.stranger.scope, certificates=pair.certificate_pem)
    assert authority_commands.rename(world.owner.scope, made.id, name="Root").name == "Root"
    authority_commands.remove(world.owner.scope, made.id)
    assert authority_queries.list_all(world.owner.scope) == []


@pytest.mark.parametrize("name", ["west", "stranger"])
def test_others_change_nothing(world, name):
    pair = ca()
    (made,) = authority_commands.add(world.owner.scope, certificates=pair.certificate_pem)
    scope = world.people[name].scope
    for work in (
        lambda: authority_commands.remove(scope, made.id),
        lambda: authority_commands.set_crl(scope, made.id, crl=crl(pair)),
        lambda: authority_commands.rename(scope, made.id, name="mine"),
        lambda: authority_queries.get(scope, made.id),
    ):
        with pytest.raises((NotFound, Forbidden)):
            work()
    if name == "west":
        with pytest.raises(Forbidden):
            authority_commands.add(scope, certificates=ca("other").certificate_pem)
    assert authority_queries.list_all(world.owner.scope) == [made]


def test_der_and_several_in_one_file(world):
    one, two = ca("one"), ca("two", kind="rsa")
    made = authority_commands.add(world.owner.scope, certificates=one.certificate_pem + two.certificate_pem + one.certificate_pem)
    assert [item.subject for item in made] == ["CN=one", "CN=two"]
    assert authority_commands.add(world.owner.scope, certificates=ca("three").certificate.public_bytes(Encoding.DER))


def test_what_is_no_ca_is_refused(world):
    pair = ca()
    leaf = certs.issue(authority=pair, name="bob", now=clock.now(), is_server=False, days=3)
    ended = certs.make_authority(name="ended", now=clock.now() - dt.timedelta(days=10), days=9)
    for octets, told in [
        (b"nonsense", "no X.509 certificate"),
        (b"", "no X.509 certificate"),
        (leaf.certificate_pem, "it is no CA's certificate"),
        (ended.certificate_pem, "it ended at"),
        (pair.certificate_pem + pair.key_pem, "private key"),
        (pair.certificate_pem * 400, "octets"),
    ]:
        with pytest.raises(Invalid, match=told):
            authority_commands.add(world.owner.scope, certificates=octets)
    assert Authority.unscoped.count() == 0


def test_a_list_is_the_ca_s_own_newer_and_not_over(world):
    pair, other = ca("same"), ca("same")
    (made,) = authority_commands.add(world.owner.scope, certificates=pair.certificate_pem)
    now = clock.now()
    for octets, told in [
        (b"nonsense", "no X.509 CRL"),
        (crl(other), "not signed by this CA"),
        (crl(pair, at=now - dt.timedelta(days=10), days=5), "ended at"),
        (b"x" * (authority_rules.MAX_CRL + 1), "octets"),
    ]:
        with pytest.raises(Invalid, match=told):
            authority_commands.set_crl(world.owner.scope, made.id, crl=octets)
    kept = authority_commands.set_crl(world.owner.scope, made.id, crl=crl(pair, serials=[5]))
    with pytest.raises(Invalid, match="older than the one that is kept"):
        authority_commands.set_crl(world.owner.scope, made.id, crl=crl(pair, at=now - dt.timedelta(days=2)))
    assert authority_queries.get(world.owner.scope, made.id) == kept
    assert not authority_commands.set_crl(world.owner.scope, made.id, crl=None).has_crl


def test_a_tenant_trusts_so_many(world, monkeypatch):
    monkeypatch.setattr(authority_rules, "MAX_AUTHORITIES", 1)
    authority_commands.add(world.owner.scope, certificates=ca("one").certificate_pem)
    with pytest.raises(Conflict, match="at most 1"):
        authority_commands.add(world.owner.scope, certificates=ca("two").certificate_pem)
