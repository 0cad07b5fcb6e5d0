"""`gate doctor`: each fault is found, named and answered with what to do."""

import dataclasses
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate import doctor, settings
from gate.doctor import machine
from gate.doctor.findings import State, fault, good, warning
from gate.settings import Settings


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@pytest.fixture
def current(tmp_path: Path) -> Settings:
    return settings.read(
        {
            "GATE_DATA": str(tmp_path),
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "GATE_RADIUS_BIND": "127.0.0.1",
            "GATE_HTTP_PORT": str(free_port(socket.SOCK_STREAM)),
            "GATE_RADIUS_AUTH_PORT": str(free_port(socket.SOCK_DGRAM)),
            "GATE_RADIUS_ACCT_PORT": str(free_port(socket.SOCK_DGRAM)),
        }
    )


@pytest.fixture
def holder(current: Settings) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", current.http_port)) as listener:
        yield listener


def test_the_report_for_people(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], current: Settings) -> None:
    found = (good("one", "fine"), warning("two", "so so", advice="look"), fault("three", "broken", advice="mend"))
    monkeypatch.setattr(doctor, "CHECKS", (lambda _: iter(found),))
    assert doctor.run(current) == 1
    assert capsys.readouterr().out.splitlines() == [
        "✓ one: fine",
        "! two: so so",
        "    → look",
        "✗ three: broken",
        "    → mend",
        "3 checks, 1 faults, 1 warnings.",
    ]
    monkeypatch.setattr(doctor, "CHECKS", (lambda _: iter(found[:2]),))
    assert doctor.run(current) == 0


def test_the_report_for_machines(capsys: pytest.CaptureFixture[str], current: Settings) -> None:
    status = doctor.run(current, as_json=True)
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is (status == 0)
    assert {"database", "secret key", "disk", "receive buffer"} <= {row["subject"] for row in report["findings"]}
    assert {row["state"] for row in report["findings"]} <= {"ok", "warning", "fault"}
    assert os.environ["DATABASE_URL"] not in json.dumps(report)


def test_free_ports_are_good(current: Settings) -> None:
    assert [finding.state for finding in doctor.check_ports(current)] == [State.GOOD] * 3


def test_a_stranger_on_the_web_port_is_a_fault(current: Settings, holder: socket.socket) -> None:
    holder.settimeout(5)
    web, auth, acct = doctor.check_ports(current)
    assert web.state is State.FAULT
    assert "GATE_HTTP_PORT" in web.advice
    assert auth.state is acct.state is State.GOOD


def test_a_radius_port_in_use_is_as_it_should_be(current: Settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", current.radius_auth_port))
        _, auth, _ = doctor.check_ports(current)
    assert auth.state is State.GOOD
    assert "in use" in auth.text


def test_an_address_of_another_machine_is_a_fault(current: Settings) -> None:
    elsewhere = dataclasses.replace(current, radius_bind="192.0.2.1")
    _, auth, _ = doctor.check_ports(elsewhere)
    assert auth.state is State.FAULT
    assert "GATE_RADIUS_BIND" in auth.advice


@pytest.mark.parametrize(
    ("size", "mode", "state", "word"),
    [
        (None, 0, State.WARNING, "not there yet"),
        (64, 0o600, State.GOOD, "alone"),
        (64, 0o640, State.FAULT, "others"),
        (31, 0o600, State.FAULT, "fewer than 32"),
    ],
)
def test_the_secret_key(current: Settings, size: int | None, mode: int, state: State, word: str) -> None:
    path = current.data / "secret.key"
    if size is not None:
        path.write_text("k" * size)
        path.chmod(mode)
    (finding,) = doctor.check_secrets(current)
    assert finding.state is state
    assert word in finding.text
    assert "k" * 31 not in finding.text


def test_a_key_from_the_environment(current: Settings) -> None:
    (finding,) = doctor.check_secrets(dataclasses.replace(current, secret_key="x" * 32))
    assert finding.state is State.GOOD
    assert "xxx" not in finding.text


@pytest.mark.parametrize(("free", "state"), [(100 * doctor.GIB, State.GOOD), (doctor.GIB, State.WARNING), (1024, State.FAULT)])
def test_disk_space(monkeypatch: pytest.MonkeyPatch, current: Settings, free: int, state: State) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result((1, 1, free, free, free, 0, 0, 0, 0, 255)))
    (finding,) = doctor.check_disk(dataclasses.replace(current, data=current.data / "not" / "there"))
    assert finding.state is state


def test_disk_of_a_lost_private_database(current: Settings) -> None:
    (current.data / "postgres.location").write_text("0" * 16)
    (finding,) = doctor.check_disk(dataclasses.replace(current, database_url=None))
    assert finding.state is State.FAULT


@pytest.mark.parametrize(
    ("synchronised", "buffer", "states"),
    [
        (True, 8 * 1024 * 1024, [State.GOOD, State.GOOD]),
        (False, 212992, [State.WARNING, State.WARNING]),
        (None, None, [State.WARNING, State.GOOD]),
    ],
)
def test_the_machine(
    monkeypatch: pytest.MonkeyPatch, current: Settings, synchronised: bool | None, buffer: int | None, states: list[State]
) -> None:
    monkeypatch.setattr(machine, "clock_synchronised", lambda: synchronised)
    monkeypatch.setattr(machine, "largest_receive_buffer", lambda: buffer)
    assert [finding.state for finding in doctor.check_machine(current)] == states
