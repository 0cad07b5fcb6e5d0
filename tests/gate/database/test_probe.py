"""What the socket of a server says."""

import os
import socket
from pathlib import Path
from unittest import mock

import psycopg
import pytest

from gate.database import probe
from gate.database.errors import DatabaseStartError
from gate.database.home import SOCKET_NAME, Home
from gate.database.probe import Answer


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "socket").mkdir(mode=0o700)
    (tmp_path / "password").write_text("p@ss/w%rd\n")
    return Home(data=tmp_path, folder=tmp_path, user=None)


def test_nobody_there(home: Home, tmp_path: Path) -> None:
    assert probe.ask(home) is Answer.ABSENT
    assert probe.process_id(home) is None
    # A socket file of a server that is gone.
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(tmp_path / "socket" / SOCKET_NAME))
    assert probe.ask(home) is Answer.ABSENT
    assert probe.process_id(home) is None
    (tmp_path / "socket" / SOCKET_NAME).unlink()
    (tmp_path / "socket").rmdir()
    assert probe.ask(home) is Answer.ABSENT
    assert probe.process_id(home) is None


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("FATAL:  the database system is starting up", Answer.STARTING),
        ("FATAL:  the database system is not yet accepting connections\nDETAIL:  Consistent ...", Answer.STARTING),
        ("FATAL:  the database system is in recovery mode", Answer.STARTING),
        ("FATAL:  the database system is shutting down", Answer.STOPPING),
        ("FATAL:  sorry, too many clients already", Answer.READY),
        ("connection timeout expired", Answer.STARTING),
    ],
)
def test_the_words_of_a_refusal(home: Home, words: str, answer: Answer) -> None:
    with mock.patch.object(psycopg, "connect", side_effect=psycopg.OperationalError(words)):
        assert probe.ask(home) is answer


def test_a_wrong_password_is_no_state_to_wait_for(home: Home) -> None:
    error = psycopg.OperationalError('FATAL:  password authentication failed for user "gate"')
    with mock.patch.object(psycopg, "connect", side_effect=error), pytest.raises(DatabaseStartError, match="refuses GATE"):
        probe.ask(home)


def test_the_process_behind_the_socket(home: Home, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket" / SOCKET_NAME))
        server.listen()
        assert probe.process_id(home) == os.getpid()


def test_the_url_survives_odd_characters(home: Home, tmp_path: Path) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(probe.url(home))
    assert parts == {
        "user": "gate",
        "password": "p@ss/w%rd",
        "dbname": "gate",
        "host": str(tmp_path / "socket"),
        "port": "5432",
    }
