"""FreeRADIUS on PostgreSQL, the peer of the RADIUS benchmark: installed from Debian, run from a private folder.

Rules of this file: nothing outside the private folder is changed but the packages installed; the shipped queries, the shipped
schema and the shipped acct_unique policy are used as they are; the daemon is our child and is ended by its id.

`tuned`: one virtual server with nothing but sql, chap, pap and acct_unique; group queries off, no insert after a sign-in,
8 threads (measured: the best of 2, 4, 8, 16 and 32) and as many connections, no limit that load reaches.
`stock`: the shipped configuration with sql switched on, ports and folders changed, and nothing else.
"""

import contextlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from packets import Usage, User

Variant = Literal["tuned", "stock"]
Say = Callable[[str], None]

PACKAGES = ("freeradius", "freeradius-postgresql", "freeradius-utils")
SHIPPED = Path("/etc/freeradius/3.0")
QUERIES = Path("mods-config/sql/main/postgresql")
POLICY_RC = Path("/usr/sbin/policy-rc.d")
THREADS = 8
REPLY_ITEMS = (("Session-Timeout", "3600"), ("Idle-Timeout", "600"), ("Acct-Interim-Interval", "300"))

_START_SECONDS = 20


class BaselineError(Exception):
    """FreeRADIUS cannot be installed or started; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """A FreeRADIUS that answers on 127.0.0.1."""

    pid: int
    auth_port: int
    acct_port: int
    version: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What stands in the table of sessions for one run."""

    sessions: int
    open_sessions: int
    total: Usage


def install(*, say: Say) -> None:
    """FreeRADIUS from Debian's packages, where it is missing. Raises BaselineError if it may not or cannot be installed."""
    if shutil.which("freeradius") and Path("/usr/lib/freeradius/rlm_sql_postgresql.so").exists():
        return
    command = f"apt-get install --no-install-recommends {' '.join(PACKAGES)}"
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise BaselineError(f"FreeRADIUS is not installed. Run as root: {command}")
    say(f"Installing {' '.join(PACKAGES)}")
    with _no_services():
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment, stdout=subprocess.DEVNULL)
        done = subprocess.run([*command.split(), "-y", "-qq"], check=False, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise BaselineError(f"`{command}` fails: {done.stderr.strip()[-500:]}")


@contextlib.contextmanager
def _no_services() -> Iterator[None]:
    """Keeps Debian from starting the packaged service, which would hold port 1812: invoke-rc.d asks policy-rc.d."""
    if POLICY_RC.exists():
        yield
        return
    POLICY_RC.write_text("#!/bin/sh\nexit 101\n")
    POLICY_RC.chmod(POLICY_RC.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    try:
        yield
    finally:
        POLICY_RC.unlink()


def shipped(name: str | Path) -> Path:
    """A file of the packaged configuration. Raises BaselineError if this user may not read it."""
    path = SHIPPED / name
    if not os.access(path, os.R_OK):
        raise BaselineError(f"{path} cannot be read. Run as root, or: usermod --append --groups freerad {os.environ.get('USER')}")
    return path


def prepare_database(*, url: str, users: Sequence[User], name: str) -> str:
    """Make the database `name` beside the one of `url`, with the shipped schema and `users`; returns its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    own = psycopg.conninfo.make_conninfo(url, dbname=name)
    with psycopg.connect(own) as connection:
        connection.execute(sql.SQL(shipped(QUERIES / "schema.sql").read_text()))
        with connection.cursor().copy("COPY radcheck (username, attribute, op, value) FROM STDIN") as copy:
            for user in users:
                copy.write_row((user.name, "Cleartext-Password", ":=", user.password))
        with connection.cursor().copy("COPY radreply (username, attribute, op, value) FROM STDIN") as copy:
            for user in users:
                for attribute, value in REPLY_ITEMS:
                    copy.write_row((user.name, attribute, ":=", value))
    with psycopg.connect(own, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return own


def stored(*, url: str, run: str) -> Stored:
    """The sessions of `run` in radacct."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE acctstoptime IS NULL), coalesce(sum(acctsessiontime), 0)::bigint,"
            " coalesce(sum(acctinputoctets), 0)::bigint, coalesce(sum(acctoutputoctets), 0)::bigint"
            " FROM radacct WHERE acctsessionid LIKE %s",
            (f"{run}-%",),
        ).fetchone()
    assert row is not None, "an aggregate has one row"
    return Stored(row[0], row[1], Usage(*row[2:]))


@contextlib.contextmanager
def running(*, variant: Variant, url: str, secret: str, auth_port: int, acct_port: int) -> Iterator[Server]:
    """FreeRADIUS in the foreground of a child, on the database `url`. Raises BaselineError with its last words."""
    with tempfile.TemporaryDirectory(prefix="gate-freeradius-") as name:
        folder = Path(name)
        write = _write_tuned if variant == "tuned" else _write_stock
        write(folder=folder, database=_conninfo(url), secret=secret, auth_port=auth_port, acct_port=acct_port)
        output = folder / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                ["freeradius", "-f", "-l", "stdout", "-d", folder],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd=folder,
            )
        try:
            _await_ready(process=process, output=output)
            yield Server(process.pid, auth_port, acct_port, version())
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def version() -> str:
    """As FreeRADIUS tells it, for example 3.2.1."""
    text = subprocess.run(["freeradius", "-v"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"Version (\S+?),", text)
    return found[1] if found else "of unknown version"


def _conninfo(url: str) -> str:
    """`url` in libpq's words; rlm_sql_postgresql takes anything with an equals sign in it as such."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    if any(re.search(r"[\s'\"\\%$]", str(value)) for value in parts.values()):
        raise BaselineError("FreeRADIUS's configuration cannot hold a database address with spaces or quotes in it.")
    return " ".join(f"{key}={value}" for key, value in parts.items())


def _await_ready(*, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if "Ready to process requests" in output.read_text(errors="replace"):
            return
        time.sleep(0.05)
    raise BaselineError(f"FreeRADIUS does not start:\n{output.read_text(errors='replace')[-2000:]}")


def _sql_module(*, database: str) -> str:
    """The sql module of `tuned`."""
    return f"""
sql {{
    dialect = "postgresql"
    driver = "rlm_sql_postgresql"
    radius_db = "{database}"
    acct_table1 = "radacct"
    acct_table2 = "radacct"
    postauth_table = "radpostauth"
    authcheck_table = "radcheck"
    authreply_table = "radreply"
    groupcheck_table = "radgroupcheck"
    groupreply_table = "radgroupreply"
    usergroup_table = "radusergroup"
    client_table = "nas"
    group_attribute = "SQL-Group"
    delete_stale_sessions = yes
    read_groups = no
    read_profiles = no
    pool {{
        start = {THREADS}
        min = {THREADS}
        max = {THREADS}
        spare = 0
        uses = 0
        lifetime = 0
        idle_timeout = 0
        retry_delay = 1
    }}
    $INCLUDE {shipped(QUERIES / "queries.conf")}
}}
"""


def _write_tuned(*, folder: Path, database: str, secret: str, auth_port: int, acct_port: int) -> None:
    (folder / "radiusd.conf").write_text(f"""
prefix = /usr
name = freeradius
libdir = /usr/lib/freeradius
raddbdir = {folder}
confdir = {folder}
logdir = {folder}
run_dir = {folder}
pidfile = {folder}/pid
max_request_time = 30
cleanup_delay = 5
max_requests = 1048576
hostname_lookups = no
log {{
    destination = stdout
    auth = no
}}
security {{
    max_attributes = 200
    reject_delay = 0
    status_server = no
}}
proxy_requests = no
thread pool {{
    start_servers = {THREADS}
    max_servers = {THREADS}
    min_spare_servers = 1
    max_spare_servers = {THREADS}
    max_queue_size = 65536
    max_requests_per_server = 0
    auto_limit_acct = no
}}
client benchmark {{
    ipaddr = 127.0.0.1
    secret = "{secret}"
    require_message_authenticator = no
}}
modules {{
    expr {{ }}
    pap {{ }}
    chap {{ }}
    {_sql_module(database=database)}
}}
policy {{
    $INCLUDE {shipped("policy.d/accounting")}
}}
server benchmark {{
    listen {{
        type = auth
        ipaddr = 127.0.0.1
        port = {auth_port}
        recv_buff = 8388608
    }}
    listen {{
        type = acct
        ipaddr = 127.0.0.1
        port = {acct_port}
        recv_buff = 8388608
    }}
    authorize {{
        chap
        sql
        pap
    }}
    authenticate {{
        Auth-Type PAP {{
            pap
        }}
        Auth-Type CHAP {{
            chap
        }}
    }}
    preacct {{
        acct_unique
    }}
    accounting {{
        sql
    }}
}}
""")
    (folder / "dictionary").touch()


def _write_stock(*, folder: Path, database: str, secret: str, auth_port: int, acct_port: int) -> None:
    shipped("radiusd.conf")
    shutil.copytree(SHIPPED, folder, symlinks=True, dirs_exist_ok=True)
    # EAP wants certificates, which a package installed without its recommendations does not have; no packet here is EAP.
    (folder / "mods-enabled/eap").unlink()
    (folder / "sites-enabled/inner-tunnel").unlink()
    main = folder / "radiusd.conf"
    text = re.sub(r"(?m)^\s*(user|group) = freerad$", "", main.read_text())
    for name in ("logdir", "raddbdir", "run_dir"):
        text = re.sub(rf"(?m)^{name} = .*$", f"{name} = {folder}", text)
    main.write_text(text)
    site = folder / "sites-available/default"
    ports = iter((auth_port, acct_port, auth_port, acct_port))
    text = re.sub(r"(?m)^(\s*)port = 0$", lambda found: f"{found[1]}port = {next(ports)}", site.read_text())
    text = re.sub(r"(?m)^(\s*)ipaddr = \*$", r"\1ipaddr = 127.0.0.1", text)
    text = re.sub(r"(?m)^(\s*)ipv6addr = ::.*$", r"\1ipv6addr = ::1", text)
    text = re.sub(r"(?ms)^\s*eap \{$.*?^\s*\}$", "", text)
    site.write_text(re.sub(r"(?m)^\s*eap$", "", text))
    (folder / "clients.conf").write_text(f'client benchmark {{\n    ipaddr = 127.0.0.1\n    secret = "{secret}"\n}}\n')
    module = shipped("mods-available/sql").read_text()
    module = re.sub(r"(?m)^\s*dialect = .*$", 'dialect = "postgresql"', module)
    module = re.sub(r"(?m)^\s*driver = .*$", 'driver = "rlm_sql_postgresql"', module)
    module = re.sub(r"(?m)^\s*radius_db = .*$", lambda _: f'radius_db = "{database}"', module, count=1)
    (folder / "mods-enabled/sql").write_text(module)
