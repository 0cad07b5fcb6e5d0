"""What `gate doctor` finds in a database, on a private one of its own."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gate import settings
from gate.core import clock
from gate.database import walls
from gate.doctor import database
from gate.doctor.findings import Finding, State

NAME = "doctor_patient"


@pytest.fixture
def url() -> Iterator[str]:
    """A database as a migration leaves it, as far as the doctor looks."""
    main = os.environ["DATABASE_URL"]
    with psycopg.connect(main, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {NAME}")
        connection.execute(f"ALTER DATABASE {NAME} SET timezone = 'Asia/Tokyo'")
        patient = main.replace("@/gate?", f"@/{NAME}?")
        with psycopg.connect(patient, autocommit=True) as inside:
            inside.execute(walls.ROLES)
            inside.execute("CREATE TABLE django_migrations (app text, name text)")
            for row in database._known_migrations():
                inside.execute("INSERT INTO django_migrations VALUES (%s, %s)", row)
        yield patient
        connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def find(url: str | None, data: Path = Path("/nonexistent")) -> dict[str, Finding]:
    environ = {"GATE_DATA": str(data)} | ({"DATABASE_URL": url} if url else {})
    return {finding.subject: finding for finding in database.check(settings.read(environ))}


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def test_a_healthy_database(url: str) -> None:
    found = find(url)
    # The database of the tests is fast, not durable.
    assert found.pop("durability").state is State.FAULT
    assert set(found) == {"database", "extensions", "migrations", "roles", "clock", "kept"}
    assert {finding.state for finding in found.values()} == {State.GOOD}


def test_what_is_not_durable_is_named(url: str) -> None:
    assert find(url)["durability"].text.startswith("fsync, full_page_writes, synchronous_commit off")


def test_a_missing_migration(url: str) -> None:
    execute(url, "DELETE FROM django_migrations WHERE app = 'database' AND name = '0001_roles'")
    finding = find(url)["migrations"]
    assert finding.state is State.FAULT
    assert finding.text == "not applied: database.0001_roles"
    assert "gate migrate" in finding.advice


def test_a_database_of_a_newer_gate(url: str) -> None:
    execute(url, "INSERT INTO django_migrations VALUES ('database', '9999_future'), ('auth', '0001_not_ours')")
    assert "newer GATE" in find(url)["migrations"].text


def test_an_empty_database(url: str) -> None:
    execute(url, "DROP TABLE django_migrations")
    assert find(url)["migrations"].text == "the database is empty"


def test_a_runtime_role_that_owns_a_table(url: str) -> None:
    execute(url, f"CREATE TABLE mine (); ALTER TABLE mine OWNER TO {walls.APP}")
    finding = find(url)["roles"]
    assert finding.state is State.FAULT
    assert f"{walls.APP} owns tables" in finding.text


def test_a_wall_that_does_not_bind_the_owner(url: str) -> None:
    execute(url, "CREATE TABLE loose (); ALTER TABLE loose ENABLE ROW LEVEL SECURITY")
    assert find(url)["roles"].state is State.FAULT


def test_a_clock_that_is_off(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = dt.datetime.now(tz=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: real - dt.timedelta(seconds=60))
    assert "60 s off" in find(url)["clock"].text
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(1970, 1, 2, tzinfo=dt.UTC))
    assert "1970-01-02" in find(url)["clock"].text


def test_no_database(tmp_path: Path) -> None:
    finding = find(None, tmp_path)["database"]
    assert finding.state is State.FAULT
    assert "gate up" in finding.advice


def test_a_database_that_does_not_answer() -> None:
    finding = find("postgresql://gate:hidden@127.0.0.1:9/gate")["database"]
    assert finding.state is State.FAULT
    assert "hidden" not in finding.text


def test_a_private_database_that_is_lost(tmp_path: Path) -> None:
    (tmp_path / "postgres.location").write_text("0" * 16)
    assert "not there" in find(None, tmp_path)["database"].text


def test_balances_that_are_not_the_sum_of_their_entries(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(
        url,
        "CREATE TABLE credit_balance AS SELECT n::bigint AS user_id, 5::bigint AS seconds FROM generate_series(1, 5) n;"
        "CREATE TABLE credit_entry AS SELECT user_id, part::bigint AS seconds FROM credit_balance, unnest(ARRAY[7, -2]) part",
    )
    monkeypatch.setattr(database, "_LEDGER_PAGE", 2)
    assert (find(url)["time credit"].state, find(url)["time credit"].text) == (
        State.GOOD,
        "the ledger adds up (5 balances, all there are)",
    )
    execute(url, "DELETE FROM credit_entry WHERE user_id = 4; UPDATE credit_balance SET seconds = 6 WHERE user_id = 5")
    finding = find(url)["time credit"]
    assert finding.state is State.FAULT
    assert finding.text.startswith("2 of 5 balances")
    assert "user 4's" in finding.text


def test_a_ledger_too_long_for_the_doctor_s_patience(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(
        url,
        "CREATE TABLE credit_balance AS SELECT n::bigint AS user_id, 0::bigint AS seconds FROM generate_series(1, 5) n;"
        "CREATE TABLE credit_entry (user_id bigint, seconds bigint)",
    )
    monkeypatch.setattr(database, "_LEDGER_PAGE", 2)
    monkeypatch.setattr(clock, "monotonic", iter([0.0, 0.0, 9.0]).__next__)
    assert find(url)["time credit"].text == "the ledger adds up (2 balances; there are more)"


def test_nas_that_send_no_message_authenticator(url: str) -> None:
    """As far as the doctor looks at them."""
    execute(url, "CREATE TABLE nas_nas (id int, short_name text, is_active bool DEFAULT true, message_authenticator text)")
    execute(url, "CREATE TABLE nas_posture (nas_id int, last_unsigned timestamptz, signers inet[] DEFAULT '{}')")
    assert find(url)["Message-Authenticator"].state is State.GOOD
    execute(url, "INSERT INTO nas_nas SELECT n, 'nas' || n, n <> 9, 'auto' FROM generate_series(1, 9) n")
    execute(url, "INSERT INTO nas_posture SELECT n, now() - n * interval '23 hours' FROM generate_series(1, 9) n")
    execute(url, "UPDATE nas_posture SET signers = '{127.0.0.1}' WHERE nas_id = 2")
    execute(url, "UPDATE nas_nas SET message_authenticator = 'require' WHERE id = 3")
    finding = find(url)["Message-Authenticator"]
    assert finding.state is State.WARNING
    assert "7 NAS sent sign-ins" in finding.text
    assert "(nas1, nas2, nas3, nas4, nas5 and 2 more); 2 of them" in finding.text
