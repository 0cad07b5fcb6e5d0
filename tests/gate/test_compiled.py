"""Compiled modules are never older than their sources. That they do what the sources do is shown by `make test-compiled`."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gate import compiled

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of one module that was compiled."""
    source = tmp_path / "gate" / "listener.py"
    source.parent.mkdir()
    source.write_text("ANSWER = 1\n")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    (source.parent / compiled.RECORD).write_text(json.dumps({"gate/listener.py": digest}))
    return source.parent


def test_what_was_compiled_from_these_sources_is_not_outdated(package: Path):
    assert compiled.is_compiled(package)
    assert compiled.outdated(package) == []


def test_a_changed_source_outdates_what_was_compiled_of_it(package: Path):
    (package / "listener.py").write_text("ANSWER = 2\n")
    assert compiled.outdated(package) == ["gate/listener.py"]


def test_a_source_that_is_gone_outdates_too(package: Path):
    (package / "listener.py").unlink()
    assert compiled.outdated(package) == ["gate/listener.py"]


def test_nothing_compiled_is_never_outdated(tmp_path: Path):
    assert not compiled.is_compiled(tmp_path)
    assert compiled.outdated(tmp_path) == []


def test_a_radius_server_does_not_serve_by_outdated_modules(tmp_path: Path):
    shutil.copytree(ROOT / "src" / "gate", tmp_path / "gate", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    record = tmp_path / "gate" / compiled.RECORD
    record.write_text(json.dumps({"gate/radiusd/listener.py": "of another day"}))
    environ = os.environ | {"PYTHONPATH": str(tmp_path), "GATE_DATA": str(tmp_path / "data")}
    refused = subprocess.run(
        [sys.executable, "-m", "gate", "radius"], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert refused.returncode == 1
    assert "gate/radiusd/listener.py" in refused.stderr
    assert "make compile" in refused.stderr
