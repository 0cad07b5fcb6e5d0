"""What a certificate says of its holder, as far as binding it to a NAS goes. It was verified by TLS before it is read here."""

import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtensionOID, NameOID

from gate.organizations.types import TENANT_LABEL

Revocation = tuple[bytes, int]
"""Issuer's name (DER) and serial number, as a CRL names a certificate."""


class Unreadable(Exception):
    """The certificate cannot be read; the text says why, in a few words for the log."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A client's certificate."""

    fingerprint: str
    """SHA-256, 64 hexadecimal digits."""
    names: frozenset[str]
    """DNS names and URIs of subjectAltName; where it has none of them, common names (RFC 6125 section 6.4.4). Lower case."""
    tenants: frozenset[str]
    """The tenants it is for, by their labels; empty: the CA says nothing of tenants."""
    expires: dt.datetime
    revocation: Revocation
    subject: str
    """For the log: no more than 100 printable characters."""


def read(der: bytes) -> Presented:
    """Of a verified certificate in DER. Raises Unreadable."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        held = _alternatives(certificate)
        dns = held.get_values_for_type(x509.DNSName) if held is not None else []
        uris = held.get_values_for_type(x509.UniformResourceIdentifier) if held is not None else []
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        names = [*dns, *uris] or [attribute.value for attribute in common if isinstance(attribute.value, str)]
        return Presented(
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            names=frozenset(name.lower() for name in names if name and "\0" not in name),
            tenants=frozenset(uri for uri in uris if uri.startswith(TENANT_LABEL)),
            expires=certificate.not_valid_after_utc,
            revocation=(certificate.issuer.public_bytes(), certificate.serial_number),
            subject="".join(sign if sign.isprintable() else "?" for sign in certificate.subject.rfc4514_string()[:100]),
        )
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        # cryptography reads more strictly than OpenSSL verifies.
        raise Unreadable(str(error)[:100]) from error


def _alternatives(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        held = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        return None
    return held if isinstance(held, x509.SubjectAlternativeName) else None


def revoked(text: bytes) -> frozenset[Revocation]:
    """Every certificate that the lists in a PEM file name. Raises ValueError for what is no such list."""
    end = b"-----END X509 CRL-----"
    found: set[Revocation] = set()
    for part in text.split(end)[:-1]:
        crl = x509.load_pem_x509_crl(part[part.index(b"-----BEGIN X509 CRL-----") :] + end + b"\n")
        issuer = crl.issuer.public_bytes()
        found.update((issuer, entry.serial_number) for entry in crl)
    return frozenset(found)
