"""Debian's eapol_test as a peer: wpa_supplicant's own EAP, behind a NAS of its own making that checks the keys it is given."""

import dataclasses
import shutil
import subprocess
from pathlib import Path
from typing import Any

from gate.commands import certs
from gate.core import clock

PROGRAM = shutil.which("eapol_test")
METHODS = {
    "EAP-TLS": ("TLS", ""),
    "EAP-TTLS/PAP": ("TTLS", "auth=PAP"),
    "EAP-TTLS/MSCHAPv2": ("TTLS", "auth=MSCHAPV2"),
    "PEAP/MSCHAPv2": ("PEAP", "auth=MSCHAPV2"),
    "EAP-MD5": ("MD5", ""),
}


@dataclasses.dataclass(frozen=True)
class Files:
    """A folder of certificates: `radius/` as a server has it, and what clients bring."""

    data: Path
    authority: certs.Pair

    @classmethod
    def make(cls, data: Path) -> "Files":
        now, folder = clock.now(), data / "radius"
        folder.mkdir(parents=True)
        authority = certs.make_authority(name="CA of the tests", now=now)
        server = certs.issue(authority=authority, name="radius.example.net", now=now, is_server=True, days=40)
        (folder / "server.pem").write_bytes(server.certificate_pem)
        (folder / "server.key").write_bytes(server.key_pem)
        (folder / "ca.pem").write_bytes(authority.certificate_pem)
        return cls(data, authority)

    def revoke(self, *pairs: certs.Pair) -> None:
        now = clock.now()
        serials = {pair.certificate.serial_number: now for pair in pairs}
        text = certs.make_crl(authority=self.authority, revoked=serials, now=now)
        (self.data / "radius" / "crl.pem").write_bytes(text)

    def client(self, name: str, *, pair: certs.Pair | None = None) -> tuple[Path, Path]:
        """The files of a user's certificate, made by this CA unless another pair is given."""
        made = pair or certs.issue(authority=self.authority, name=name, now=clock.now(), is_server=False, days=30)
        certificate = self.data / f"{made.certificate.serial_number:x}.pem"
        key = certificate.with_suffix(".key")
        certificate.write_bytes(made.certificate_pem)
        key.write_bytes(made.key_pem)
        return certificate, key


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What eapol_test said."""

    text: str

    @property
    def succeeded(self) -> bool:
        """Let in, by a key that the server has as well."""
        return self.text.rstrip().endswith("SUCCESS") and "PMK mismatch" not in self.text

    @property
    def resumed(self) -> bool:
        return "Handshake finished - resumed=1" in self.text

    def said(self, attribute: str) -> bool:
        return attribute in self.text


def sign_in(
    server: Any, files: Files, *, method: str, username: str, password: str = "", tls: str = "1.3", anonymous: bool = True,
    client: tuple[Path, Path] | None = None, authority: Path | None = None, attributes: tuple[str, ...] = (), again: int = 0,
    fragment: int | None = None, tickets: bool = True,
) -> Outcome:  # fmt: skip
    """Sign in from 127.0.0.1, `again` times more by resumption."""
    eap, inner = METHODS[method]
    lines = ["key_mgmt=WPA-EAP", f"eap={eap}", f'identity="{username}"', f'password="{password}"']
    if eap != "MD5":
        lines.append(f'ca_cert="{authority or files.data / "radius" / "ca.pem"}"')
        lines.append(f'phase1="tls_disable_tlsv1_3={int(tls == "1.2")} tls_disable_session_ticket={int(not tickets)}"')
        if fragment is not None:
            lines.append(f"fragment_size={fragment}")
    if inner:
        lines.append(f'phase2="{inner}"')
        if anonymous:
            lines.append('anonymous_identity="anonymous"')
    if client is not None:
        lines += [f'client_cert="{client[0]}"', f'private_key="{client[1]}"']
    configuration = files.data / "peer.conf"
    configuration.write_text("network={\n" + "\n".join(lines) + "\n}\n")
    command = [
        str(PROGRAM), "-c", str(configuration), "-a", "127.0.0.1", "-p", str(server.auth_port), "-s", server.world.nas_secret,
        "-t", "10", "-r", str(again), *(["-n"] if eap == "MD5" else []),
        *(word for attribute in attributes for word in ("-N", attribute)),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=40, check=False)
    if eap != "MD5":
        assert f"Using TLS version TLSv{tls}" in done.stdout or "TLS" not in done.stdout or not _met(done.stdout)
    return Outcome(done.stdout)


def _met(text: str) -> bool:
    """Whether the handshake came as far as a version."""
    return "Using TLS version" in text
