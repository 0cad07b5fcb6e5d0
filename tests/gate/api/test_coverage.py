"""docs/api-coverage.md: it tells of every endpoint of the reference, nothing is lacking, and it is what was seen last."""

import json
from typing import Any

import pytest

import api_coverage
import contract


@pytest.fixture
def kept() -> Any:
    return json.loads(api_coverage.SEEN.read_text(encoding="utf-8"))


def test_it_has_every_endpoint_of_the_reference(kept: Any) -> None:
    assert len(contract.endpoints()) == 45
    assert list(kept["endpoints"]) == list(contract.endpoints()), "run make api-coverage-page"


def test_nothing_is_lacking(kept: Any) -> None:
    assert [gap for endpoint, row in kept["endpoints"].items() for gap in api_coverage.gaps(endpoint, row)] == []
    assert kept["fuzz"]["operations"] >= 45
    assert kept["fuzz"]["requests"] > 1_000
    assert sum(kept["walks"].values()) > 1_000


def _but_times(page: str) -> list[str]:
    """The page's lines without the last column: times are measured on another day, on another machine."""
    return [line.rsplit("|", 2)[0] if line.startswith("|") else line for line in page.splitlines()]


def test_the_page_is_made_of_it(kept: Any) -> None:
    page = api_coverage.PAGE.read_text(encoding="utf-8")
    assert _but_times(page) == _but_times(api_coverage.render(kept)), "run make api-coverage-page"
