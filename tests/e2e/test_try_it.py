"""What the README promises, by the real processes: `gate up`, `gate demo`, Debian's radclient, the session read back."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

GATE = (sys.executable, "-m", "gate")


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A fresh install: an empty home, free ports, nothing else set."""
    home = tmp_path_factory.mktemp("home")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("GATE_", "DATABASE_", "DJANGO_"))}
    return plain | {
        "HOME": str(home),
        "GATE_HTTP_PORT": str(free_port(socket.SOCK_STREAM)),
        "GATE_RADIUS_AUTH_PORT": str(free_port(socket.SOCK_DGRAM)),
        "GATE_RADIUS_ACCT_PORT": str(free_port(socket.SOCK_DGRAM)),
    }


class Gate:
    """A `gate up` and what it printed."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.log = log
        self.started = time.monotonic()
        with log.open("wb") as output:
            self.process = subprocess.Popen(GATE + ("up",), env=environ, stdout=output, stderr=subprocess.STDOUT)  # noqa: RUF005

    def await_banner(self, seconds: float = 90) -> str:
        while "Ctrl-C stops GATE" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() - self.started < seconds, self.log.read_text()
            time.sleep(0.1)
        return self.log.read_text()

    def stop(self) -> str:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(30) == 0
        return self.log.read_text()


@pytest.fixture(scope="module")
def up(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    gate = Gate(environ, tmp_path_factory.mktemp("log") / "up.log")
    try:
        gate.await_banner()
        yield gate
    finally:
        if gate.process.poll() is None:
            gate.stop()


@pytest.fixture(scope="module")
def demo(up: Gate, environ: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run((*GATE, "demo", "--json"), env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    filled: dict[str, Any] = json.loads(done.stdout)
    return filled


@pytest.fixture(scope="module")
def radclient() -> str:
    found = shutil.which("radclient")
    if found is None:
        pytest.skip("radclient is missing and could not be installed: apt-get install freeradius-utils")
    return found


def ask(radclient: str, demo: dict[str, Any], kind: str, attributes: dict[str, str]) -> str:
    radius = demo["radius"]
    lines = "".join(f'{name} = "{value}"\n' for name, value in attributes.items())
    port = radius["auth_port"] if kind == "auth" else radius["acct_port"]
    command = (radclient, "-x", "-t", "5", "-r", "2", f"{radius['host']}:{port}", kind, radius["secret"])
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


def at_the_access_point(demo: dict[str, Any]) -> dict[str, str]:
    return {
        "User-Name": demo["users"][0]["username"],
        "NAS-Identifier": demo["radius"]["nas_identifier"],
        "Called-Station-Id": f"{demo['ap_mac'].upper().replace(':', '-')}:Demo Wi-Fi",
        "Calling-Station-Id": "02-AB-CD-EF-00-01",
        "NAS-Port-Type": "Wireless-802.11",
    }


def test_the_right_password_is_accepted_and_the_wrong_one_rejected(radclient: str, demo: dict[str, Any]) -> None:
    user = demo["users"][0]
    right = ask(radclient, demo, "auth", at_the_access_point(demo) | {"User-Password": user["password"]})
    assert "Received Access-Accept" in right
    assert "Session-Timeout" in right
    wrong = ask(radclient, demo, "auth", at_the_access_point(demo) | {"User-Password": user["password"] + "x"})
    assert "Received Access-Reject" in wrong
    assert "Received Access-Accept" not in wrong


def test_chap_is_accepted_where_passwords_are_recoverable(radclient: str, demo: dict[str, Any]) -> None:
    user = demo["users"][0]
    right = ask(radclient, demo, "auth", at_the_access_point(demo) | {"CHAP-Password": user["password"]})
    assert "Received Access-Accept" in right
    wrong = ask(radclient, demo, "auth", at_the_access_point(demo) | {"CHAP-Password": "something else"})
    assert "Received Access-Reject" in wrong


def test_a_session_is_reported_and_read_back(radclient: str, demo: dict[str, Any]) -> None:
    session = at_the_access_point(demo) | {"Acct-Session-Id": "e2e-0001", "Framed-IP-Address": "10.20.30.40"}
    usage = [
        ("Start", {}),
        ("Interim-Update", {"Acct-Session-Time": "300", "Acct-Input-Octets": "1000", "Acct-Output-Octets": "5000"}),
        (
            "Stop",
            {
                "Acct-Session-Time": "421", "Acct-Input-Octets": "2345", "Acct-Input-Gigawords": "1",
                "Acct-Output-Octets": "6789", "Acct-Terminate-Cause": "User-Request",
            },
        ),
    ]  # fmt: skip
    for status, counters in usage:
        answer = ask(radclient, demo, "acct", session | {"Acct-Status-Type": status} | counters)
        assert "Received Accounting-Response" in answer, answer

    with httpx.Client(base_url=demo["api"], headers={"Authorization": f"Bearer {demo['token']}"}) as http:
        username = demo["users"][0]["username"]
        found = http.get("/user/", params={"username": username}).json()["results"]
        (user,) = [row for row in found if row["username"] == username]
        page = http.get("/aaa_accounting/", params={"user": user["id"]}).json()
        (row,) = [row for row in page["results"] if row["acctsessionid"] == "e2e-0001"]
        one = http.get(f"/aaa_accounting/{row['radacctid']}/").json()
    assert one == row
    assert row["user_id"] == f"user_{user['id']}"
    assert row["acctinputoctets"] == (1 << 32) + 2345
    assert row["acctoutputoctets"] == 6789
    assert row["acctsessiontime"] == 421
    assert row["acctterminatecause"] == "User-Request"
    assert row["acctstarttime"] <= row["acctstoptime"]
    assert row["framedipaddress"] == "10.20.30.40"
    assert row["access_point_mac_addr"] == demo["ap_mac"].upper()
    assert row["access_point_name"]
    assert row["location_name"]
    assert row["ssid"] == "Demo Wi-Fi"
    assert row["nasidentifier"] == demo["radius"]["nas_identifier"]


def test_a_device_is_let_in_by_the_session_its_portal_opened(radclient: str, demo: dict[str, Any]) -> None:
    mac = "02-AB-CD-EF-00-02"
    user = demo["users"][0]
    device = at_the_access_point(demo) | {"Calling-Station-Id": mac, "User-Name": mac, "Service-Type": "Call-Check"}
    asked = device | {"User-Password": mac}
    assert "Received Access-Reject" in ask(radclient, demo, "auth", asked)
    guest = {"uid": user["username"], "ap_mac": demo["ap_mac"], "mac": mac, "ip": "10.20.30.41", "session_timeout": 600}
    with httpx.Client(base_url=demo["api"], headers={"Authorization": f"Bearer {demo['token']}"}) as http:
        reply = http.post("/portal_login/", json=guest)
    assert reply.status_code == 201, reply.text
    page = reply.json()["page_id"]
    let_in = ask(radclient, demo, "auth", asked)
    assert "Received Access-Accept" in let_in
    assert f'User-Name = "{user["username"]}"' in let_in
    assert "Session-Timeout = " in let_in
    session = device | {
        "Acct-Session-Id": "e2e-portal", "Class": f"gate-portal-{page}", "Acct-Status-Type": "Stop", "Acct-Session-Time": "30",
        "Acct-Terminate-Cause": "User-Request",
    }  # fmt: skip
    assert "Received Accounting-Response" in ask(radclient, demo, "acct", session)
    assert "Received Access-Reject" in ask(radclient, demo, "auth", asked)


def test_the_console_lets_the_printed_account_in_and_shows_the_session(demo: dict[str, Any]) -> None:
    console = demo["console"]
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(console["url"])
        token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        form = {
            "username": console["username"],
            "password": console["password"],
            "csrfmiddlewaretoken": token,
            "next": "/console/",
        }
        home = browser.post(str(page.url), data=form, headers={"Referer": str(page.url)})
        assert home.status_code == 200
        sessions = browser.get(console["url"].rstrip("/") + "/sessions/")
        assert demo["users"][0]["username"] in sessions.text


def test_a_second_up_on_the_same_folder_says_so_and_leaves_the_first_alone(up: Gate, environ: dict[str, str]) -> None:
    ports = {
        "GATE_HTTP_PORT": str(free_port(socket.SOCK_STREAM)),
        "GATE_RADIUS_AUTH_PORT": str(free_port(socket.SOCK_DGRAM)),
        "GATE_RADIUS_ACCT_PORT": str(free_port(socket.SOCK_DGRAM)),
    }
    second = subprocess.run((*GATE, "up"), env=environ | ports, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert "Another GATE" in second.stdout + second.stderr
    assert up.process.poll() is None
    in_use = subprocess.run((*GATE, "up"), env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert in_use.returncode == 1
    assert "GATE_HTTP_PORT" in in_use.stdout + in_use.stderr


def test_a_wrong_setting_is_named(environ: dict[str, str]) -> None:
    done = subprocess.run(
        (*GATE, "up"), env=environ | {"GATE_HTTP_PORT": "eighty"}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "GATE_HTTP_PORT must be a port number from 1 to 65535; 'eighty' is not."


def test_after_a_stop_a_second_start_finds_all_data(
    up: Gate, environ: dict[str, str], demo: dict[str, Any], tmp_path: Path
) -> None:
    """Last in the file: it stops the GATE the others use."""
    assert "GATE has stopped" in up.stop()
    second = Gate(environ, tmp_path / "second.log")
    try:
        banner = second.await_banner()
        assert "shown once" not in banner
        with httpx.Client(base_url=demo["api"], headers={"Authorization": f"Bearer {demo['token']}"}) as http:
            rows = http.get("/aaa_accounting/", params={"session_status": "inactive", "limit": 100}).json()["results"]
        assert any(row["acctsessionid"] == "e2e-0001" for row in rows)
    finally:
        second.stop()
