"""What a child shares with its supervisor."""

import os
import subprocess
import sys

import pytest

from gate import processes


def test_ready_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    monkeypatch.setenv(processes.READY_FD, str(writer))
    processes.report_ready()
    processes.report_ready()
    assert os.read(reader, 100) == processes.READY
    assert os.read(reader, 100) == b""
    os.close(reader)
    assert processes.READY_FD not in os.environ


def test_without_a_supervisor_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(processes.SUPERVISED, raising=False)
    monkeypatch.delenv(processes.READY_FD, raising=False)
    processes.die_with_parent()
    processes.report_ready()


def test_a_zombie_does_not_run() -> None:
    assert processes.runs(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", "print('up'); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdin is not None
    child.stdout.readline()
    assert processes.runs(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not processes.runs(child.pid)
    child.wait()
    assert not processes.runs(child.pid)
    child.stdin.close()
    child.stdout.close()
