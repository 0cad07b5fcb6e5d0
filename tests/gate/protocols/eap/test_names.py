"""Whom a client's certificate is made for."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gate.protocols.eap.names import choose, labels, names

UPN = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(*alternatives: x509.GeneralName, common: tuple[str, ...] = ()) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in common])
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(KEY.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder.sign(KEY, hashes.SHA256())


def test_the_user_principal_name_goes_first_and_the_common_name_last() -> None:
    held = certificate(
        x509.DNSName("laptop.example.net"), x509.RFC822Name("bob@example.net"),
        x509.OtherName(UPN, b"\x0c\x05b\xc3\xb6b!"), common=("Bob", "laptop.example.net"),
    )  # fmt: skip
    assert names(held) == ("böb!", "bob@example.net", "laptop.example.net", "Bob")


@pytest.mark.parametrize("value", [b"\x0c\x03b\xffb", b"\x0c\x00", b"\x16\x03bob", b"\x0c\x03b\0b"])
def test_a_name_that_cannot_be_read_is_none(value: bytes) -> None:
    assert names(certificate(x509.OtherName(UPN, value))) == ()


def test_a_certificate_may_name_nobody() -> None:
    assert names(certificate()) == ()
    assert choose((), claimed="bob") is None


def test_labels_are_the_uris() -> None:
    held = certificate(
        x509.DNSName("laptop"), x509.UniformResourceIdentifier("urn:x:1"), x509.UniformResourceIdentifier("urn:x:2")
    )
    assert labels(held) == ("urn:x:1", "urn:x:2")
    assert labels(certificate()) == labels(certificate(x509.DNSName("laptop"))) == ()


def test_of_several_names_the_one_that_was_claimed_counts() -> None:
    found = ("bob@example.net", "Bob")
    assert choose(found, claimed="bob") == "Bob"
    assert choose(found, claimed="anonymous") == "bob@example.net"
