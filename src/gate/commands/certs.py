"""`gate radius certs`: a CA of the install's own, the RADIUS server's certificate, certificates for clients, a CRL.

Files lie in `GATE_DATA/radius`, readable by their owner alone. What is there is overwritten by `--replace` alone, and the CA
never: a new one has every device ask anew whether it trusts the network.
"""

import argparse
import datetime as dt
import ipaddress
import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gate.core import clock
from gate.core.errors import GateError
from gate.organizations.types import TENANT_LABEL
from gate.settings import Settings

CA_DAYS, SERVER_DAYS, CLIENT_DAYS = 3650, 820, 730
"""Phones refuse a server's certificate that is valid for more than 825 days."""
CRL_DAYS = CA_DAYS
"""The server reads the file itself, so that nothing is gained by asking for it anew every week."""
_SLACK = dt.timedelta(hours=1)
"""Clocks of devices are a little off."""

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class CertificateRefused(GateError):
    """What was asked for cannot be made; the text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key as text, not encrypted."""
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    @property
    def fingerprint(self) -> str:
        """SHA-256, as devices show it."""
        return ":".join(f"{octet:02X}" for octet in self.certificate.fingerprint(hashes.SHA256()))


def _new_key(kind: str) -> Key:
    return (
        rsa.generate_private_key(public_exponent=65537, key_size=3072)
        if kind == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )


def _started(*, subject: str, issuer: x509.Name, key: Key, now: dt.datetime, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        key_cert_sign=signs_certificates, crl_sign=signs_certificates, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def make_authority(*, name: str, now: dt.datetime, kind: str = "ec", days: int = CA_DAYS) -> Pair:
    """A CA that signs the certificates of servers and clients, and nothing below it."""
    key = _new_key(kind)
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _started(subject=name, issuer=issuer, key=key, now=now, days=days)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    return Pair(builder.sign(key, hashes.SHA256()), key)


def issue(
    *,
    authority: Pair,
    name: str,
    now: dt.datetime,
    is_server: bool,
    days: int,
    kind: str = "ec",
    tenant_id: int | None = None,
    labels: Sequence[str] | None = None,
) -> Pair:
    """A certificate for a server of that name or address, or for the client of the user of that name, in that tenant alone.

    With `labels` a client is no user but what these URIs and DNS names say it is.
    """
    key = _new_key(kind)
    builder = _started(subject=name[:64], issuer=authority.certificate.subject, key=key, now=now, days=days)
    alternatives = [_alternative(name, is_server=is_server)] if labels is None else [_label(label) for label in labels]
    if tenant_id is not None:
        alternatives.append(x509.UniformResourceIdentifier(f"{TENANT_LABEL}{tenant_id}"))
    usage = ExtendedKeyUsageOID.SERVER_AUTH if is_server else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def _label(label: str) -> x509.GeneralName:
    return x509.UniformResourceIdentifier(label) if ":" in label else x509.DNSName(label)


def _alternative(name: str, *, is_server: bool) -> x509.GeneralName:
    if not is_server:
        # The name as a user principal name takes any username, an e-mail address or not.
        text = name.encode()
        if len(text) > 127:
            raise CertificateRefused("A username in a certificate has 127 octets at most.")
        return x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), bytes((0x0C, len(text))) + text)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", name):
        raise CertificateRefused(f"{name!r} is neither a host name nor an address.")
    return x509.DNSName(name)


def make_crl(*, authority: Pair, revoked: dict[int, dt.datetime], now: dt.datetime, days: int = CRL_DAYS) -> bytes:
    """The list of revoked serial numbers with the time of each, as text."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - _SLACK)
        .next_update(now + dt.timedelta(days=days))
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
    )
    for serial, at in revoked.items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


# --- the command ------------------------------------------------------------------------------------------------------------


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Do what was asked for; the exit status. Raises CertificateRefused."""
    folder = settings.data / "radius"
    if options.days is not None and not 1 <= options.days <= CA_DAYS:
        raise CertificateRefused(f"--days takes 1 to {CA_DAYS}.")
    if options.client is not None:
        tenant_id = _tenant(options.organization)
        told = _client(folder, name=options.client, days=options.days or CLIENT_DAYS, tenant_id=tenant_id)
    elif options.nas is not None:
        # The rest of this file needs no database.
        from gate.commands.radsec import make

        told = make(settings, options)
    elif options.revoke is not None:
        told = _revoke(_folder_of(folder, serial=options.revoke), serial=options.revoke)
    else:
        told = _server(folder, settings, options)
    if options.json:
        print(json.dumps(told))  # noqa: T201  the command's answer
    else:
        print(told["told"])  # noqa: T201  the command's answer
    return 0


def _server(folder: Path, settings: Settings, options: argparse.Namespace) -> dict[str, str]:
    held = [name for name in ("ca.pem", "ca.key", "server.pem", "server.key") if (folder / name).exists()]
    if held and not options.replace:
        raise CertificateRefused(
            f"There is {', '.join(held)} in {folder} already; nothing was changed. --replace makes a new server certificate "
            "under the CA that is there."
        )
    now = clock.now()
    # Half a CA is not replaced: `read_authority` says what is missing.
    kept = read_authority(folder) if {"ca.key", "ca.pem"} & set(held) else None
    authority = kept or make_authority(name="GATE RADIUS CA", now=now, kind=options.key)
    server = issue(
        authority=authority, name=options.name, now=now, is_server=True, days=options.days or SERVER_DAYS, kind=options.key
    )
    if kept is None:
        write(folder / "ca.key", authority.key_pem)
        write(folder / "ca.pem", authority.certificate_pem)
        write(folder / "crl.pem", make_crl(authority=authority, revoked={}, now=now))
    write(folder / "server.key", server.key_pem)
    write(folder / "server.pem", server.certificate_pem)
    until = f"{server.certificate.not_valid_after_utc:%Y-%m-%d}"
    supplied = settings.radius_tls_cert is not None
    lines = [
        f"Made the RADIUS server's certificate for {options.name}, valid until {until}, in {folder}",
        f"SHA-256 of the CA's certificate:     {authority.fingerprint}",
        f"SHA-256 of the server's certificate: {server.fingerprint}",
        f"Give {folder / 'ca.pem'} to the devices, with the server name {options.name}: a device that checks neither gives its",
        "password to whoever asks. A running server takes the new files within 30 seconds.",
        *(["GATE_RADIUS_TLS_CERT is set, so that the server uses that certificate and not this one."] if supplied else []),
    ]
    return {"ca": authority.fingerprint, "server": server.fingerprint, "folder": str(folder), "told": "\n".join(lines)}


def _tenant(organization: str | None) -> int:
    """The tenant named, or the only one. Raises CertificateRefused and NotFound."""
    # The rest of this file needs no database.
    from gate.commands.organization import scope_named
    from gate.organizations import queries

    if organization is not None:
        return scope_named(organization).tenant_id
    roots = queries.list_roots()
    if len(roots) != 1:
        raise CertificateRefused("Say whose user it is: --organization NAME.")
    return roots[0]


def _client(folder: Path, *, name: str, days: int, tenant_id: int) -> dict[str, str]:
    authority = read_authority(folder)
    pair = issue(authority=authority, name=name, now=clock.now(), is_server=False, days=days, tenant_id=tenant_id)
    stem = re.sub(r"[^A-Za-z0-9@._-]", "_", name).lstrip(".") or "client"
    path = folder / "clients" / f"{stem}-{pair.certificate.serial_number:x}.p12"
    password = secrets.token_urlsafe(12)
    bundle = pkcs12.serialize_key_and_certificates(
        name.encode(),
        pair.key,
        pair.certificate,
        [authority.certificate],
        serialization.BestAvailableEncryption(password.encode()),
    )
    write(path, bundle)
    serial = f"{pair.certificate.serial_number:x}"
    told = (
        f"Made a certificate for the user {name}, valid until {pair.certificate.not_valid_after_utc:%Y-%m-%d}:\n{path}\n"
        f"Password of the file: {password}   (shown once)\nTo revoke it: gate radius certs --revoke {serial}"
    )
    return {"file": str(path), "password": password, "serial": serial, "told": told}


def _folder_of(folder: Path, *, serial: str) -> Path:
    """Where the CA lies that made this certificate: those of NAS have one of their own, and leave a folder each."""
    theirs = folder / "radsec"
    return theirs if any(theirs.glob(f"nas/*-{serial.lower()}")) else folder


def _revoke(folder: Path, *, serial: str) -> dict[str, str]:
    try:
        number = int(serial, 16)
    except ValueError:
        raise CertificateRefused(f"{serial!r} is no serial number: it is written in hexadecimal.") from None
    authority, now = read_authority(folder), clock.now()
    path = folder / "crl.pem"
    revoked: dict[int, dt.datetime] = {}
    if path.exists():
        held = x509.load_pem_x509_crl(path.read_bytes())
        revoked = {entry.serial_number: entry.revocation_date_utc for entry in held}
    revoked.setdefault(number, now)
    write(path, make_crl(authority=authority, revoked=revoked, now=now))
    return {"serial": serial, "told": f"Revoked {serial}. A running server takes the new list within 30 seconds: {path}"}


def read_authority(folder: Path) -> Pair:
    """The CA in a folder. Raises CertificateRefused."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    except OSError as error:
        raise CertificateRefused(f"There is no CA in {folder} ({error.strerror}): `gate radius certs` makes one.") from error
    except ValueError as error:
        raise CertificateRefused(f"The CA in {folder} cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise CertificateRefused(f"The CA's key in {folder} is of a kind GATE does not sign with.")
    return Pair(certificate, key)


def write(path: Path, octets: bytes) -> None:
    """Whole or not at all, readable by the owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    try:
        draft.write_bytes(octets)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
