"""The places of the private PostgreSQL; how they look while it runs is tested in test_embedded.py."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gate.database import home
from gate.database.errors import DatabaseStartError, FolderInUseError

ROOT = os.geteuid() == 0


def test_a_data_folder_is_made_with_its_parents_and_an_old_one_keeps_its_permissions(tmp_path: Path) -> None:
    data = tmp_path / "a" / "b"
    home.make_data_folder(data)
    assert stat.S_IMODE(data.stat().st_mode) == (0o711 if ROOT else 0o700)
    data.chmod(0o750)
    home.make_data_folder(data)
    assert stat.S_IMODE(data.stat().st_mode) == 0o750


def test_the_lock_holds_against_the_same_and_another_process(tmp_path: Path) -> None:
    lock = home.FolderLock(data=tmp_path)
    with pytest.raises(FolderInUseError, match=f"process {os.getpid()}"):
        home.FolderLock(data=tmp_path)
    code = "import sys, pathlib; from gate.database import home; home.FolderLock(data=pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert "FolderInUseError" in subprocess.run(command, capture_output=True, text=True, check=False).stderr
    lock.release()
    lock.release()
    subprocess.run(command, check=True)
    home.FolderLock(data=tmp_path).release()


def test_an_empty_folder_has_no_home(tmp_path: Path) -> None:
    assert home.existing(data=tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("record", ["../../etc", "", "0123456789abcdef", "0123456789ABCDEF"])
def test_a_home_that_is_lost_or_nonsense_is_not_made_anew(tmp_path: Path, record: str) -> None:
    (tmp_path / "postgres.location").write_text(record)
    with pytest.raises(DatabaseStartError, match="which is not there"):
        home.prepare(data=tmp_path, shelter=tmp_path / "shelter")


@pytest.mark.skipif(not ROOT, reason="only root can give a folder away")
def test_another_users_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    os.chown(tmp_path / "postgres", 65534, 65534)
    with pytest.raises(DatabaseStartError, match="belongs to the user nobody: run GATE as that user"):
        home.prepare(data=tmp_path)


@pytest.mark.skipif(not ROOT, reason="only root runs the server as another user")
def test_a_closed_shelter_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(DatabaseStartError, match="may enter neither"):
        home.prepare(data=tmp_path, shelter=tmp_path / "shelter")


def test_a_missing_password_is_said(tmp_path: Path) -> None:
    place = home.Home(data=tmp_path, folder=tmp_path, user=None)
    with pytest.raises(DatabaseStartError, match="password of the database is missing"):
        place.password()


def test_a_socket_folder_that_is_a_link_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "socket").symlink_to(tmp_path / "elsewhere")
    assert home.Home(data=tmp_path, folder=tmp_path, user=None).socket_folder() is None


def test_files_are_whole_and_have_the_right_permissions(tmp_path: Path) -> None:
    home.write_private(tmp_path / "private", "a")
    home.write_public(tmp_path / "public", "b")
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "public").stat().st_mode) == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == ["private", "public"]


def test_the_tail_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert home.tail(log) == ""
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(20000)) + b"\xff")
    assert home.tail(log, lines=2) == "line 19999\n\ufffd"
    size = log.stat().st_size
    assert home.tail(log, after=size) == ""
    home.rotate(log)
    assert [path.name for path in tmp_path.iterdir()] == ["log.old"]
