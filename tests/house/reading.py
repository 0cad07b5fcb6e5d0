"""How the house tests read the project: its files, the syntax trees of its modules, full names behind local ones."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "gate"
ROOMS = (
    "organizations", "txlog", "users", "profiles", "nas", "places", "tokens", "credit", "devices", "telemetry", "portals",
    "accounting", "access", "control", "realms",
)  # fmt: skip


class Source:
    """A module of GATE: where it is (`users/commands.py`), its dotted name, its syntax tree."""

    def __init__(self, file: Path) -> None:
        self.path = file.relative_to(PACKAGE).as_posix()
        parts = ("gate", *file.relative_to(PACKAGE).with_suffix("").parts)
        self.is_package = parts[-1] == "__init__"
        self.module = ".".join(parts[:-1] if self.is_package else parts)
        self.tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))

    @property
    def is_migration(self) -> bool:
        """Whether the file is a step of the schema's history."""
        return "/migrations/" in self.path

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """What each imported name stands for: `dt` is `datetime`, `now` is `django.utils.timezone.now`."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{self._base(node)}.{alias.name}"
        return found

    def full_name(self, node: ast.expr) -> str | None:
        """`dt.datetime.now` as `datetime.datetime.now`; None for what does not begin with an imported name."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute):
            before = self.full_name(node.value)
            return None if before is None else f"{before}.{node.attr}"
        return None

    def uses(self) -> Iterator[tuple[str, int]]:
        """Every imported thing the code names, by its full name, with the line; longest form and its beginnings."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute | ast.Name):
                name = self.full_name(node)
                if name is not None:
                    yield name, node.lineno

    def imports(self) -> Iterator[str]:
        """Everything imported anywhere in the file, by its full name: `gate.users.models`, `gate.users.models.User`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{self._base(node)}.{alias.name}" for alias in node.names)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module.split(".") if self.is_package else self.module.split(".")[:-1]
        above = package[: len(package) - node.level + 1]
        return ".".join([*above, *([node.module] if node.module else [])])


@functools.cache
def sources() -> tuple[Source, ...]:
    """Every module of GATE."""
    return tuple(Source(file) for file in sorted(PACKAGE.rglob("*.py")))


@functools.cache
def files() -> tuple[str, ...]:
    """Every text file of the project that git holds, by its path from the root; without git, every file that is no product."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split(
            "\0"
        )
    else:
        products = {".venv", "__pycache__", ".hypothesis", "results", "build", "dist"}
        found = (file.relative_to(ROOT) for file in ROOT.rglob("*") if file.is_file())
        listed = [
            file.as_posix() for file in found if not any(p in products or p.endswith(("_cache", ".egg-info")) for p in file.parts)
        ]
    return tuple(name for name in listed if name and (ROOT / name).is_file() and b"\0" not in (ROOT / name).read_bytes()[:8192])


def read(name: str) -> str:
    """The text of a file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def is_dataclass(node: ast.ClassDef) -> bool:
    """Whether a class is decorated with `dataclass`, with or without arguments."""
    heads = (decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in node.decorator_list)
    return any(isinstance(head, ast.Name | ast.Attribute) and ast.unparse(head).endswith("dataclass") for head in heads)


def unused(allowed: dict[str, str], met: set[str]) -> list[str]:
    """Entries of an allow-list nothing needs any longer: they are to be taken out."""
    return sorted(set(allowed) - met)
