"""Making the data folder; the whole of it is tested in test_embedded.py."""

import subprocess
from pathlib import Path
from unittest import mock

import pytest

from gate.database import cluster
from gate.database.errors import DatabaseStartError
from gate.database.home import Home
from gate.database.programs import Programs


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(data=tmp_path, folder=tmp_path, user=None)


def initdb(folder: Path, script: str) -> Programs:
    (folder / "bin").mkdir()
    (folder / "bin" / "initdb").write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\n{script}\n')
    (folder / "bin" / "initdb").chmod(0o755)
    return Programs(folder=folder / "bin", major=18, wheel=None)


def test_a_libc_without_c_utf8(home: Home, tmp_path: Path) -> None:
    used = initdb(tmp_path, 'case "$*" in *--locale=C.UTF-8*) echo "error: invalid locale name" >&2; exit 1;; esac')
    cluster.make(home=home, used=used, sync=True)
    first, second = (tmp_path / "calls").read_text().splitlines()
    assert "--builtin-locale=C.UTF-8 --locale=C.UTF-8" in first
    assert "--builtin-locale=C.UTF-8 --locale=C" in second
    assert "--no-sync" not in second
    assert home.cluster.is_dir()


def test_an_older_postgresql_takes_the_locale_of_libc(home: Home, tmp_path: Path) -> None:
    used = initdb(tmp_path, "")
    cluster.make(home=home, used=Programs(folder=used.folder, major=15, wheel=None), sync=False)
    (call,) = (tmp_path / "calls").read_text().splitlines()
    assert "--builtin-locale" not in call
    assert "--auth=scram-sha-256 --data-checksums" in call
    assert "--no-sync" in call


def test_a_failing_initdb_is_reported_and_leaves_no_cluster_and_no_password_file(home: Home, tmp_path: Path) -> None:
    used = initdb(tmp_path, "echo no space left on device >&2; exit 1")
    with pytest.raises(DatabaseStartError) as caught:
        cluster.make(home=home, used=used, sync=True)
    assert caught.value.log == "no space left on device"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "calls", "password"]
    assert home.password() not in (tmp_path / "calls").read_text()


def test_nothing_of_gates_environment_reaches_the_server(monkeypatch: pytest.MonkeyPatch, home: Home, tmp_path: Path) -> None:
    monkeypatch.setenv("GATE_SECRET_KEY", "x" * 32)
    monkeypatch.setenv("PGPORT", "1")
    cluster.make(home=home, used=initdb(tmp_path, f"env > {tmp_path}/env"), sync=True)
    names = {line.partition("=")[0] for line in (tmp_path / "env").read_text().splitlines()}
    assert names <= {"PATH", "LC_ALL", "TZ", "PWD", "_", "SHLVL", "OLDPWD"}


def test_a_server_without_contrib_is_said(home: Home) -> None:
    connection = mock.MagicMock()
    connection.__enter__.return_value.execute.return_value.fetchall.return_value = [("gate",), ("ltree",)]
    with (
        mock.patch("gate.database.probe.connect", return_value=connection),
        pytest.raises(DatabaseStartError, match="lacks pg_trgm: install its contrib package"),
    ):
        cluster.complete(home)


def test_a_cluster_that_is_no_folder_is_damaged(home: Home) -> None:
    assert cluster.major(home) is None
    home.cluster.write_text("")
    with pytest.raises(DatabaseStartError, match="is damaged"):
        cluster.major(home)
    home.cluster.unlink()
    home.cluster.mkdir()
    (home.cluster / "PG_VERSION").write_text("18\n")
    assert cluster.major(home) == 18


def test_the_identity_of_the_servers_user_has_no_groups(home: Home) -> None:
    assert cluster.identity(home) == {}
    assert subprocess.run(["true"], check=True, **cluster.identity(home)).returncode == 0
