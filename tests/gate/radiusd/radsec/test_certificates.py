import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from gate.commands import certs
from gate.core import clock
from gate.radiusd.radsec import certificates


@pytest.fixture(scope="module")
def authority():
    return certs.make_authority(name="A CA", now=clock.now())


def made(authority, *labels, is_server=False, name="a NAS"):
    given_labels = None if is_server else labels
    pair = certs.issue(authority=authority, name=name, now=clock.now(), is_server=is_server, days=3, labels=given_labels)
    return pair, certificates.read(pair.certificate.public_bytes(Encoding.DER))


def test_names_are_those_of_subject_alternative_name_in_lower_case(authority):
    pair, read = made(authority, "AP.example.net", "urn:gate:nas:7", "urn:gate:tenant:3")
    assert read.names == {"ap.example.net", "urn:gate:nas:7", "urn:gate:tenant:3"}
    assert read.tenants == {"urn:gate:tenant:3"}
    assert read.fingerprint == pair.fingerprint.replace(":", "").lower()
    assert read.expires == pair.certificate.not_valid_after_utc


def test_the_common_name_counts_only_where_there_is_no_other(authority):
    assert "a nas" not in made(authority, "ap.example.net")[1].names
    # A certificate of a user holds its name neither as a DNS name nor as a URI.
    pair = certs.issue(authority=authority, name="Old-NAS", now=clock.now(), is_server=False, days=3)
    assert certificates.read(pair.certificate.public_bytes(Encoding.DER)).names == {"old-nas"}


def test_a_list_says_who_was_revoked(authority):
    pair, read = made(authority, "ap.example.net")
    other = certs.make_authority(name="Another CA", now=clock.now())
    text = certs.make_crl(authority=authority, revoked={pair.certificate.serial_number: clock.now()}, now=clock.now())
    text += certs.make_crl(authority=other, revoked={5: clock.now()}, now=clock.now())
    found = certificates.revoked(text)
    assert read.revocation in found
    assert len(found) == 2
    assert isinstance(x509.load_pem_x509_crl(text), x509.CertificateRevocationList)


@given(st.binary(max_size=200))
def test_what_is_no_certificate_is_said_to_be_none(octets):
    with pytest.raises(certificates.Unreadable):
        certificates.read(octets)
