"""Keeping one process running; the whole of it is tested in test_supervisor.py."""

import os
import sys
import time
from collections.abc import Callable

import pytest

from gate import processes
from gate.children import LONGEST_PAUSE, Child, Runner
from gate.core import clock


def runner(code: str, *, answers: Callable[[], bool] | None = None) -> Runner:
    child = Child("worker", (sys.executable, "-c", code), part="system", answers=answers)
    return Runner(child=child, environ=dict(os.environ))


def wait(one: Runner) -> int:
    for _ in range(500):
        status = one.ended()
        if status is not None:
            return status
        time.sleep(0.02)
    raise AssertionError("it did not end in 10 s")


def test_the_environment_names_the_part_and_the_supervisor() -> None:
    code = (
        "import os, sys; ok = os.environ['GATE_PART'] == 'system' and int(os.environ['GATE_SUPERVISED']) == os.getppid();"
        "sys.exit(7 if ok else 1)"
    )
    one = runner(code)
    one.start()
    assert wait(one) == 7
    assert not one.running


def test_ready_is_said_through_the_pipe() -> None:
    one = runner("from gate import processes; processes.report_ready(); import time; time.sleep(60)")
    one.start()
    for _ in range(500):
        if one.check_ready():
            break
        time.sleep(0.02)
    assert one.ready
    one.kill()
    assert not one.running


def test_a_closed_pipe_is_not_ready() -> None:
    one = runner(f"import os; os.close(int(os.environ[{processes.READY_FD!r}])); import time; time.sleep(60)")
    one.start()
    time.sleep(0.2)
    assert not one.check_ready()
    assert not one.check_ready()
    one.kill()


def test_a_child_may_be_asked_instead() -> None:
    answers = iter([False, True])
    one = runner("import time; time.sleep(60)", answers=lambda: next(answers))
    one.start()
    assert [one.check_ready(), one.check_ready(), one.check_ready()] == [False, True, True]
    one.kill()


def test_the_pauses_double_and_begin_anew_after_a_long_life(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    one = runner("pass")
    one._begun = now
    assert [one.put_off() for _ in range(7)] == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]
    assert not one.due()
    now += LONGEST_PAUSE
    assert one.due()
    now += 60
    assert one.put_off() == 1


def test_a_program_that_is_not_there_leaves_nothing_open() -> None:
    one = Runner(child=Child("worker", ("/nonexistent",), part="system"), environ={})
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    with pytest.raises(FileNotFoundError):
        one.start()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
