"""`gate up` with small stand-ins for GATE's processes, real signals and a real PostgreSQL."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gate import processes

UP = """
import json, logging, os, sys
from gate import settings, supervisor
from gate.children import Child
logging.basicConfig(format="%(message)s", stream=sys.stdout)
plan = json.loads(sys.argv[1])
python = lambda code: (sys.executable, "-c", code)
sys.exit(supervisor.run(
    settings.read(os.environ),
    commands_=supervisor.Commands(
        migrate=python(plan["migrate"]),
        init=python(plan["init"]),
        children=tuple(Child(name, python(code), part="system") for name, code in plan["children"].items()),
    ),
    options={"fsync": "off", "shared_buffers": "32MB"},
))
"""
# Each stand-in writes its process id into a file with its name, in the folder it is started in.
NOTE = "import os, signal, subprocess, sys, time; from gate import processes as p; p.die_with_parent()\n"
NOTE += "def note(name): open(name, 'a').write(f'{os.getpid()}\\n')\n"
STAY = "p.report_ready(); time.sleep(600)\n"
INIT = {"created": True, "organization": "A", "console": {"url": "http://x/", "username": "owner", "password": "s3cret"}}


@dataclass
class Up:
    """A running `gate up`."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def pids(self, name: str) -> list[int]:
        file = self.folder / name
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.output or self.process.poll() is not None)
        assert text in self.output

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


def wait_until(condition: Callable[[], object]) -> None:
    for _ in range(1500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen in 30 s")


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    tmp_path.chmod(0o711)
    return {
        **os.environ,
        "GATE_DATA": str(tmp_path / "data"),
        "GATE_RADIUS_BIND": "127.0.0.1",
        "GATE_HTTP_PORT": str(free_port(socket.SOCK_STREAM)),
        "GATE_RADIUS_AUTH_PORT": str(free_port(socket.SOCK_DGRAM)),
        "GATE_RADIUS_ACCT_PORT": str(free_port(socket.SOCK_DGRAM)),
    }


Start = Callable[..., Up]


@pytest.fixture
def up(tmp_path: Path, environ: dict[str, str]) -> Iterator[Start]:
    started: list[Up] = []

    def start(**plan: Any) -> Up:
        names = ("web", "radius", "worker")
        full = {
            "migrate": "print('done')",
            "init": f"print({json.dumps(INIT)!r})",
            "children": {name: f"{NOTE}note({name!r})\n{STAY}" for name in names},
        }
        full["children"].update(plan.pop("children", {}))
        full.update(plan)
        with (tmp_path / "output").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", UP, json.dumps(full)], cwd=tmp_path, env=environ, stdout=output, stderr=output
            )
        started.append(Up(process, tmp_path))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        wait_until(lambda one=one: not any(processes.runs(pid) for name in ("web", "radius", "worker") for pid in one.pids(name)))


def test_it_starts_all_shows_the_banner_and_stops_all(up: Start, environ: dict[str, str]) -> None:
    gate = up()
    gate.wait_for("Ctrl-C stops GATE.")
    for expected in ("http://x/", "owner", "s3cret   (shown once", environ["GATE_RADIUS_AUTH_PORT"], "gate demo", "curl -H"):
        assert expected in gate.output
    pids = [gate.pids(name) for name in ("web", "radius", "worker")]
    assert all(len(numbers) == 1 and processes.runs(numbers[0]) for numbers in pids)
    assert os.getsid(pids[0][0]) != os.getsid(gate.process.pid)
    assert gate.end(signal.SIGINT) == 0
    assert not any(processes.runs(numbers[0]) for numbers in pids)
    assert gate.output.endswith("Stopping GATE\nGATE has stopped.\n")


def test_a_private_postgresql_is_started_and_stopped(up: Start, environ: dict[str, str], tmp_path: Path) -> None:
    del environ["DATABASE_URL"]
    environ["GATE_DATA"] = "/tmp/" + tmp_path.name + str(os.getpid())  # pytest's own folder is closed to its user
    write = "import os, psycopg; c = psycopg.connect(os.environ['DATABASE_URL'], autocommit=True)\n"
    worker = f"{NOTE}note('worker')\nopen('url', 'w').write(os.environ['DATABASE_URL'])\n{STAY}"
    gate = up(migrate=f"{write}c.execute('CREATE TABLE migrated ()')", children={"worker": worker})
    try:
        gate.wait_for("Ctrl-C stops GATE.")
        assert "Making a private PostgreSQL" in gate.output
        url = (tmp_path / "url").read_text()
        with psycopg.connect(url) as connection:
            connection.execute("SELECT FROM migrated")
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert row is not None
            stat = Path(f"/proc/{row[0]}/stat").read_text()
        postmaster = int(stat.rpartition(")")[2].split()[1])
        os.kill(postmaster, signal.SIGKILL)
        wait_until(lambda: gate.output.count("Starting the private PostgreSQL") == 2)
        wait_until(lambda: can_connect(url))
        assert gate.end() == 0
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
    finally:
        subprocess.run(["rm", "-r", environ["GATE_DATA"]], check=True)


def can_connect(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_child_that_dies_is_started_again(up: Start) -> None:
    gate = up()
    gate.wait_for("Ctrl-C stops GATE.")
    os.kill(gate.pids("radius")[0], signal.SIGKILL)
    wait_until(lambda: len(gate.pids("radius")) == 2)
    assert "gate radius ended (signal SIGKILL); starting it again in 1 s" in gate.output
    gate.wait_for("gate radius runs again")
    assert len(gate.pids("web")) == 1
    assert gate.end() == 0


def test_what_a_dead_child_leaves_behind_is_ended(up: Start) -> None:
    fork = (
        f"{NOTE}note('web')\nh = subprocess.Popen(['sleep', '600'])\nprint(h.pid, file=open('helper', 'w'), flush=True)\n{STAY}"
    )
    gate = up(children={"web": fork})
    gate.wait_for("Ctrl-C stops GATE.")
    helper = gate.pids("helper")[0]
    os.kill(gate.pids("web")[0], signal.SIGKILL)
    wait_until(lambda: len(gate.pids("web")) == 2)
    assert not processes.runs(helper)
    assert gate.end() == 0


@pytest.mark.parametrize(
    ("code", "ending"), [("print('no luck'); sys.exit(3)", "status 3"), ("os.kill(os.getpid(), 9)", "signal SIGKILL")]
)
def test_a_child_that_fails_at_the_start_stops_all(up: Start, code: str, ending: str) -> None:
    gate = up(children={"worker": f"{NOTE}note('worker')\n{code}"})
    assert gate.process.wait(timeout=30) == 1
    assert f"gate worker ended ({ending}) before it was ready" in gate.output
    assert "GATE is running" not in gate.output


def test_a_failing_migration_is_shown_and_nothing_starts(up: Start) -> None:
    gate = up(migrate="print('column exists'); raise SystemExit('oh no')")
    assert gate.process.wait(timeout=30) == 1
    assert "column exists" in gate.output
    assert "oh no" in gate.output
    assert gate.pids("web") == []


def test_an_unexpected_answer_of_init_stops_the_start_without_repeating_it(up: Start) -> None:
    gate = up(init="print('password s3cret')")
    assert gate.process.wait(timeout=30) == 1
    assert "unexpected" in gate.output
    assert "s3cret" not in gate.output


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("GATE_HTTP_PORT", socket.SOCK_STREAM),
        ("GATE_RADIUS_AUTH_PORT", socket.SOCK_DGRAM),
        ("GATE_RADIUS_ACCT_PORT", socket.SOCK_DGRAM),
    ],
)
def test_a_port_in_use_is_named(up: Start, environ: dict[str, str], setting: str, kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            holder.listen()
        environ[setting] = str(holder.getsockname()[1])
        gate = up()
        assert gate.process.wait(timeout=30) == 1
    assert f"port {environ[setting]} on 127.0.0.1" in gate.output
    assert f"set {setting} to a free port" in gate.output
    assert gate.pids("web") == []


def test_a_child_that_ignores_the_order_to_end_is_killed_by_a_second_signal(up: Start) -> None:
    deaf = f"{NOTE}note('web')\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{STAY}"
    gate = up(children={"web": deaf})
    gate.wait_for("Ctrl-C stops GATE.")
    gate.process.send_signal(signal.SIGINT)
    gate.wait_for("Stopping GATE")
    time.sleep(0.2)
    assert processes.runs(gate.pids("web")[0])
    begun = time.monotonic()
    assert gate.end(signal.SIGINT) == 0
    assert time.monotonic() - begun < 5
    assert "gate web is ended by force" in gate.output


def test_a_signal_during_the_start_stops_it(up: Start) -> None:
    gate = up(migrate=f"{NOTE}note('web')\ntime.sleep(600)")
    wait_until(lambda: gate.pids("web"))
    assert gate.end() == 0
    assert not processes.runs(gate.pids("web")[0])


def test_children_die_with_a_killed_supervisor(up: Start) -> None:
    gate = up()
    gate.wait_for("Ctrl-C stops GATE.")
    pids = [gate.pids(name)[0] for name in ("web", "radius", "worker")]
    gate.process.kill()
    gate.process.wait()
    wait_until(lambda: not any(processes.runs(pid) for pid in pids))


def test_a_child_whose_supervisor_is_gone_ends() -> None:
    code = "from gate import processes; processes.die_with_parent(); print('still here')"
    child = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "GATE_SUPERVISED": "1"}, capture_output=True, text=True, check=False
    )
    assert child.returncode == 1
    assert "supervisor" in child.stderr
    assert child.stdout == ""


def test_it_waits_for_a_database_that_is_not_there_yet(up: Start, environ: dict[str, str]) -> None:
    environ["DATABASE_URL"] = f"postgresql://gate:hidden@127.0.0.1:{free_port(socket.SOCK_STREAM)}/gate"
    gate = up()
    gate.wait_for("Waiting for the PostgreSQL named by DATABASE_URL")
    assert gate.end() == 0
    assert "hidden" not in gate.output
