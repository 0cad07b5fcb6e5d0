"""`gate radius` as a process: how it fails, and how several share the ports."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def empty_database() -> Iterator[str]:
    """A database nobody migrated, beside the one of the tests."""
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS unmigrated")
        connection.execute("CREATE DATABASE unmigrated")
        # `gate_system` may exist by way of the tests' own database: roles belong to the server.
        yield server.replace("/gate?", "/unmigrated?")
        connection.execute("DROP DATABASE unmigrated WITH (FORCE)")


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environ(url: str, **more: str) -> dict[str, str]:
    ports = {"GATE_RADIUS_AUTH_PORT": str(free_port()), "GATE_RADIUS_ACCT_PORT": str(free_port())}
    return dict(os.environ) | {"DATABASE_URL": url, "GATE_RADIUS_BIND": "127.0.0.1"} | ports | more


def radius(surroundings: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen([sys.executable, "-m", "gate", "radius"], env=surroundings, stderr=output)


def await_log(process: subprocess.Popen[bytes], log: Path, text: str, *, times: int = 1) -> None:
    deadline = time.monotonic() + 30
    while log.read_text().count(text) < times:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.mark.usefixtures("transactional_db")
def test_a_database_that_is_not_migrated_is_told_in_a_sentence(empty_database: str) -> None:
    surroundings = environ(empty_database)
    command = [sys.executable, "-m", "gate", "radius"]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "gate migrate" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("transactional_db")
def test_several_processes_share_the_ports_and_a_second_server_does_not(tmp_path: Path) -> None:
    from django.db import connection

    surroundings = environ(os.environ["DATABASE_URL"].replace("/gate?", f"/{connection.settings_dict['NAME']}?"))
    log = tmp_path / "several.log"
    several = radius(surroundings | {"GATE_RADIUS_PROCESSES": "2"}, log)
    try:
        await_log(several, log, "Serving RADIUS", times=2)
        second = radius(surroundings, tmp_path / "second.log")
        assert second.wait(30) == 1
        assert "GATE_RADIUS_AUTH_PORT" in (tmp_path / "second.log").read_text()
    finally:
        several.send_signal(signal.SIGTERM)
        assert several.wait(20) == 0, log.read_text()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", int(surroundings["GATE_RADIUS_AUTH_PORT"])))
