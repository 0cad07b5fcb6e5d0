"""The same events as text for people and as JSON for machines."""

import json
import logging
from collections.abc import Iterator

import pytest

from gate import settings
from gate.core import logs


@pytest.fixture(autouse=True)
def _root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_json_lines_can_be_read_by_a_machine(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(settings.read({"HOME": "/", "GATE_LOG_JSON": "1"}))
    try:
        int("why")
    except ValueError:
        logging.getLogger("gate.test").exception("line one\nline two", extra={"request_id": "abc"})
    (line,) = capsys.readouterr().err.splitlines()
    event = json.loads(line)
    assert event["message"] == "line one\nline two"
    assert event["level"] == "ERROR"
    assert event["request_id"] == "abc"
    assert event["time"].endswith("Z")
    assert "ValueError: invalid literal" in event["exception"]


def test_text_lines_name_level_and_logger(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(settings.read({"HOME": "/", "GATE_LOG_LEVEL": "warning"}))
    logging.getLogger("gate.test").info("not shown")
    logging.getLogger("gate.test").warning("shown")
    told = capsys.readouterr().err
    assert "WARNING gate.test: shown" in told
    assert "not shown" not in told
