"""docs/client.md does what it says: its examples run in order, as they stand, against GATE on a real socket."""

import re
from typing import Any

import pytest

import live
from house.reading import read

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_runs(world: Any, capsys: pytest.CaptureFixture[str]) -> None:
    page = read("docs/client.md")
    blocks = list(_BLOCK.finditer(page))
    assert len(blocks) >= 10
    names: dict[str, Any] = {"__name__": "docs.client"}
    with live.gate() as address:
        for block in blocks:
            text = block[1].replace("https://gate.example.net", address).replace("gate_…", world.owner.token)
            # So that a traceback names the line of the page.
            lines = "\n" * page[: block.start(1)].count("\n")
            exec(compile(lines + text, "docs/client.md", "exec"), names)
        names["gate"].close()
    said = capsys.readouterr().out
    assert "409 duplicate {'username'" in said
    assert "Software Developer" in said
    assert "jane.smith device_user" in said
