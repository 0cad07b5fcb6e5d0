"""What a type checker, and so an editor, knows of the client: each method's parameters, and what it returns for which client."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
from typing import assert_type

from gate.client import AsyncGate, AsyncRows, Gate, Rows
from gate.client.categories.aaa_accounting import Session
from gate.client.categories.user import User


def blocking(gate: Gate) -> None:
    assert_type(gate.user.get(42, balance=True), User)
    assert_type(gate.user.list(organization="acme"), Rows[User])
    assert_type([one for one in gate.aaa_accounting.list(session_status="active")], list[Session])
    assert_type(gate.user.update("user_42", email=None), User)
    assert_type(gate.user.delete(42), None)


async def awaited(gate: AsyncGate) -> None:
    assert_type(await gate.user.get(42), User)
    assert_type(gate.user.list(), AsyncRows[User])
    assert_type([one async for one in gate.aaa_accounting.list()], list[Session])
    assert_type((await gate.user.list().page()).count, int | None)


def refused(gate: Gate) -> None:
    gate.user.create(email="x")  # refused: no username
    gate.user.update(42, username=1)  # refused: no text
    gate.user.update(42, usernam="x")  # refused: no such field
    gate.aaa_accounting.list(session_status="open")  # refused: no such status
    gate.user.get(42).usernam  # refused: no such attribute
    gate.users  # refused: no such category
"""


def test_a_program_is_checked(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.lstrip("\n"))
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", "cache", "program.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    lines = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error: " in line}
    wanted = {number for number, line in enumerate(PROGRAM.lstrip("\n").splitlines(), start=1) if "# refused" in line}
    assert lines == wanted, done.stdout + done.stderr
