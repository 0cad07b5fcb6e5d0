"""Stopping a postmaster that does not want to end; the rest is tested in test_embedded.py."""

import subprocess
import sys

import pytest

from gate import processes
from gate.database import postmaster

DEAF = "import signal, time\nfor n in ({}): signal.signal(n, signal.SIG_IGN)\nprint('up', flush=True); time.sleep(60)"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster, "_FAST_STOP", 0.2)
    monkeypatch.setattr(postmaster, "_QUICK_STOP", 0.2)


def deaf(*names: str) -> subprocess.Popen[bytes]:
    code = DEAF.format("".join(f"signal.{name}, " for name in names))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    process.stdout.close()
    return process


@pytest.mark.parametrize(("ignored", "ends_by"), [((), 2), (("SIGINT",), 3), (("SIGINT", "SIGQUIT"), 9)])
def test_a_fast_stop_then_a_quick_one_then_by_force(ignored: tuple[str, ...], ends_by: int) -> None:
    child = deaf(*ignored)
    postmaster.stop_child(child)
    assert child.returncode == -ends_by
    postmaster.stop_child(child)
    stranger = deaf(*ignored)
    postmaster.stop_stranger(stranger.pid)
    assert not processes.runs(stranger.pid)
    assert stranger.wait() == -ends_by
