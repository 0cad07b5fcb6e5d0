"""A FreeRADIUS's database, as Debian's schema makes it, brought into a running GATE; then its users sign in by radclient."""

import csv
import os
import shutil
import subprocess
import sys

import pytest

import radius_server
from freeradius_tables import SECRET, ask, fill
from gate.users.hashing import hash_password
from radius_server import until

pytestmark = pytest.mark.django_db


def everything(committed):
    """What an import could change, of both tenants."""
    tables = ("users_user", "profiles_profile", "nas_nas", "users_userprofile", "accounting_live", "accounting_history")
    return {table: committed.all(f"SELECT * FROM {table} ORDER BY 1") for table in tables}


@pytest.fixture
def stock(theirs):
    """What a small provider has."""
    fill(
        theirs, "radcheck", "username attribute op value",
        ("ann", "Cleartext-Password", ":=", "ann's password"), ("ann", "Simultaneous-Use", ":=", "2"),
        ("ann", "Expiration", ":=", "31 Dec 2099"), ("bea", "Crypt-Password", ":=", hash_password("bea's password")),
        ("bea", "Calling-Station-Id", "==", "AA-00-00-00-00-01"), ("carl", "Cleartext-Password", ":=", "carl's password"),
        ("carl", "Auth-Type", ":=", "Reject"), ("dora", "Cleartext-Password", ":=", "dora's password"),
    )  # fmt: skip
    fill(
        theirs, "radreply", "username attribute op value", ("ann", "Reply-Message", "=", "Hello %{User-Name}"),
        ("bea", "Reply-Message", "=", "Hello %{User-Name}"),
    )  # fmt: skip
    fill(
        theirs, "radusergroup", "username groupname priority", ("ann", "basic", 5), ("ann", "gold members", 1),
        ("ann", "never reached", 9), ("dora", "off", 1),
    )  # fmt: skip
    fill(
        theirs, "radgroupreply", "groupname attribute op value", ("gold members", "Session-Timeout", ":=", "7200"),
        ("gold members", "WISPr-Bandwidth-Max-Down", ":=", "8000000"), ("basic", "Session-Timeout", "=", "600"),
        ("gold members", "Fall-Through", "=", "Yes"), ("basic", "Idle-Timeout", ":=", "300"),
    )  # fmt: skip
    fill(theirs, "radgroupcheck", "groupname attribute op value", ("off", "Auth-Type", ":=", "Reject"))
    fill(theirs, "nas", "nasname shortname type secret", ("127.0.0.9", "Lobby router", "mikrotik", SECRET))
    return theirs


@pytest.mark.skipif(
    not shutil.which("radclient") and not os.environ.get("CI"), reason="radclient is away: apt install freeradius-utils"
)
def test_users_sign_in_with_what_their_groups_say_and_a_second_run_changes_nothing(committed, stock, bring):
    before = everything(committed)
    assert bring("--dry-run")[0] == 0
    assert everything(committed) == before
    # The command itself, as operators have it.
    command = [sys.executable, "-m", "gate", "import", "freeradius", "--database", stock.gate_url, "--organization", "acme"]
    done = subprocess.run(
        command, env=dict(os.environ) | {"DATABASE_URL": committed.url}, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout
    assert [line.split(maxsplit=1) for line in told.splitlines()[1:-1]] == [
        ["1", "NAS"], ["6", "profiles"], ["1", "memberships behind a group without Fall-Through"], ["4", "users"],
        ["1", "of them with a hash in place of a password"],
    ]  # fmt: skip
    with radius_server.serving(committed) as server:
        until(lambda: any(client.name == "Lobby-router" for client in server.service.store.clients.all()))
        answer = ask(server, "ann", "ann's password")
        assert "Access-Accept" in answer
        # Of two groups the one with the lower priority number counts first, and the other only for its Fall-Through.
        for item in (
            "Session-Timeout = 7200",
            "WISPr-Bandwidth-Max-Down = 8000000",
            "Idle-Timeout = 300",
            'Reply-Message = "Hello ann"',
        ):
            assert item in answer
        assert "Access-Accept" in ask(server, "bea", "bea's password", "Calling-Station-Id = AA-00-00-00-00-01")
        for name, password, more in (
            ("ann", "wrong", ()), ("bea", "bea's password", ("Calling-Station-Id = AA-00-00-00-00-02",)),
            ("carl", "carl's password", ()), ("dora", "dora's password", ()),
        ):  # fmt: skip
            assert "Access-Reject" in ask(server, name, password, *more)
    held = committed.all(
        "SELECT username, max_sessions, expiration::date::text FROM users_user WHERE username IN ('ann', 'bea') ORDER BY 1"
    )
    assert held == [("ann", 2, "2099-12-31"), ("bea", None, None)]
    after = everything(committed)
    status, told, _ = bring()
    assert status == 0
    assert "4  users there already" in told
    # What signing in has left (a verifier, the last sign-in) apart, nothing is new: neither rows nor passwords.
    again = everything(committed)
    assert {table: len(rows) for table, rows in again.items()} == {table: len(rows) for table, rows in after.items()}
    assert [row[0] for row in again["users_user"]] == [row[0] for row in after["users_user"]]
    rival = committed.world.organizations["rival"]
    assert committed.one("SELECT count(*) FROM users_user WHERE tenant_id = %s AND username IN ('ann', 'bea')", rival) == 0


def test_what_cannot_be_brought_is_reported_by_row_and_field_and_lets_nobody_in(committed, theirs, bring, tmp_path):
    fill(
        theirs, "radcheck", "username attribute op value",
        ("with space", "Cleartext-Password", ":=", "x1"), ("guest.acme", "Cleartext-Password", ":=", "x2"),
        ("md5", "MD5-Password", ":=", "5f4dcc3b5aa765d61d8327deb882cf"), ("when", "Cleartext-Password", ":=", "x3"),
        ("when", "Expiration", ":=", "soon"), ("odd", "Cleartext-Password", ":=", "x4"), ("odd", "No-Such-Attribute", "==", "1"),
        ("odd", "Pool-Name", ":=", "main"), ("=cmd()", "Cleartext-Password", ":=", "x5"),
    )  # fmt: skip
    fill(
        theirs,
        "radgroupreply",
        "groupname attribute op value",
        ("g", "Session-Timeout", ":=", "long"),
        ("g", "Idle-Timeout", "=", "60"),
    )
    fill(theirs, "radgroupcheck", "groupname attribute op value", ("g", "Max-Weight", "<", "10"))
    fill(
        theirs, "nas", "nasname shortname secret", ("router.example.net", "by name", SECRET),
        ("192.0.2.1", "weak", "testing123"), ("127.0.0.4", "rival's", SECRET),
    )  # fmt: skip
    fill(
        theirs, "radacct", "acctsessionid acctuniqueid username nasipaddress acctstarttime",
        ("s1", "u1", "md5", "198.51.100.1", "2025-01-01"), ("s2", "u2", "md5", "127.0.0.1", None),
        ("", "u3", "md5", "127.0.0.1", "2025-01-01"), ("s4", "u4", "md5", "127.0.0.1", "1970-01-01"),
    )  # fmt: skip
    before = committed.all("SELECT * FROM users_user WHERE tenant_id = %s ORDER BY 1", committed.world.organizations["rival"])
    report = tmp_path / "report.csv"
    status, told, complaints = bring("--report", str(report))
    assert status == 3
    rows = list(csv.DictReader(report.read_text().splitlines()))
    named = {(row["table"], row["name"], row["field"]) for row in rows}
    assert named == {
        ("radcheck", "with space", "username"), ("radcheck", "md5", "value"), ("radcheck", "when", "value"),
        ("radcheck", "odd", "attribute"), ("radcheck", "odd", "op"), ("radcheck", "'=cmd()", "username"),
        ("radgroupreply", "g", "attribute"), ("radgroupcheck", "g", "attribute"), ("nas", "by name", "nasname"),
        ("nas", "weak", "secret"), ("nas", "rival's", "address"), ("radacct", "md5", "nasipaddress"),
        ("radacct", "md5", "acctstarttime"), ("radacct", "md5", "acctsessionid"),
    }  # fmt: skip
    assert all(row["id"] and row["reason"] for row in rows)
    assert f"{len(rows):>12,}  problems" in told
    for secret in ("5f4dcc3b", "testing123", "x1", "x5"):
        assert secret not in complaints + report.read_text() + told
    held = dict(committed.all("SELECT username, is_active FROM users_user WHERE username IN ('md5', 'when', 'odd')"))
    assert held == {"md5": True, "when": False, "odd": False}
    assert committed.one("SELECT password FROM users_user WHERE username = 'md5'") == ""
    checks = committed.one("SELECT check_attribute FROM profiles_profile WHERE short_name = 'g'")
    assert checks == [{"attribute": "User-Name", "op": "!*", "value": ""}]
    # Who had the name before keeps the password.
    assert "1  users there already" in told
    assert (
        committed.all("SELECT * FROM users_user WHERE tenant_id = %s ORDER BY 1", committed.world.organizations["rival"])
        == before
    )
    # A report is never written over.
    assert bring("--report", str(report))[0] == 1


def test_sessions_come_once_whatever_is_repeated_and_open_ones_end(committed, theirs, bring):
    _, name = committed.user(organization="acme-west", profile="acme")
    columns = (
        "acctsessionid acctuniqueid username nasipaddress acctstarttime acctupdatetime acctstoptime acctsessiontime"
        " acctinputoctets acctoutputoctets calledstationid framedipaddress framedipv6prefix acctterminatecause class"
    )
    rows = [
        (f"h{n}", f"hist-{n}", name.upper(), "127.0.0.1", f"2024-0{1 + n % 3}-01 10:00+00", None,
         f"2024-0{1 + n % 3}-01 11:00+00", 3600, 5_000_000_000 + n, n, "02-00-00-00-00-02:Guests", "10.0.0.1",
         "2001:db8::/64", "User-Request", "gold")
        for n in range(5_001)
    ]  # fmt: skip
    fill(theirs, "radacct", columns, *rows)
    fill(
        theirs, "radacct", columns,
        ("open", "open-1", "nobody-knows", "127.0.0.2", "now", "now", None, 60, 7, 8, "", None, None, None, None),
    )  # fmt: skip
    theirs.execute("UPDATE radacct SET acctstarttime = now() - interval '2 days', acctupdatetime = now() - interval '2 days'"
                   " + interval '1 hour' WHERE acctuniqueid = 'open-1'")  # fmt: skip
    status, told, complaints = bring()
    assert status == 0, complaints
    assert "5,002  sessions" in told
    assert "5,001  of them new to the history" in told
    assert "1  of them open" in told
    assert "--after 5002 goes on from there" in complaints
    count = "SELECT count(*), sum(acctinputoctets) FROM accounting_history WHERE acctsessionid LIKE 'h%%'"
    total = sum(row[8] for row in rows)
    assert committed.all(count) == [(5_001, total)]
    world = committed.world
    ((user, group, organization, point, ssid, prefix, klass, start),) = committed.all(
        "SELECT username, groupname, organization_id, access_point_id, ssid, framedipv6prefix, klass, acctstarttime::text"
        " FROM accounting_history WHERE acctsessionid = 'h1'"
    )
    assert (user, group, ssid, prefix, klass) == (name.upper(), "acme-profile", "Guests", "2001:db8::/64", "gold")
    assert (organization, point) == (world.organizations["acme-west"], world.access_points["acme-west"])
    assert start.startswith("2024-02-01 ")
    live = "SELECT acctstoptime IS NULL, acctsessiontime, organization_id FROM accounting_live WHERE acctsessionid = 'open'"
    assert committed.all(live) == [(True, 60, world.organizations["acme-west"])]
    # Meanwhile it has ended there.
    ended = "UPDATE radacct SET acctstoptime = acctstarttime + interval '90 minutes', acctsessiontime = 5400"
    theirs.execute(f"{ended} WHERE acctuniqueid = 'open-1'")
    for words in ((), ("--after", "5001")):
        assert bring(*words)[0] == 0
        assert committed.all(live) == [(False, 5400, world.organizations["acme-west"])]
    assert committed.all(count) == [(5_001, total)]
    assert committed.one("SELECT count(*) FROM accounting_live WHERE tenant_id = %s", world.organizations["rival"]) == 0


def test_what_is_no_freeradius_database_is_said_in_one_sentence(committed, theirs, bring):
    theirs.execute("DROP TABLE radusergroup")
    status, _, complaints = bring()
    assert status == 1
    assert complaints == 'That is no FreeRADIUS schema for PostgreSQL: relation "radusergroup" does not exist.'
    theirs.gate_url = "postgresql://someone:hunter2@127.0.0.1:1/none"
    status, _, complaints = bring()
    assert status == 1
    assert "\n" not in complaints
    assert "hunter2" not in complaints
