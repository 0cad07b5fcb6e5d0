"""Which CA certificates and CRLs are taken (RFC 5280). Pure: octets of a file come in, `now` is an argument."""

import datetime as dt
import re

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from gate.core.errors import Invalid
from gate.organizations.authority_types import ReadAuthority, ReadCrl

MAX_AUTHORITIES = 16
"""CAs of one tenant: each handshake there looks through all of them."""
MAX_CERTIFICATES, MAX_CERTIFICATE, MAX_CRL = 8, 64 * 1024, 1024 * 1024
"""Certificates in one file, octets of that file, octets of a CRL."""
MAX_NAME = 200
_LEAST_RSA = 2048
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")


def read_certificates(octets: bytes, *, now: dt.datetime) -> list[ReadAuthority]:
    """The CA certificates of a PEM or DER file. Raises Invalid where one cannot sign clients' certificates, or has ended."""
    if len(octets) > MAX_CERTIFICATE:
        raise Invalid.field("certificate", f"has more than {MAX_CERTIFICATE} octets")
    if any(kind.endswith(b"PRIVATE KEY") for kind in _PEM.findall(octets)):
        raise Invalid.field("certificate", "holds a private key, which is nobody's but the CA's: give the certificate alone")
    try:
        is_pem = b"-----BEGIN" in octets
        found = x509.load_pem_x509_certificates(octets) if is_pem else [x509.load_der_x509_certificate(octets)]
    except ValueError:
        raise Invalid.field("certificate", "holds no X.509 certificate, as PEM or DER") from None
    if len(found) > MAX_CERTIFICATES:
        raise Invalid.field("certificate", f"holds more than {MAX_CERTIFICATES} certificates")
    made = {one.fingerprint: one for one in (_authority(certificate, now) for certificate in found)}
    return list(made.values())


def read_crl(octets: bytes, *, authority: str, now: dt.datetime) -> ReadCrl:
    """The CRL of a PEM or DER file, which that CA (PEM) has signed and which has not ended. Raises Invalid."""
    if len(octets) > MAX_CRL:
        raise Invalid.field("crl", f"has more than {MAX_CRL} octets")
    try:
        is_pem = b"-----BEGIN" in octets
        crl = x509.load_pem_x509_crl(octets) if is_pem else x509.load_der_x509_crl(octets)
        updated, expires = crl.last_update_utc, crl.next_update_utc
    except ValueError:
        raise Invalid.field("crl", "holds no X.509 CRL, as PEM or DER") from None
    certificate = x509.load_pem_x509_certificate(authority.encode())
    if crl.issuer != certificate.subject or not _is_signed(crl, certificate):
        raise Invalid.field("crl", "is not signed by this CA")
    if expires is not None and expires <= now:
        raise Invalid.field("crl", f"ended at {expires:%Y-%m-%d %H:%M} UTC: the CA has made a newer one")
    return ReadCrl(crl=crl.public_bytes(Encoding.PEM).decode(), updated=updated, expires=expires)


def _authority(certificate: x509.Certificate, now: dt.datetime) -> ReadAuthority:
    subject = _subject(certificate)
    reason = _refused(certificate, now)
    if reason is not None:
        raise Invalid.field("certificate", f"{subject}: {reason}")
    return ReadAuthority(
        certificate=certificate.public_bytes(Encoding.PEM).decode(),
        subject=subject,
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        expires=certificate.not_valid_after_utc,
    )


def _subject(certificate: x509.Certificate) -> str:
    try:
        return certificate.subject.rfc4514_string()[:500] or "(no name)"
    except ValueError:
        raise Invalid.field("certificate", "its subject cannot be read") from None


def _refused(certificate: x509.Certificate, now: dt.datetime) -> str | None:
    try:
        key = certificate.public_key()
        extensions = certificate.extensions
    except (ValueError, UnsupportedAlgorithm):
        return "its key or its extensions cannot be read"
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < _LEAST_RSA:
            return f"its RSA key has fewer than {_LEAST_RSA} bits"
    elif not isinstance(key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        return "its key is of a kind that is not used with TLS"
    try:
        is_ca = extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        is_ca = False
    if not is_ca:
        return "it is no CA's certificate (basicConstraints)"
    try:
        if not extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign:
            return "it may not sign certificates (keyUsage)"
    except x509.ExtensionNotFound:
        pass
    if certificate.not_valid_after_utc <= now:
        return f"it ended at {certificate.not_valid_after_utc:%Y-%m-%d}"
    return None


def _is_signed(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    try:
        return crl.is_signature_valid(key)  # type: ignore[arg-type]  # the kinds `_refused` lets through
    except (InvalidSignature, TypeError, ValueError, UnsupportedAlgorithm):
        return False
