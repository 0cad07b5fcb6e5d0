"""Ways in translate, rooms decide and store, protocols know bytes: the import contracts are there, complete and kept."""

import os
import subprocess
import sys
import tomllib

from house.reading import PACKAGE, ROOT

CONTRACTS = {"layers", "protocols", "rooms-know-no-bytes", "client"}
# What stands outside the layers, and why.
APART = {
    "protocols": "held by contracts of its own",
    "settings": "read by every layer, imports nothing of GATE",
    "django_settings": "named to Django, imported by no layer",
    "compiled": "what `make compile` left, asked where packets are served; imports nothing of GATE",
    "processes": "what a process says to its supervisor, imports nothing of GATE",
    "attributes": "joins the RADIUS dictionary to the profiles' rules, so it stands between protocols and rooms",
    "banner": "text of `gate up`",
    "dictionaries": "reads the operator's folder into the RADIUS dictionary, before any part begins",
    "children": "processes of `gate up`",
    "ports": "asked by `gate up` and `gate doctor`",
    "webserver": "starts Granian, which imports gate.wsgi by name",
    "client": "for programs that call the API; imports nothing of GATE but the version",
    "__main__": "calls the command",
    "__init__": "the version",
}


def _contracts() -> list[dict[str, object]]:
    held = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    assert isinstance(held, list)
    return held


def test_the_contracts_are_there() -> None:
    """Nobody has taken one out."""
    assert {contract["id"] for contract in _contracts()} >= CONTRACTS


def test_every_module_has_its_layer() -> None:
    """A new package or module at the top is put into the layers, or here with a reason."""
    (layers,) = (contract["layers"] for contract in _contracts() if contract["id"] == "layers")
    assert isinstance(layers, list)
    placed = {name.strip().removeprefix("gate.") for line in layers for name in line.split("|")}
    there = {entry.stem for entry in PACKAGE.iterdir() if entry.suffix == ".py" or (entry / "__init__.py").exists()}
    assert there - placed - set(APART) == set()


def test_the_contracts_are_kept() -> None:
    """import-linter finds nothing (it takes half a second, so it runs here too and not only in `make check`)."""
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_radius_server_needs_no_django_settings() -> None:
    """It never sets Django up: nothing of it stands between a packet and its answer, and no model may be reached by an import."""
    without = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    run = subprocess.run(
        [sys.executable, "-c", "import gate.radiusd.main"], check=False, capture_output=True, text=True, env=without
    )
    assert run.returncode == 0, run.stderr
