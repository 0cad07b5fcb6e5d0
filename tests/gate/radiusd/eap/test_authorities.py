"""CAs of tenants, by Debian's eapol_test: good in their own tenant, nowhere else, and what changes counts without a restart."""

import pytest

import eapol
from eapol import Files, sign_in
from gate.commands import certs
from gate.core import clock
from gate.organizations import authority_rules
from radius_server import serving, until

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(eapol.PROGRAM is None, reason="eapol_test (Debian: eapoltest) is not installed: EAP IS NOT TESTED"),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    made = Files.make(tmp_path_factory.mktemp("authorities"))
    made.revoke()
    return made


@pytest.fixture(scope="module")
def running(committed, files):
    with serving(committed, GATE_DATA=str(files.data), GATE_RADIUS_EAP_METHODS="tls") as server:
        yield server


@pytest.fixture
def trust(committed, server):
    """Trust a CA in a tenant, as the command stores it, and wait until the server has heard."""

    def add(pair, *, tenant="acme", crl=None):
        number = committed.world.organizations[tenant]
        (read,) = authority_rules.read_certificates(pair.certificate_pem, now=clock.now())
        made = committed.one(
            "INSERT INTO organizations_authority (tenant_id, organization_id, name, certificate, subject, fingerprint, expires,"
            " crl, created) VALUES (%s, %s, 'CA', %s, %s, %s, %s, %s, now()) RETURNING id",
            number, number, read.certificate, read.subject, read.fingerprint, read.expires, crl,
        )  # fmt: skip
        heard(number, read.certificate.encode())
        return made

    def heard(number, certificate, crl=None):
        until(lambda: any(one[0] == certificate and (crl is None or one[1] == crl)
                          for one in server.service.store.authorities.get(number, ())))  # fmt: skip

    add.heard = heard
    yield add
    committed.all("DELETE FROM organizations_authority")
    until(lambda: not server.service.store.authorities)


def issued(authority, name):
    return certs.issue(authority=authority, name=name, now=clock.now(), is_server=False, days=3)


def own(name="CA of a tenant"):
    return certs.make_authority(name=name, now=clock.now())


@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_good_at_its_tenant_and_at_no_other(server, committed, files, trust, tls):
    _, name = committed.user(profile="acme")
    acme, rival = own("CA of acme"), own("CA of rival")
    ours, theirs = files.client(name, pair=issued(acme, name)), files.client(name, pair=issued(rival, name))
    assert not sign_in(server, files, method="EAP-TLS", username=name, client=ours, tls=tls).succeeded
    trust(acme)
    trust(rival, tenant="rival")
    outcome = sign_in(server, files, method="EAP-TLS", username=name, client=ours, tls=tls, again=1)
    assert outcome.succeeded, outcome.text[-2000:]
    assert outcome.resumed
    # The NAS is acme's: a CA of rival is nobody there, whatever its certificate says.
    assert not sign_in(server, files, method="EAP-TLS", username=name, client=theirs, tls=tls).succeeded
    # The install's own CA stays trusted beside a tenant's.
    assert sign_in(server, files, method="EAP-TLS", username=name, client=files.client(name), tls=tls).succeeded


@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_a_crl_counts_without_a_restart(server, committed, files, trust, tls):
    _, name = committed.user()
    _, other = committed.user()
    acme = own()
    pair = issued(acme, name)
    client, second = files.client(name, pair=pair), files.client(other, pair=issued(acme, other))
    made = trust(acme)
    assert sign_in(server, files, method="EAP-TLS", username=name, client=client, tls=tls).succeeded
    crl = certs.make_crl(authority=acme, revoked={pair.certificate.serial_number: clock.now()}, now=clock.now())
    committed.all("UPDATE organizations_authority SET crl = %s WHERE id = %s", crl.decode(), made)
    trust.heard(committed.world.organizations["acme"], acme.certificate_pem, crl)
    assert not sign_in(server, files, method="EAP-TLS", username=name, client=client, tls=tls).succeeded
    refused = "SELECT 1 FROM access_sign_in WHERE username = %s AND reason LIKE '%%it is revoked%%'"
    until(lambda: committed.all(refused, name))
    assert sign_in(server, files, method="EAP-TLS", username=other, client=second, tls=tls).succeeded


def test_trusted_no_more(server, committed, files, trust):
    _, name = committed.user()
    acme = own()
    client = files.client(name, pair=issued(acme, name))
    made = trust(acme)
    assert sign_in(server, files, method="EAP-TLS", username=name, client=client).succeeded
    committed.all("DELETE FROM organizations_authority WHERE id = %s", made)
    until(lambda: not server.service.store.authorities)
    assert not sign_in(server, files, method="EAP-TLS", username=name, client=client).succeeded
