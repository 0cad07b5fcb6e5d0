"""What holds a secret does not print it: such fields of dataclasses have `repr=False`, and no log line names one."""

import ast
import re

from house.reading import Source, is_dataclass, sources, unused

_SECRET = re.compile(
    r"secret|password|passphrase|credential|private|(?:^|_)(?:token|plain|pin|verifier|database_url|key|digest)$|sealed"
)
ALLOWED = {
    "gate.accounting.updates.Update": "username_key is the username in small letters",
    "gate.radiusd.found.Row": "a NamedTuple, for speed: a hash, never the password; nothing prints it",
}


def _holds_text(node: ast.AnnAssign) -> bool:
    """Whether the type can hold a secret: text or bytes, perhaps optional."""
    return bool(re.search(r"\b(?:str|bytes)\b", ast.unparse(node.annotation)))


def _is_hidden(node: ast.AnnAssign) -> bool:
    call = node.value
    if not (isinstance(call, ast.Call) and ast.unparse(call.func).endswith("field")):
        return False
    return any(
        word.arg == "repr" and isinstance(word.value, ast.Constant) and word.value.value is False for word in call.keywords
    )


def _showing(source: Source) -> dict[str, list[str]]:
    """Classes that would print a secret, with the fields."""
    found: dict[str, list[str]] = {}
    for node in (node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)):
        printed = is_dataclass(node) or any(ast.unparse(base).endswith("NamedTuple") for base in node.bases)
        own = any(isinstance(held, ast.FunctionDef) and held.name == "__repr__" for held in node.body)
        if not printed or own:
            continue
        for held in node.body:
            named = isinstance(held, ast.AnnAssign) and isinstance(held.target, ast.Name) and _SECRET.search(held.target.id)
            if named and _holds_text(held) and not _is_hidden(held):
                found.setdefault(f"{source.module}.{node.name}", []).append(held.target.id)
    return found


def _all_showing() -> dict[str, list[str]]:
    return {name: fields for source in sources() for name, fields in _showing(source).items()}


def test_secrets_are_not_printed() -> None:
    """Neither by `repr`, nor so by a traceback or a log line that shows the object."""
    assert {name: fields for name, fields in _all_showing().items() if name not in ALLOWED} == {}


def test_secrets_are_not_logged() -> None:
    """No argument of a log call is named like a secret."""
    offenders = []
    for source in sources():
        for node in ast.walk(source.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and ast.unparse(node.func.value) in {"log", "logger"}
            ):
                names = {
                    part.attr if isinstance(part, ast.Attribute) else part.id
                    for argument in node.args[1:]
                    for part in ast.walk(argument)
                    if isinstance(part, ast.Attribute | ast.Name)
                }
                offenders += [f"{source.path}:{node.lineno}: {name}" for name in names if _SECRET.search(name)]
    assert offenders == []


def test_allow_list_is_needed() -> None:
    """Every exception still is one."""
    assert unused(ALLOWED, set(_all_showing())) == []
