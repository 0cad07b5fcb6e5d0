"""The private PostgreSQL, with real servers in folders of their own."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from gate import processes
from gate.database import embedded
from gate.database.embedded import DatabaseStartError, FolderInUseError, Server

FAST = {"fsync": "off", "shared_buffers": "32MB"}
ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def workshop() -> Iterator[Path]:
    """A folder every user may pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="gate-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def made(workshop: Path) -> Path:
    """A data folder with a cluster that holds one row, not running."""
    data = workshop / "made"
    with start(data) as server, psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE note (text text)")
        connection.execute("INSERT INTO note VALUES ('kept')")
    return data


@pytest.fixture
def data(made: Path) -> Iterator[Path]:
    """The cluster with one row, for tests that leave it as it was; a server that is left running fails the test."""
    yield made
    assert servers_of(made) == []


@pytest.fixture
def spare(workshop: Path, made: Path) -> Iterator[Path]:
    """A copy of it, to be damaged."""
    folder = Path(tempfile.mkdtemp(dir=workshop))
    folder.chmod(0o711)
    # The programs are many and never written to: links do.
    subprocess.run(["cp", "-al", made, folder / "data"], check=True)
    for name in ("gate.lock", "postgres.log", "postgres/cluster"):
        subprocess.run(["rm", "-r", folder / "data" / name], check=True)
        subprocess.run(["cp", "-a", made / name, folder / "data" / name], check=True)
    yield folder / "data"
    assert servers_of(folder) == []
    shutil.rmtree(folder)


def start(data: Path) -> Server:
    return embedded.start(data=data, options=FAST, die_with_parent=True)


def notes(server: Server) -> list[tuple[str]]:
    with psycopg.connect(server.url) as connection:
        return connection.execute("SELECT text FROM note").fetchall()


def servers_of(folder: Path) -> list[int]:
    """Living processes that work in `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                inside = (entry / "cwd").readlink().is_relative_to(folder)
            except OSError:
                continue
            if inside and processes.runs(int(entry.name)):
                found.append(int(entry.name))
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen in 10 s")


def test_first_start_makes_a_database_gate_can_use(workshop: Path) -> None:
    said: list[str] = []
    with embedded.start(data=workshop / "first" / "start", options=FAST, say=said.append) as server:
        assert not server.adopted
        assert server.alive()
        with psycopg.connect(server.url) as connection:
            row = connection.execute(
                "SELECT current_database(), current_user, current_setting('jit'), current_setting('listen_addresses'),"
                " current_setting('fsync'), current_setting('data_checksums'), pg_encoding_to_char(encoding)"
                " FROM pg_database WHERE datname = current_database()"
            ).fetchone()
            assert row == ("gate", "gate", "off", "", "off", "on", "UTF8")
            connection.execute("CREATE EXTENSION ltree")
            connection.execute("CREATE EXTENSION pg_trgm")
            assert connection.execute("SELECT lower('ȘÄ'), 'a' < 'B'").fetchone() == ("șä", False)
    assert said == ["Making a private PostgreSQL (only at the first start)", "Starting the private PostgreSQL"]
    assert servers_of(workshop / "first") == []


def test_data_survives_a_stop(data: Path) -> None:
    for _ in range(2):
        with start(data) as server:
            assert notes(server) == [("kept",)]


def test_without_the_password_nobody_gets_in(data: Path) -> None:
    with start(data) as server:
        parts = urllib.parse.urlsplit(server.url)
        assert parts.password is not None
        for stranger in (
            server.url.replace(parts.password, "wrong"),
            server.url.replace(f":{parts.password}", ""),
        ):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(stranger)
        password = data / "postgres" / "password"
        assert stat.S_IMODE(password.stat().st_mode) == 0o600
        assert parts.password not in Path(f"/proc/{server.pid}/cmdline").read_text()
        assert parts.password.encode() not in Path(f"/proc/{server.pid}/environ").read_bytes()


def test_the_socket_is_in_a_folder_of_the_servers_own(data: Path) -> None:
    with start(data):
        folder = data / "postgres" / "socket"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == (data / "postgres" / "cluster").stat().st_uid


def test_a_socket_path_too_long_gets_a_short_folder(workshop: Path) -> None:
    data = workshop / ("long-" * 30) / "data"
    with start(data) as server:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(server.url).query)
        folder = Path(query["host"][0])
        assert len(str(folder)) < 60
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        psycopg.connect(server.url).close()
    with start(data) as server:
        assert urllib.parse.quote(str(folder), safe="") in server.url
        # Somebody who opens the folder to others makes it unfit: the next start takes another.
        folder.chmod(0o755)
        assert embedded.running_url(data=data) is None
        folder.chmod(0o700)
    folder.chmod(0o755)
    with start(data) as server:
        other = Path(urllib.parse.parse_qs(urllib.parse.urlsplit(server.url).query)["host"][0])
        assert other != folder
    folder.rmdir()
    other.rmdir()


def test_a_killed_postmaster_is_recovered_from(spare: Path) -> None:
    server = start(spare)
    with psycopg.connect(server.url) as connection:
        connection.execute("INSERT INTO note VALUES ('just committed')")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.alive())
    server.start()
    assert server.alive()
    assert notes(server) == [("kept",), ("just committed",)]
    server.stop()


def test_an_uncollected_zombie_is_not_taken_for_a_server(data: Path) -> None:
    server = start(data)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    # Not waited for, so its number stays in use, as under a container's first process that collects nobody.
    wait_until(lambda: not processes.runs(server._pid or 0))
    server._lock.release()
    with start(data) as again:
        assert notes(again) == [("kept",)]
    server._process.wait()  # type: ignore[union-attr]


def test_a_pid_file_naming_a_stranger_is_not_believed(data: Path) -> None:
    pid_file = data / "postgres" / "cluster" / "postmaster.pid"
    owner = (data / "postgres" / "cluster").stat()
    with subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid, extra_groups=() if ROOT else None) as p:
        pid_file.write_text(f"{p.pid}\n{pid_file.parent}\n1\n5432\n\n\n\n")
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        with start(data) as server:
            assert notes(server) == [("kept",)]
        p.kill()


def test_a_server_left_behind_is_adopted_and_stopped(data: Path) -> None:
    code = (
        "import sys, os, pathlib; from gate.database import embedded\n"
        "s = embedded.start(data=pathlib.Path(sys.argv[1]), options={'fsync': 'off', 'shared_buffers': '32MB'})\n"
        "os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, data], check=False)
    assert killed.returncode == -signal.SIGKILL
    url = embedded.running_url(data=data)
    assert url is not None
    with start(data) as server:
        assert server.adopted
        assert server.alive()
        assert server.url == url
        assert notes(server) == [("kept",)]
        pid = server.pid
    assert pid is not None
    assert not processes.runs(pid)
    assert embedded.running_url(data=data) is None


def test_a_second_gate_on_the_folder_is_told_so(data: Path) -> None:
    with start(data) as server:
        with pytest.raises(FolderInUseError, match=rf"^Another GATE is using {data} \(process {os.getpid()}\): stop it"):
            start(data)
        assert notes(server) == [("kept",)]
    start(data).stop()


def test_running_url(data: Path, workshop: Path) -> None:
    assert embedded.running_url(data=data) is None
    with start(data) as server:
        assert embedded.running_url(data=data) == server.url
    assert embedded.running_url(data=workshop / "nothing here") is None
    assert not (workshop / "nothing here").exists()


@pytest.mark.parametrize("name", ["PG_VERSION", "global/pg_control"])
def test_a_damaged_cluster_is_left_alone(spare: Path, name: str) -> None:
    cluster = spare / "postgres" / "cluster"
    (cluster / name).unlink()
    before = contents(cluster)
    with pytest.raises(DatabaseStartError) as caught:
        start(spare)
    assert str(cluster.parent) in caught.value.sentence
    assert caught.value.log
    assert contents(cluster) == before
    assert servers_of(spare) == []
    # The lock is free again.
    with pytest.raises(DatabaseStartError) as caught:
        start(spare)
    assert not isinstance(caught.value, FolderInUseError)


def test_a_cluster_of_another_version_is_left_alone(spare: Path) -> None:
    (spare / "postgres" / "cluster" / "PG_VERSION").write_text("11\n")
    with pytest.raises(DatabaseStartError, match="made by PostgreSQL 11 and this machine has PostgreSQL"):
        start(spare)
    assert (spare / "postgres" / "cluster" / "PG_VERSION").read_text() == "11\n"


def test_an_interrupted_initdb_is_made_again(workshop: Path) -> None:
    data = workshop / "interrupted"
    half = data / "postgres" / "unfinished-cluster-1234"
    half.mkdir(parents=True)
    data.chmod(0o711)
    (data / "postgres").chmod(0o711)
    (half / "PG_VERSION").write_text("18\n")
    (data / "postgres" / ".password-for-initdb-1234").write_text("old")
    with start(data) as server:
        psycopg.connect(server.url).close()
    assert not half.exists()
    assert not list((data / "postgres").glob(".password*"))


def test_a_wrong_setting_is_reported_with_the_servers_words(data: Path) -> None:
    with pytest.raises(DatabaseStartError) as caught:
        embedded.start(data=data, options={"work_mem": "plenty"})
    assert "work_mem" in caught.value.log
    assert "work_mem" in str(caught.value)


def test_a_start_that_is_called_off_leaves_nothing_running(data: Path) -> None:
    def pause(_: float) -> None:
        raise InterruptedError("enough")

    with pytest.raises(DatabaseStartError, match="enough"):
        embedded.start(data=data, options=FAST, pause=pause)
    assert servers_of(data) == []
    with start(data) as server:
        assert notes(server) == [("kept",)]


def test_the_log_of_the_start_before_is_kept(data: Path) -> None:
    for _ in range(2):
        start(data).stop()
    assert "database system is shut down" in (data / "postgres.log").read_text()
    assert "database system is shut down" in (data / "postgres.log.old").read_text()


def test_an_operators_own_settings_count(data: Path) -> None:
    local = data / "postgres" / "local.conf"
    local.write_text("work_mem = '7MB'\n")
    local.chmod(0o644)
    with start(data) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)
    local.unlink()


def test_temporary_leaves_nothing_behind() -> None:
    with embedded.temporary() as server:
        psycopg.connect(server.url).close()
        pid = server.pid
        folder = Path(urllib.parse.parse_qs(urllib.parse.urlsplit(server.url).query)["host"][0])
    assert pid is not None
    assert not processes.runs(pid)
    assert not folder.parent.parent.parent.exists()


@pytest.mark.skipif(not ROOT, reason="only root runs the server as another user")
class TestAsRoot:
    def test_the_server_is_nobody_special(self, data: Path) -> None:
        with start(data) as server:
            status = dict(
                line.split(":", 1) for line in Path(f"/proc/{server.pid}/status").read_text().splitlines() if ":" in line
            )
            assert "0" not in status["Uid"].split()
            assert "0" not in status["Gid"].split()
            assert status["Groups"].split() == []
            assert int(status["CapEff"], 16) == 0

    def test_it_can_write_to_nothing_gate_executes_or_writes(self, data: Path) -> None:
        start(data).stop()
        home = data / "postgres"
        theirs = {path.name for path in home.iterdir() if path.stat().st_uid != 0}
        assert theirs == {"cluster", "socket"}
        assert all(
            path.stat().st_uid == 0 and not path.stat().st_mode & 0o022
            for programs in home.glob("programs-*")
            for path in (programs, *programs.rglob("*"))
        )

    def test_behind_a_closed_folder_the_home_is_in_the_shelter(self, workshop: Path) -> None:
        closed = workshop / "root"
        closed.mkdir(mode=0o700)
        shelter = workshop / "shelter"
        data = closed / ".local" / "gate"

        def go() -> Server:
            return embedded.start(data=data, options=FAST, shelter=shelter)

        with go() as server:
            psycopg.connect(server.url).close()
            assert embedded.running_url(data=data, shelter=shelter) == server.url
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert [folder.name for folder in shelter.iterdir()] == [(data / "postgres.location").read_text()]
        with go():
            assert len(list(shelter.iterdir())) == 1
        # A data folder that was deleted begins anew, one that is kept and misses its home says so.
        shutil.rmtree(data)
        with go():
            assert len(list(shelter.iterdir())) == 2
        shutil.rmtree(shelter)
        with pytest.raises(DatabaseStartError, match="which is not there"):
            go()
