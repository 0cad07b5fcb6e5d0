"""A line that is written over, and lines that stay."""

import pytest

from gate.commands.progress import Progress


def test_nothing_but_what_stays_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("Writing", total=10, shown=None) as progress:
        progress.at(5)
        progress.say("people.csv:3: no")
    assert capsys.readouterr().err == "people.csv:3: no\n"


def test_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("Writing", total=10, shown=True) as progress:
        progress.at(5)
        progress.at(6)  # too soon after the other
        progress.say("people.csv:3: no")
    assert capsys.readouterr().err == "\rWriting: 50 %\x1b[K\r\x1b[Kpeople.csv:3: no\n"
    with Progress("Exported", total=0, shown=True) as progress:
        progress.at(12_000)
    assert capsys.readouterr().err == "\rExported: 12,000\x1b[K\r\x1b[K"
