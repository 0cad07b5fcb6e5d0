"""Tests lie where what they test lies: tests/gate/nas/test_rules.py is about src/gate/nas/rules.py."""

import ast
from pathlib import Path

from house.reading import PACKAGE, ROOT, sources, unused

TESTS = ROOT / "tests" / "gate"
# About something that is no single module.
ALLOWED = {
    "accounting/test_store.py": "what accounting/sql.py's STORE and AMEND leave in the tables",
    "credit/test_debits.py": "what accounting/sql.py and credit/commands.py leave in the ledger together",
    "accounting/test_move.py": "what accounting/commands.py's move_closed and its statements leave in the tables",
    "console/test_forms.py": "the forms of all of console/pages/",
    "accounting/test_plan.py": "the plan PostgreSQL makes of accounting/sql.py, which has its file's name beside it",
    "places/test_plan.py": "the plans PostgreSQL makes of places/queries.py, which has its file's name beside it",
    "client/test_description.py": "all of gate.client against the description the API gives of itself",
    "client/test_examples.py": "docs/client.md",
    "client/test_typing.py": "what a type checker knows of gate.client",
    "api/test_examples.py": "docs/api.md",
    "api/test_contract.py": "every endpoint against the shapes clients rely on",
    "api/test_coverage.py": "docs/api-coverage.md, and what the tests of the API have to have provoked",
    "api/test_fuzz.py": "every endpoint, tried by schemathesis",
    "api/test_refusals.py": "the statuses that any endpoint answers",
    "api/test_statements.py": "the number of statements of every list",
    "api/test_strangers.py": "every endpoint, asked by those who must get nothing",
}


def _mirrors(test: Path) -> bool:
    """Whether a test file is about a module, about a package, or lies in a folder that is about one module."""
    place = test.relative_to(TESTS)
    subject = place.stem.removeprefix("test_")
    folder = PACKAGE / place.parent
    if (folder / f"{subject}.py").exists() or (folder / subject / "__init__.py").exists():
        return True
    if subject == place.parent.name and (folder / "__init__.py").exists():
        return True
    # One module, many tests: tests/gate/api/user/test_create.py is about src/gate/api/user.py.
    return place.parent != Path() and folder.with_suffix(".py").exists()


def _tests() -> list[Path]:
    return [test for test in sorted(TESTS.rglob("test_*.py")) if "__pycache__" not in test.parts]


def test_every_test_mirrors_a_module() -> None:
    """A test whose module was renamed or taken out moves with it."""
    strays = {test.relative_to(TESTS).as_posix() for test in _tests() if not _mirrors(test)}
    assert strays - set(ALLOWED) == set()


def test_every_category_of_the_api_has_a_folder_of_tests() -> None:
    """A module of the API with a router is a category; its folder holds one file an endpoint."""
    categories = [
        source.path.removesuffix(".py")
        for source in sources()
        if source.path.startswith("api/")
        and any(isinstance(node, ast.Call) and source.full_name(node.func) == "ninja.Router" for node in ast.walk(source.tree))
    ]
    assert categories
    assert [category for category in categories if not any((TESTS / category).glob("test_*.py"))] == []


def test_allow_list_is_needed() -> None:
    """No entry is about a file that mirrors a module after all."""
    there = {test.relative_to(TESTS).as_posix() for test in _tests()}
    strays = {test.relative_to(TESTS).as_posix() for test in _tests() if not _mirrors(test)}
    assert unused({name: why for name, why in ALLOWED.items() if name in there}, strays) == []
