"""Every dependency is somebody's decision, written down in docs/decisions/."""

import re
import tomllib

from house.reading import ROOT, read

PAGES = ROOT / "docs" / "decisions"
HEADINGS = ("## Decision", "## Why", "## Alternatives")


def _dependencies() -> list[str]:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    named = [*project["dependencies"], *(name for group in project["optional-dependencies"].values() for name in group)]
    return [re.split(r"[\s\[<>=!~;]", name, maxsplit=1)[0] for name in named]


def _pages() -> list[str]:
    return sorted(page.name for page in PAGES.glob("[0-9]*.md"))


def test_every_dependency_has_a_decision() -> None:
    """Named in backticks on some page, as pyproject.toml spells it."""
    text = "\n".join(read(f"docs/decisions/{page}") for page in _pages()).lower()
    assert [name for name in _dependencies() if f"`{name.lower()}`" not in text] == []


def test_the_index_lists_every_page() -> None:
    """Each once, by a link."""
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", read("docs/decisions/README.md"))
    assert listed == _pages()


def test_pages_have_the_same_shelves() -> None:
    """A number of their own, and the same headings."""
    numbers = [page[:4] for page in _pages()]
    assert len(set(numbers)) == len(numbers)
    lacking = {page: [h for h in HEADINGS if h not in read(f"docs/decisions/{page}")] for page in _pages()}
    assert {page: headings for page, headings in lacking.items() if headings} == {}
