"""802.1X as a building has it: hostapd is the switch, wpa_supplicant the device, `gate up` the server, in three networks.

What hostapd sends, stores and obeys is another's reading of RFC 2865, 2866, 2869, 3579, 3580 and 5176.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import hostapd
from eapol import Files
from hostapd import Hostapd, Wire, plugged_in, running, wired
from people import PASSWORD
from radius_server import Committed, committed_database, until

pytestmark = [pytest.mark.e2e, pytest.mark.django_db, pytest.mark.timeout(180)]


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    lacking = hostapd.lacking()
    if lacking:
        # scripts/test-packages.sh installs them: where CI runs, nothing is left out for want of that.
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(lacking)
    forbidden = hostapd.forbidden()
    if forbidden:
        pytest.skip(forbidden)
    with wired() as made:
        yield made


@pytest.fixture(scope="module")
def database(wire: Wire, django_db_setup: None, django_db_blocker: Any) -> Iterator[Committed]:
    """The world, with the switch among acme's NAS in place of the one on loopback."""
    with django_db_blocker.unblock(), committed_database("gate_hostapd") as made:
        made.all(
            "UPDATE nas_nas SET address = %s, vendor = 'hostapd', live_control = 'both' WHERE id = %s",
            f"{wire.switch_address}/32", made.world.nas["acme"],
        )  # fmt: skip
        yield made


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    made = Files.make(tmp_path_factory.mktemp("certificates"))
    made.revoke()
    return made


class Gate:
    """A `gate up` at the end of the cable."""

    def __init__(self, wire: Wire, database: Committed, files: Files, folder: Path) -> None:
        self.http_port = free_port(socket.SOCK_STREAM)
        self.auth_port, self.acct_port = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
        self.secret = database.world.nas_secret
        self._token = database.world.owner.token
        self.log = folder / "gate.log"
        environ = os.environ | {
            "DATABASE_URL": database.url, "GATE_DATA": str(files.data), "GATE_HTTP_PORT": str(self.http_port),
            "GATE_RADIUS_BIND": wire.gate_address, "GATE_RADIUS_AUTH_PORT": str(self.auth_port),
            "GATE_RADIUS_ACCT_PORT": str(self.acct_port), "GATE_RADIUS_REJECT_DELAY": "0.2",
        }  # fmt: skip
        environ.pop("GATE_PART", None)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gate", "up"],
                env=environ,
                stdout=output,
                stderr=output,
                preexec_fn=hostapd.end_with_the_tests,  # noqa: PLW1509  no lock is taken in it
            )

    def await_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return "Ctrl-C stops GATE" in self.log.read_text()

        until(ready, within=90)

    def api(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.http_port}/api/v1", headers={"Authorization": f"Bearer {self._token}"}, timeout=10
        )

    def sessions(self, user_id: int) -> list[dict[str, Any]]:
        """A user's, as the API tells them, the newest first."""
        with self.api() as http:
            found: list[dict[str, Any]] = http.get("/aaa_accounting/", params={"user": f"user_{user_id}"}).json()["results"]
        return found

    def session(self, user_id: int) -> dict[str, Any]:
        """A user's only one, once there is one."""
        (row,) = until(lambda: self.sessions(user_id))
        return row  # type: ignore[no-any-return]

    def closed(self, user_id: int) -> dict[str, Any]:
        """The newest, once it is closed."""
        return until(lambda: (rows := self.sessions(user_id)) and rows[0]["acctstoptime"] and rows[0])  # type: ignore[no-any-return]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            assert self.process.wait(30) == 0, self.log.read_text()


@pytest.fixture(scope="module")
def gate(wire: Wire, database: Committed, files: Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    made = Gate(wire, database, files, tmp_path_factory.mktemp("gate"))
    try:
        made.await_ready()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def switch(wire: Wire, gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostapd]:
    """The switch, which has told its start."""
    made = start(wire, gate, tmp_path_factory.mktemp("switch"))
    with running(lambda: made):
        yield made


def start(wire: Wire, gate: Gate, folder: Path) -> Hostapd:
    return Hostapd.start(wire, folder, auth_port=gate.auth_port, acct_port=gate.acct_port, secret=gate.secret)


def network(files: Files, method: str, name: str, password: str = PASSWORD) -> dict[str, str | int]:
    """The device's settings."""
    common: dict[str, str | int] = {"identity": name, "ca_cert": str(files.data / "radius" / "ca.pem")}
    if method == "EAP-TLS":
        certificate, key = files.client(name)
        return common | {"eap": "TLS", "client_cert": str(certificate), "private_key": str(key)}
    kind, inner = {"EAP-TTLS/PAP": ("TTLS", "auth=PAP"), "PEAP/MSCHAPv2": ("PEAP", "auth=MSCHAPV2")}[method]
    return common | {"eap": kind, "password": password, "phase2": inner, "anonymous_identity": "anonymous"}


@pytest.fixture
def person(database: Committed) -> tuple[int, str]:
    """A new subscriber with a recoverable password and a profile: id and name."""
    return database.user(profile="acme", recoverable=True)


def with_profile(database: Committed, user_id: int, **items: str) -> None:
    """This user's profile alone, with these reply items; `_` stands for `-`."""
    stored = [{"attribute": name.replace("_", "-"), "op": ":=", "value": value} for name, value in items.items()]
    number = database.one(
        "INSERT INTO profiles_profile SELECT (jsonb_populate_record(p, jsonb_build_object("
        " 'id', nextval('profiles_profile_id_seq'), 'name', %s::text, 'short_name', %s::text, 'reply_attribute', %s::jsonb))).*"
        " FROM profiles_profile p WHERE id = %s RETURNING id",
        f"of {user_id}", f"of-{user_id}", json.dumps(stored), database.world.profiles["acme"],
    )  # fmt: skip
    database.all("UPDATE users_userprofile SET profile_id = %s WHERE user_id = %s", number, user_id)


def sign_ins(database: Committed, name: str) -> list[tuple[Any, ...]]:
    return database.all(
        "SELECT accepted, method, split_part(reason, ' ', 1) FROM access_sign_in WHERE username = %s ORDER BY id", name
    )


def test_the_start_of_the_switch_is_told_and_answered(switch: Hostapd) -> None:
    on = switch.text.index("Attribute 40 (Acct-Status-Type) length=6\n      Value: 7\n")
    switch.says("code=5 (Accounting-Response) identifier=0", after=on)


@pytest.mark.parametrize("method", ["EAP-TTLS/PAP", "PEAP/MSCHAPv2", "EAP-TLS"])
def test_a_session_from_sign_in_to_sign_out(
    wire: Wire,
    gate: Gate,
    switch: Hostapd,
    database: Committed,
    files: Files,
    tmp_path: Path,
    person: tuple[int, str],
    method: str,
) -> None:
    number, name = person
    with plugged_in(wire, tmp_path, **network(files, method, name)) as device:
        device.says("CTRL-EVENT-EAP-SUCCESS")
        until(lambda: device.status().get("suppPortStatus") == "Authorized")
        row = gate.session(number)
        until(lambda: sign_ins(database, name) == [(True, method, "")])
        address = device.status()["address"].upper().replace(":", "-")
        assert row["acctstoptime"] is None
        assert (row["username"], row["user_id"]) == (name, f"user_{number}"), "the name inside the tunnel"
        assert (row["nasipaddress"], row["nasidentifier"]) == (wire.switch_address, "switch.test")
        assert (row["callingstationid"], row["acctauthentic"]) == (address, "RADIUS")
        device.leave()
        closed = gate.closed(number)
    assert closed["radacctid"] == row["radacctid"]
    assert closed["acctterminatecause"] == "User-Request"
    assert closed["acctstarttime"] == row["acctstarttime"]


def test_a_wrong_password_is_refused_and_leaves_no_session(
    wire: Wire, gate: Gate, switch: Hostapd, database: Committed, files: Files, tmp_path: Path, person: tuple[int, str]
) -> None:
    number, name = person
    with plugged_in(wire, tmp_path, **network(files, "PEAP/MSCHAPv2", name, password="wrong")) as device:
        device.says("CTRL-EVENT-EAP-FAILURE")
        assert device.status()["suppPortStatus"] == "Unauthorized"
    assert until(lambda: sign_ins(database, name))[0] == (False, "PEAP/MSCHAPv2", "wrong-password")
    assert gate.sessions(number) == []


def test_the_switch_obeys_the_session_timeout_of_the_profile(
    wire: Wire, gate: Gate, switch: Hostapd, database: Committed, files: Files, tmp_path: Path, person: tuple[int, str]
) -> None:
    number, name = person
    with_profile(database, number, Session_Timeout="2")
    with plugged_in(wire, tmp_path, **network(files, "EAP-TTLS/PAP", name)) as device:
        device.says("CTRL-EVENT-EAP-SUCCESS")
        closed = gate.closed(number)
    assert closed["acctterminatecause"] == "Session-Timeout"
    assert closed["acctsessiontime"] in {2, 3}


def test_a_disconnect_by_the_api_is_acknowledged_and_ends_the_session(
    wire: Wire, gate: Gate, switch: Hostapd, database: Committed, files: Files, tmp_path: Path, person: tuple[int, str]
) -> None:
    number, name = person
    with plugged_in(wire, tmp_path, **network(files, "EAP-TTLS/PAP", name)) as device, gate.api() as http:
        device.says("CTRL-EVENT-EAP-SUCCESS")
        gate.session(number)
        # Interim-Updates meanwhile, a second apart as the switch is set to.
        row = until(lambda: (rows := gate.sessions(number)) and rows[0]["acctsessiontime"] >= 2 and rows[0])
        assert (row["acctstoptime"], row["acctinterval"]) == (None, 1)
        assert row["acctupdatetime"] > row["acctstarttime"]
        said = len(switch.text)
        asked = http.post(f"/session/{row['radacctid']}/disconnect/")
        assert asked.status_code == 202, asked.text
        closed = gate.closed(number)
        switch.says(f"AP-STA-DISCONNECTED {device.status()['address']}", after=said)
        answered = until(
            lambda: (done := http.get(f"/session/{row['radacctid']}/requests/").json()["results"])
            and done[0]["state"] != "queued" and done[0]
        )  # fmt: skip
        assert answered["state"] == "acknowledged", answered
        # The switch took Event-Timestamp and Message-Authenticator, which it is set to insist on, and matched the session.
        assert "RADIUS DAS: Acct-Session-Id match" in switch.text[said:]
        assert "code=41 (Disconnect-ACK)" in switch.text[said:]
        # Its Stop says no cause after a Disconnect (hostapd 2.10), and none is invented; who asked for it is told.
        assert (closed["acctterminatecause"], answered["reason"], answered["username"]) == (None, "asked", name)
        assert closed["acctsessiontime"] >= row["acctsessiontime"]
        over = http.post(f"/session/{row['radacctid']}/disconnect/")
        assert over.status_code == 409


def test_who_is_switched_off_is_put_out_and_not_let_in_again(
    wire: Wire, gate: Gate, switch: Hostapd, database: Committed, files: Files, tmp_path: Path, person: tuple[int, str]
) -> None:
    number, name = person
    with plugged_in(wire, tmp_path, **network(files, "EAP-TTLS/PAP", name)) as device, gate.api() as http:
        device.says("CTRL-EVENT-EAP-SUCCESS")
        row = gate.session(number)
        said, heard = len(switch.text), len(device.text)
        assert http.patch(f"/user/user_{number}/", json={"is_active": False}).status_code == 200
        assert gate.closed(number)["radacctid"] == row["radacctid"]
        switch.says(f"AP-STA-DISCONNECTED {device.status()['address']}", after=said)
        device.again()
        device.says("CTRL-EVENT-EAP-FAILURE", after=heard)
    assert until(lambda: (rows := sign_ins(database, name)) and len(rows) == 2 and rows)[1] == (False, "EAP-TTLS/PAP", "disabled")
    assert len(gate.sessions(number)) == 1


def test_a_power_cut_and_an_orderly_end_of_the_switch_close_its_sessions(
    wire: Wire, gate: Gate, switch: Hostapd, database: Committed, files: Files, tmp_path: Path
) -> None:
    """Last in the file: it ends the switch the others use."""
    (cut, name), (ended, other) = database.user(), database.user()
    with plugged_in(wire, tmp_path, **network(files, "EAP-TTLS/PAP", name)):
        row = until(lambda: (rows := gate.sessions(cut)) and rows[0]["acctsessiontime"] >= 1 and rows[0])
        switch.end(kill=True)
    assert gate.sessions(cut)[0]["acctstoptime"] is None, "nobody told"
    again = start(wire, gate, tmp_path)
    with running(lambda: again):
        # Accounting-On: that session ended with its last update.
        closed = gate.closed(cut)
        assert (closed["acctterminatecause"], closed["acctstoptime"]) == ("NAS-Reboot", closed["acctupdatetime"])
        assert closed["acctsessiontime"] >= row["acctsessiontime"]
        with plugged_in(wire, tmp_path, **network(files, "EAP-TTLS/PAP", other)):
            assert gate.session(ended)["acctstoptime"] is None
            again.end()
        # A Stop for the device, without a cause as hostapd 2.10 has it, then Accounting-Off.
        stop, off = (again.text.rindex(f"Attribute 40 (Acct-Status-Type) length=6\n      Value: {status}\n") for status in (2, 8))
        assert stop < off
        assert gate.closed(ended)["acctterminatecause"] in {None, "NAS-Reboot"}
    with gate.api() as http:
        assert http.get("/aaa_accounting/", params={"session_status": "active"}).json()["results"] == []
