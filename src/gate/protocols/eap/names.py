"""Whom a client's certificate is made for: the names in it that can be a username."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID, ObjectIdentifier

_USER_PRINCIPAL_NAME: Final = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
_UTF8_STRING: Final = 0x0C


def names(certificate: x509.Certificate) -> tuple[str, ...]:
    """User principal names, e-mail addresses and DNS names of subjectAltName, then common names; each once, none empty.

    What of it cannot be read is passed over.
    """
    found: list[str] = []
    try:
        held = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        held = None
    if isinstance(held, x509.SubjectAlternativeName):
        found += [
            name
            for other in held.get_values_for_type(x509.OtherName)
            if other.type_id == _USER_PRINCIPAL_NAME and (name := _utf8_string(other.value)) is not None
        ]
        found += held.get_values_for_type(x509.RFC822Name)
        found += held.get_values_for_type(x509.DNSName)
    try:
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        common = []
    found += [attribute.value for attribute in common if isinstance(attribute.value, str)]
    return tuple(dict.fromkeys(name for name in found if name and "\0" not in name))


def labels(certificate: x509.Certificate) -> tuple[str, ...]:
    """URIs of subjectAltName, by which a CA may say more of its client than its name; none where they cannot be read."""
    try:
        held = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ()
    if not isinstance(held, x509.SubjectAlternativeName):
        return ()
    return tuple(held.get_values_for_type(x509.UniformResourceIdentifier))


def choose(found: tuple[str, ...], *, claimed: str) -> str | None:
    """Of a certificate's names the one the peer called itself by, else the first; None where there is none."""
    wanted = claimed.casefold()
    return next((name for name in found if name.casefold() == wanted), found[0] if found else None)


def _utf8_string(der: bytes) -> str | None:
    """The text of a DER UTF8String, None where it is something else."""
    if len(der) < 2 or der[0] != _UTF8_STRING or der[1] > 0x7F or len(der) != der[1] + 2:
        return None
    try:
        return der[2:].decode("utf-8")
    except UnicodeDecodeError:
        return None
