"""What the project's files say: nothing of the machine they were written on, nothing left for later, no error swallowed."""

import ast
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

from house.reading import ROOT, files, read, sources

# Put together here, so that this file does not hold what it looks for.
_INDEXES = (
    "pypi" + ".org",
    "python" + "hosted",
    "arti" + "factory",
    "--index" + "-url",
    "--extra-index" + "-url",
    "--find" + "-links",
)
_WORKBENCH = re.compile(r"(?<![\w.~-])/(?:work|sha" + r"red|tmp/[\w-]*job|opt/(?:wheels|py))\b(?!\.)")
_LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")


def _holding(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name in files()
        for number, line in enumerate(read(name).splitlines(), start=1)
        if pattern.search(line)
    ]


def _hosts() -> set[str]:
    """Hosts and folders this machine's pip is told to use: nobody else has them."""
    told = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True).stdout
    places = re.findall(r"(?:https?|file)://[^\s']+", told)
    hosts = {urllib.parse.urlsplit(place).hostname or urllib.parse.urlsplit(place).path for place in places}
    return {host for host in hosts if host and len(host) > 3 and host not in {"localhost", "127.0.0.1"}}


def test_no_path_of_this_machine() -> None:
    """Neither the folder this checkout is in nor the workbench it was made on."""
    assert _holding(_WORKBENCH) == []
    if len(ROOT.parts) > 2 and ROOT not in {Path.home(), Path("/usr/src/app")}:
        assert _holding(re.compile(re.escape(str(ROOT)) + r"\b")) == []


def test_no_package_index() -> None:
    """The package manager knows where its packages come from; the project does not."""
    words = [*_INDEXES, *_hosts()]
    assert _holding(re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)) == []


def test_nothing_is_left_for_later() -> None:
    """What is not built is said in README.md, not in a comment."""
    assert _holding(_LATER) == []


def test_no_error_is_swallowed() -> None:
    """No handler of everything does nothing, in source and tests alike."""
    trees = {source.path: source.tree for source in sources()}
    trees |= {name: ast.parse(read(name)) for name in files() if name.endswith(".py") and not name.startswith("src/")}
    offenders = []
    for name, tree in trees.items():
        for handler in (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)):
            kinds = "" if handler.type is None else ast.unparse(handler.type)
            everything = not kinds or re.search(r"\b(?:Base)?Exception\b", kinds)
            idle = all(
                isinstance(step, ast.Pass) or (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant))
                for step in handler.body
            )
            if everything and idle:
                offenders.append(f"{name}:{handler.lineno}")
    assert offenders == []
