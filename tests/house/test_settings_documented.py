"""docs/settings.md has a row for every setting, with the default `gate.settings` gives it."""

import ast
import dataclasses
import itertools
import re
from pathlib import Path

from gate import settings
from house.reading import PACKAGE, read

_ROW = re.compile(r"\| `([A-Z_]+)` \| ([^|]+) \| ([^|]+) \|")
HOME = "/home/somebody"


def _documented() -> dict[str, str]:
    return {match[1]: match[2].strip() for match in _ROW.finditer(read("docs/settings.md"))}


def _variables() -> dict[str, str]:
    """Field of `Settings` to variable, as the text below each field says."""
    tree = ast.parse((PACKAGE / "settings.py").read_text(encoding="utf-8"))
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    found = {}
    for held, text in itertools.pairwise(body):
        if isinstance(held, ast.AnnAssign) and isinstance(held.target, ast.Name):
            assert isinstance(text, ast.Expr), held.target.id
            assert isinstance(text.value, ast.Constant), held.target.id
            found[held.target.id] = re.split(r"[:\s]", str(text.value.value).strip())[0]
    return found


def _shown(value: object) -> str:
    match value:
        case None:
            return "unset"
        case bool():
            return f"`{int(value)}`"
        case tuple():
            return f"`{','.join(map(str, value))}`"
        case Path():
            return f"`{str(value).replace(HOME, '~')}`"
        case _:
            return f"`{value}`"


def test_every_setting_is_documented() -> None:
    """Field for field, variable for variable, and nothing besides."""
    variables = _variables()
    assert set(variables) == {field.name for field in dataclasses.fields(settings.Settings)}
    assert set(_documented()) == set(variables.values())


def test_every_variable_read_is_a_setting() -> None:
    """`read` takes the variables the fields name, and no other."""
    tree = ast.parse((PACKAGE / "settings.py").read_text(encoding="utf-8"))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "take")
    assert {ast.literal_eval(call.args[0]) for call in calls} == set(_variables().values())


def test_defaults_are_documented() -> None:
    """As an operator who sets nothing gets them."""
    defaults = settings.read({"HOME": HOME})
    shown = {variable: _shown(getattr(defaults, field)) for field, variable in _variables().items()}
    assert _documented() == shown
