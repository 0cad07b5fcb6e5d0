"""Through GATE to another's implementation: FreeRADIUS as home server, eapol_test and packets of our own as NAS."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import eapol
import freeradius_home
import radsec_programs
from freeradius_home import FreeradiusHome
from gate.commands import certs
from gate.core import clock
from gate.protocols.radius import mppe, mschap
from home_server import known, lead
from radius_nas import ACCEPT, INTERIM, REJECT, START, STOP, number
from radius_server import serving, until

IS_MISSING = not Path(freeradius_home.PROGRAM).exists()
assert not (IS_MISSING and os.environ.get("CI")), "freeradius has to be installed"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        IS_MISSING, reason="FreeRADIUS is not installed: PROXYING TO IT IS NOT TESTED (apt-get install freeradius)"
    ),
]
with_peer = pytest.mark.skipif(eapol.PROGRAM is None, reason="eapol_test (Debian: eapoltest) is not installed: EAP IS NOT TESTED")


@pytest.fixture(scope="module")
def files(tmp_path_factory: Any) -> eapol.Files:
    return eapol.Files.make(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def home(files: eapol.Files) -> Iterator[FreeradiusHome]:
    with freeradius_home.freeradius_home(files, secret="of-gate-and-freeradius") as made:
        yield made


@pytest.fixture
def realm(server: Any, committed: Any, home: FreeradiusHome) -> str:
    name = f"{secrets.token_hex(4)}.example"
    known(server, lead(committed, name, [home], health="status", timeout=3.0, check_interval=1.0))
    return name


def test_pap_and_chap(server: Any, home: FreeradiusHome, realm: str) -> None:
    """Right and wrong passwords, CHAP with its challenge in the authenticator and apart; Tunnel-Password for the NAS's secret."""
    nas = server.nas()
    request = nas.pap(f"ann@{realm}", "right", (33, b"mine"))
    answer = nas.ask(request)
    assert (answer.code, answer.get(25), answer.get_all(33)) == (ACCEPT, b"home", [b"mine"]), home.log.read_text()[-3000:]
    assert answer.get(27) == number(1234)
    hidden = answer.get(69) or b""
    assert mppe.decrypt(hidden[1:], secret=nas.secret, authenticator=request[4:20]) == b"of the tunnel"
    assert nas.ask(nas.pap(f"ann@{realm}", "wrong")).code == REJECT
    assert nas.ask(nas.chap(f"ann@{realm}", "right")).code == ACCEPT
    assert nas.ask(nas.chap(f"ann@{realm}", "right", challenge=b"sixteen octets..")).code == ACCEPT
    assert nas.ask(nas.chap(f"ann@{realm}", "wrong")).code == REJECT


def test_mschapv2_and_the_keys_of_the_link(server: Any, realm: str) -> None:
    """The server's proof passes, and both keys open with the NAS's secret."""
    nas, name = server.nas(), f"ann@{realm}"
    challenge, authenticator = secrets.token_bytes(16), secrets.token_bytes(16)
    sides = {"authenticator_challenge": challenge, "peer_challenge": bytes(range(16)), "username": name.encode()}
    hashed = mschap.nt_hash(b"right")
    made = mschap.nt_response(**sides, password_hash=hashed)
    value = mschap.Response(identifier=9, peer_challenge=bytes(range(16)), nt_response=made).encode()
    request = nas.access_request((1, name.encode()), _vendor(11, challenge), _vendor(25, value), authenticator=authenticator)
    answer = nas.ask(request)
    assert answer.code == ACCEPT
    proof = mschap.authenticator_response(**sides, password_hash=hashed, response=made)
    assert answer.vendor(311, 26) == b"\x09" + proof
    master = mppe.master_key(password_hash=hashed, response=made)
    for kind, server_sends in ((16, True), (17, False)):
        key = mppe.decrypt(answer.vendor(311, kind) or b"", secret=nas.secret, authenticator=authenticator)
        assert key == mppe.start_key(master=master, server_sends=server_sends)


@with_peer
@pytest.mark.parametrize("method", ["EAP-TTLS/PAP", "PEAP/MSCHAPv2"])
def test_eap_passes_whole(server: Any, committed: Any, files: eapol.Files, home: FreeradiusHome, realm: str, method: str) -> None:
    """The peer and its NAS end with the same key, which only the home server knew; a wrong password is refused."""
    name = f"ann@{realm}"
    outcome = eapol.sign_in(server, files, method=method, username=name, password="right", tls="1.2", anonymous=False)
    assert outcome.succeeded, outcome.text[-2000:] + home.log.read_text()[-4000:]
    assert outcome.said("MS-MPPE-Recv-Key")
    assert not eapol.sign_in(server, files, method=method, username=name, password="wrong", tls="1.2", anonymous=False).succeeded
    found = until(lambda: len(rows := committed.all(
        "SELECT accepted, method, reason FROM access_sign_in WHERE username = %s ORDER BY id", name)) == 2 and rows)  # fmt: skip
    assert found == [(accepted, "EAP", f"proxied freeradius.{realm}") for accepted in (True, False)]


def test_accounting_reaches_its_detail_file(server: Any, home: FreeradiusHome, realm: str, run_id: str) -> None:
    """Every packet of the session, and what it said."""
    nas = server.nas()
    for status, seconds in ((START, 0), (INTERIM, 300), (STOP, 600)):
        assert nas.ask(nas.accounting(status, run_id, f"ann@{realm}", (42, number(seconds * 7)), seconds=seconds)).code == 5
    kept = until(lambda: len(found := [one for one in home.accounting() if one.get("Acct-Session-Id") == run_id]) == 3 and found)
    assert [one["Acct-Status-Type"] for one in kept] == ["Start", "Interim-Update", "Stop"]
    assert [one["Acct-Session-Time"] for one in kept] == ["0", "300", "600"]
    assert kept[2]["Acct-Input-Octets"] == "4200"
    assert {one["User-Name"] for one in kept} == {f"ann@{realm}"}


def test_a_restart_of_the_nas_reaches_its_detail_file(server: Any, home: FreeradiusHome, realm: str) -> None:
    """Accounting-Off and -On, which name no user."""
    nas, name = server.nas(), secrets.token_hex(4)
    both = {"Accounting-On", "Accounting-Off"}
    for status in (8, 7):
        packet = nas.accounting(status, name, "", (32, name.encode()))
        assert nas.ask(packet).code == 5
    # Twice and more: other realms lead there as well, by pools of their own.
    until(lambda: {one["Acct-Status-Type"] for one in home.accounting() if one.get("NAS-Identifier") == name} == both)


def test_it_answers_status_server(server: Any, home: FreeradiusHome, realm: str) -> None:
    """On both ports, and so is known to work before anybody signs in."""
    targets = server.service.proxy.targets
    until(lambda: {
        (target.port, target.health.state) for target in targets.all() if target.home.name == f"{home.name}.{realm}"
    } == {("authentication", "alive"), ("accounting", "alive")})  # fmt: skip


def test_a_home_server_by_tls(committed: Any, tmp_path: Path, run_id: str) -> None:
    """Sign-ins and accounting of a realm by one connection, FreeRADIUS at its end."""
    authority = certs.make_authority(name="CA of homes", now=clock.now())
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
    shown = {}
    for name, is_server in (("home.example.net", True), ("gate.example.net", False)):
        pair = certs.issue(authority=authority, name=name, now=clock.now(), is_server=is_server, days=9)
        (tmp_path / f"{name}.pem").write_bytes(pair.certificate_pem)
        (tmp_path / f"{name}.key").write_bytes(pair.key_pem)
        shown[name] = radsec_programs.Tls(tmp_path / f"{name}.pem", tmp_path / f"{name}.key", tmp_path / "ca.pem")
    own, realm = shown["gate.example.net"], f"{secrets.token_hex(4)}.example"
    files = {
        "GATE_RADSEC_HOME_CERT": str(own.certificate), "GATE_RADSEC_HOME_KEY": str(own.key), "GATE_RADSEC_HOME_CA": str(own.ca),
    }  # fmt: skip
    with (
        radsec_programs.freeradius_home(tmp_path, tls=shown["home.example.net"]) as port,
        serving(committed, **files) as server,
    ):
        away = SimpleNamespace(name="away", auth_port=port, acct_port=port, secret=b"radsec")
        known(server, lead(committed, realm, [away], transport="tls", tls_name="home.example.net", timeout=3.0))
        nas = server.nas()
        try:
            assert nas.ask(nas.pap(f"ann@{realm}", "far away"), within=10).code == ACCEPT
            assert nas.ask(nas.pap(f"ann@{realm}", "wrong"), within=10).code == REJECT
            assert nas.ask(nas.accounting(START, run_id, f"ann@{realm}")).code == 5
            until(lambda: server.metrics["proxy.accounting-delivered"] == 1)
        finally:
            nas.close()


def test_a_home_server_by_its_host_name(server: Any, committed: Any, home: FreeradiusHome) -> None:
    """Looked up; until there is an address there is nobody to ask."""
    realm = f"{secrets.token_hex(4)}.example"
    known(server, lead(committed, realm, [home], host="localhost", when_dead="reject", timeout=3.0))
    nas = server.nas()
    until(lambda: nas.ask(nas.pap(f"ann@{realm}", "right")).code == ACCEPT)


def _vendor(kind: int, value: bytes) -> tuple[int, bytes]:
    return 26, (311).to_bytes(4, "big") + bytes((kind, len(value) + 2)) + value
