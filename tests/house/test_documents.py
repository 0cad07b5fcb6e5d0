"""Documents are true: their links lead somewhere, their commands exist, the locks pin everything and name no index."""

import argparse
import re

import pytest

from gate import cli
from house.reading import ROOT, files, read

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s[^)]*)?\)|<(?:img|source)[^>]*\b(?:src|srcset)=\"([^\"]+)\"")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)\b(?![=./])")
_GATE = re.compile(r"(?:(?<=`)|(?<=\n)|(?<=bin/))gate ([a-z]+)(?: ([a-z]+))?")
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)==[^\s;\\]+", re.MULTILINE)

DOCUMENTS = [name for name in files() if name.endswith(".md")]
LOCKS = [name for name in files() if name.endswith(".lock")]


def _anchors(name: str) -> set[str]:
    """The anchors of a document's headings, as hosts of repositories make them."""
    headings = re.findall(r"^#+\s+(.*)$", read(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-") for heading in headings}


def _broken(name: str) -> list[str]:
    broken = []
    for match in _LINK.finditer(re.sub(r"```.*?```", "", read(name), flags=re.DOTALL)):
        target = match[1] or match[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (ROOT / name).parent / path if path else ROOT / name
        if not place.exists() or (
            anchor and place.suffix == ".md" and anchor not in _anchors(place.relative_to(ROOT).as_posix() if path else name)
        ):
            broken.append(target)
    return broken


_FILE = re.compile(r"`([\w./-]+\.(?:py|sh|toml|md|lock|c|h|txt))`")
# Named in a document and no file of the project: written by a process, or an example of a name.
NO_FILES = {
    "tests/gate/api/voucher/test_list.py": "the example of how to add an endpoint",
    "disconnect-sessions.added.md": "an example of a fragment's name",
}


def _is_there(document: str, path: str) -> bool:
    if ((ROOT / document).parent / path).exists():
        return True
    return any(f"/{name}".endswith(f"/{path}") for name in files())


def test_files_named_exist() -> None:
    """A path in backticks, from the root, from src/gate or from the document's own folder, leads to a file."""
    named = {(name, path) for name in DOCUMENTS for path in _FILE.findall(read(name)) if path not in NO_FILES}
    assert {f"{name}: {path}" for name, path in named if not _is_there(name, path)} == set()


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _code(name: str) -> str:
    return "\n".join(match[0] for match in _CODE.finditer(read(name)))


def test_links_lead_somewhere() -> None:
    """Every relative link of every document, anchors included."""
    broken = {name: _broken(name) for name in DOCUMENTS}
    assert {name: targets for name, targets in broken.items() if targets} == {}


def test_make_targets_exist() -> None:
    """Whatever a document tells people to make."""
    named = {(name, target) for name in DOCUMENTS for target in _MAKE.findall(_code(name))}
    assert {f"{name}: make {target}" for name, target in named if target not in _targets()} == set()


def test_gate_commands_exist() -> None:
    """Whatever a document tells people to run, verbs included."""
    commands = _subcommands(cli._parser())
    unknown = []
    for name in DOCUMENTS:
        for command, verb in _GATE.findall(_code(name)):
            verbs = _subcommands(commands[command]) if command in commands else {}
            if command not in commands or (verb and verbs and verb not in verbs):
                unknown.append(f"{name}: gate {command} {verb}".rstrip())
    assert unknown == []


def test_readme_names_the_two_commands() -> None:
    """The first thing anybody needs."""
    assert {"up", "test"} <= set(_MAKE.findall(_code("README.md")))


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_pin_everything(lock: str) -> None:
    """Each requirement has an exact version and hashes, and nothing names an index or a place to fetch from."""
    text = read(lock).replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert [line for line in lines if not _REQUIREMENT.match(line)] == []
    assert [line.partition(" ")[0] for line in lines if "--hash=sha256:" not in line] == []
    assert "://" not in text
