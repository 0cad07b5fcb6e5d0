"""`gate demo` against the test database: what it prints works, and running it again changes only what it says."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

import demo_devices
import people
from gate import demo, settings
from gate.core import clock, seal
from gate.demo import make, plan, sessions
from gate.devices.models import Device
from gate.nas.models import Nas
from gate.organizations.models import Organization
from gate.portals.models import Portal
from gate.tokens import bearer
from gate.users.hashing import check_password
from gate.users.models import User, UserExtra

RAW_TABLES = ("accounting_live", "accounting_history", "access_sign_in", "access_sign_in_hour")
TABLES = (
    "organizations_organization", "users_user", "users_userprofile", "profiles_profile", "places_location",
    "places_accesspoint", "places_accessdevice", "nas_nas", "credit_balance", "credit_entry", "users_userextra",
    "portals_portal", "devices_device", "telemetry_connection_log", "telemetry_test_report", "telemetry_rollup_day",
    *RAW_TABLES,
)  # fmt: skip


def run(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """One run; standard output must be JSON and nothing else."""
    assert demo.run(settings.current(), as_json=True) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def rows(statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def one(statement: str, *parameters: object) -> Any:
    return rows(statement, *parameters)[0][0]


def counts(tenant: int) -> dict[str, int]:
    return {table: one(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", tenant) for table in TABLES}


def content(tenant: int) -> dict[str, list[tuple[Any, ...]]]:
    return {table: rows(f"SELECT * FROM {table} t WHERE tenant_id = %s ORDER BY t::text", tenant) for table in TABLES}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock."""

    def set_clock(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_clock


NOW = dt.datetime(2026, 3, 14, 20, 17, 5, tzinfo=dt.UTC)


@pytest.mark.django_db
class TestReport:
    def test_says_all_that_is_needed(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = run(capsys)
        current = settings.current()

        assert told["api"] == f"{current.public_url}/api/v1"
        assert told["console"]["url"] == f"{current.public_url}/console/"
        radius = told["radius"]
        assert (radius["host"], radius["nas_identifier"]) == ("127.0.0.1", "demo-controller")
        assert (radius["auth_port"], radius["acct_port"]) == (current.radius_auth_port, current.radius_acct_port)
        assert len(told["users"]) == len(plan.SUBSCRIBERS)
        for user in told["users"]:
            assert {"username", "password", "organization", "profile", "user_time"} <= user.keys()
        assert {user["user_time"] for user in told["users"]} > {None, 0, 7200}

    def test_credentials_work(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = run(capsys)
        first = told["users"][0]

        scope = bearer.authenticate(told["token"], source="127.0.0.1", now=clock.now())
        assert scope.whole_tenant
        assert scope.permissions == {"*"}
        user = User.unscoped.get(username=first["username"], tenant_id=scope.tenant_id)
        assert check_password(first["password"], user.password)
        assert user.is_active
        assert user.expiration is None
        assert seal.unseal(user.password_sealed, purpose="user-password", row=f"user:{user.pk}").decode() == first["password"]
        owner = User.unscoped.get(username_key=told["console"]["username"])
        assert (owner.role, check_password(told["console"]["password"], owner.password)) == ("owner", True)
        nas = Nas.unscoped.get(address="127.0.0.1/32")
        assert seal.unseal(nas.secret_sealed, purpose="nas-secret", row=f"nas:{nas.pk}").decode() == told["radius"]["secret"]
        assert one("SELECT count(*) FROM places_accesspoint WHERE mac_addr = %s", told["ap_mac"]) == 1

    def test_text_holds_the_same(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert demo.run(settings.current(), as_json=False) == 0
        told = capsys.readouterr()
        for expected in (
            "radclient -x 127.0.0.1:",
            "curl -H 'Authorization: Bearer gate_",
            "maria.garcia",
            "CHAP-Password",
            "time_period=30d",
        ):
            assert expected in told.out
        assert "Sessions and sign-ins" in told.err


@pytest.mark.django_db
class TestRepeated:
    def test_at_once_adds_nothing(self, capsys: pytest.CaptureFixture[str], at: Any) -> None:
        at(NOW)
        first = run(capsys)
        before = counts(first["organization"]["id"])
        second = run(capsys)

        assert second["sessions"]["new"] == 0
        assert counts(first["organization"]["id"]) == before
        assert second["radius"] == first["radius"]
        bearer.forget()
        with pytest.raises(Exception, match="revoked"):
            bearer.authenticate(first["token"], source="127.0.0.1", now=NOW)

    def test_nothing_secret_is_fixed(self, capsys: pytest.CaptureFixture[str]) -> None:
        first, second = run(capsys), run(capsys)

        def secrets_of(told: dict[str, Any]) -> set[str]:
            everybody = [told["console"], *told["users"], *told["staff"][1:]]
            return {told["token"], *(person["password"] for person in everybody)}

        assert not secrets_of(first) & secrets_of(second)
        assert len(secrets_of(second)) == 1 + len(plan.SUBSCRIBERS) + len(plan.STAFF)
        # The NAS keeps its secret, which another install would not share.
        Nas.unscoped.filter(tenant_id=first["organization"]["id"]).delete()
        assert run(capsys)["radius"]["secret"] != first["radius"]["secret"]

    @pytest.mark.parametrize("later", [dt.timedelta(hours=2), dt.timedelta(days=3), dt.timedelta(days=60)])
    def test_later_goes_on(self, capsys: pytest.CaptureFixture[str], at: Any, later: dt.timedelta) -> None:
        at(NOW)
        first = run(capsys)
        at(NOW + later)
        second = run(capsys)
        tenant = first["organization"]["id"]

        assert second["sessions"]["stored"] == first["sessions"]["stored"] + second["sessions"]["new"]
        assert second["sessions"]["new"] > 0
        check_sessions(tenant, NOW + later)
        check_sign_ins(tenant)
        check_credit(tenant, second)
        demo_devices.check_reports(tenant, NOW + later)

    def test_puts_back_what_was_changed(self, capsys: pytest.CaptureFixture[str]) -> None:
        tenant = run(capsys)["organization"]["id"]
        User.unscoped.filter(tenant_id=tenant, username="maria.garcia").update(is_active=False, expiration=NOW)
        Nas.unscoped.filter(tenant_id=tenant).update(is_active=False)
        Organization.unscoped.filter(tenant_id=tenant).update(is_active=False)
        Device.unscoped.filter(tenant_id=tenant).update(user=None, is_blocked=True, app_version="0.1")
        Portal.unscoped.filter(tenant_id=tenant).update(is_active=False, register_unknown=False)
        UserExtra.unscoped.filter(tenant_id=tenant).update(age=99)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE credit_balance SET seconds = seconds + 5 WHERE tenant_id = %s", [tenant])
            cursor.execute(
                "INSERT INTO credit_entry (tenant_id, user_id, seconds, previous, reason, actor, note, created)"
                " SELECT tenant_id, user_id, 5, 0, 'api', '', '', now() FROM credit_balance WHERE tenant_id = %s", [tenant],
            )  # fmt: skip
        told = run(capsys)

        maria = User.unscoped.get(tenant_id=tenant, username="maria.garcia")
        assert (maria.is_active, maria.expiration) == (True, None)
        assert not Nas.unscoped.filter(tenant_id=tenant, is_active=False).exists()
        assert not Organization.unscoped.filter(tenant_id=tenant, is_active=False).exists()
        check_credit(tenant, told)
        demo_devices.check_things(tenant)

    def test_leaves_the_certificates_of_nas_alone(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Whoever tries RadSec with a NAS of the demo's keeps it."""
        rows = Nas.unscoped.filter(tenant_id=run(capsys)["organization"]["id"])
        bound = {row.pk: (f"urn:gate:nas:{row.pk}", f"{row.pk:064x}") for row in rows}
        for number, (name, fingerprint) in bound.items():
            Nas.unscoped.filter(pk=number).update(radsec_name=name, radsec_fingerprint=fingerprint)
        run(capsys)
        assert {row.pk: (row.radsec_name, row.radsec_fingerprint) for row in rows.all()} == bound
        assert bound


@pytest.mark.django_db
class TestContent:
    def test_sessions_sign_ins_and_credit(self, capsys: pytest.CaptureFixture[str], at: Any) -> None:
        at(NOW)
        told = run(capsys)
        tenant = told["organization"]["id"]

        assert 5_000 < told["sessions"]["stored"] < 7_000
        check_sessions(tenant, NOW)
        check_sign_ins(tenant)
        check_credit(tenant, told)
        demo_devices.check_things(tenant)
        demo_devices.check_reports(tenant, NOW)
        demo_devices.check_summary(tenant, NOW)

    def test_users_are_of_all_kinds(self, capsys: pytest.CaptureFixture[str]) -> None:
        tenant = run(capsys)["organization"]["id"]

        roles = {role for (role,) in rows("SELECT DISTINCT role FROM users_user WHERE tenant_id = %s", tenant)}
        assert roles == {"owner", "admin", "operator", "viewer", "device_user"}
        assert one("SELECT max(nlevel(path)) FROM organizations_organization WHERE tenant_id = %s", tenant) == 3
        assert one("SELECT count(*) FROM users_user WHERE tenant_id = %s AND NOT is_active", tenant) == 1
        assert one("SELECT count(*) FROM users_user WHERE tenant_id = %s AND expiration < now()", tenant) == 1
        assert one("SELECT count(*) FROM credit_balance WHERE tenant_id = %s AND seconds = 0", tenant) == 1
        assert one("SELECT count(*) FROM users_user WHERE tenant_id = %s AND date_joined > first_login", tenant) == 0


def check_sessions(tenant: int, now: dt.datetime) -> None:
    day = now - dt.timedelta(days=1)
    assert one("SELECT count(*) FROM accounting_history WHERE tenant_id = %s AND acctstoptime IS NULL", tenant) == 0
    assert one("SELECT count(*) FROM accounting_live WHERE tenant_id = %s AND acctstoptime < %s", tenant, day) == 0
    assert one("SELECT count(*) FROM accounting_history WHERE tenant_id = %s AND acctstoptime >= %s", tenant, day) == 0
    assert 15 <= one("SELECT count(*) FROM accounting_live WHERE tenant_id = %s AND acctstoptime IS NULL", tenant) <= 60
    both = "(SELECT * FROM accounting_live UNION ALL SELECT * FROM accounting_history) s"
    assert one(f"SELECT count(*) - count(DISTINCT acctuniqueid) FROM {both} WHERE tenant_id = %s", tenant) == 0
    assert one(f"SELECT count(*) - count(DISTINCT radacctid) FROM {both} WHERE tenant_id = %s", tenant) == 0
    ill = """tenant_id = %s AND (user_id IS NULL OR location_id IS NULL OR access_point_id IS NULL OR groupname IS NULL
             OR acctupdatetime > %s
             OR acctstoptime IS NOT NULL AND acctsessiontime <> extract(epoch FROM acctstoptime - acctstarttime)
             OR (acctstoptime IS NULL) <> (acctterminatecause IS NULL))"""
    assert one(f"SELECT count(*) FROM {both} WHERE {ill}", tenant, now) == 0
    overlapping = f"""SELECT count(*) FROM (
        SELECT acctstarttime < lag(coalesce(acctstoptime, 'infinity')) OVER device AS twice
        FROM {both} WHERE tenant_id = %s WINDOW device AS (PARTITION BY callingstationid ORDER BY acctstarttime)) t WHERE twice"""
    assert one(overlapping, tenant) == 0


def check_sign_ins(tenant: int) -> None:
    logged = rows(
        "SELECT date_trunc('hour', at), organization_id, accepted, count(*) FROM access_sign_in WHERE tenant_id = %s"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", tenant,
    )  # fmt: skip
    counted = rows(
        "SELECT hour, organization_id, accepted, sign_ins FROM access_sign_in_hour WHERE tenant_id = %s ORDER BY 1, 2, 3", tenant
    )
    assert logged == counted
    stored = sum(one(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", tenant) for table in RAW_TABLES[:2])
    assert one("SELECT count(*) FROM access_sign_in WHERE tenant_id = %s AND accepted", tenant) == stored
    reasons = {
        reason for (reason,) in rows("SELECT DISTINCT reason FROM access_sign_in WHERE tenant_id = %s AND NOT accepted", tenant)
    }
    assert reasons == {"wrong-password", "unknown-user", "disabled", "expired", "no-credit"}


def check_credit(tenant: int, told: dict[str, Any]) -> None:
    differing = """SELECT count(*) FROM credit_balance b WHERE tenant_id = %s AND seconds <>
        (SELECT coalesce(sum(e.seconds), 0) FROM credit_entry e WHERE e.user_id = b.user_id)"""
    assert one(differing, tenant) == 0
    stored = dict(
        rows(
            "SELECT u.username, b.seconds FROM credit_balance b JOIN users_user u ON u.id = b.user_id WHERE b.tenant_id = %s",
            tenant,
        )
    )
    assert stored == {person.username: person.credit for person in plan.SUBSCRIBERS if person.credit is not None}
    assert stored == {user["username"]: user["user_time"] for user in told["users"] if user["user_time"] is not None}
    used = """SELECT count(*) FROM (SELECT * FROM accounting_live UNION ALL SELECT * FROM accounting_history) s
        JOIN credit_balance b ON b.user_id = s.user_id LEFT JOIN credit_entry e ON e.radacctid = s.radacctid
        WHERE s.tenant_id = %s AND s.acctsessiontime > 0 AND s.acctsessiontime IS DISTINCT FROM -e.seconds"""
    assert one(used, tenant) == 0
    below = """SELECT min(running) FROM (SELECT sum(seconds) OVER (PARTITION BY user_id ORDER BY id) AS running
        FROM credit_entry WHERE tenant_id = %s) t"""
    assert one(below, tenant) >= 0


@pytest.mark.django_db
class TestBesideOthers:
    def test_other_tenants_are_untouched(self, world: people.World, capsys: pytest.CaptureFixture[str]) -> None:
        Nas.unscoped.filter(address="127.0.0.1/32").update(address="127.0.0.9/32")
        others = [world.organizations["acme"], world.organizations["rival"]]
        before = [content(tenant) for tenant in others]
        run(capsys)
        run(capsys)

        assert [content(tenant) for tenant in others] == before

    @pytest.mark.usefixtures("world")
    def test_address_taken_by_another_tenant(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert demo.run(settings.current(), as_json=True) == 1

        told = capsys.readouterr()
        assert told.out == ""
        assert "127.0.0.1 already" in told.err
        assert not Organization.unscoped.filter(short_name=plan.ROOT).exists()

    def test_username_taken_by_another_tenant(self, world: people.World, capsys: pytest.CaptureFixture[str]) -> None:
        Nas.unscoped.all().delete()
        User.unscoped.filter(pk=world.owner.user_id).update(username="Demo-Owner", username_key="demo-owner")
        assert demo.run(settings.current(), as_json=True) == 1

        assert "another user has this username" in capsys.readouterr().err
        assert not Organization.unscoped.filter(short_name=plan.ROOT).exists()

    def test_a_tenant_of_that_name_is_left_alone(self, world: people.World, capsys: pytest.CaptureFixture[str]) -> None:
        acme = world.organizations["acme"]
        Organization.unscoped.filter(pk=acme).update(short_name=plan.ROOT)
        before = content(acme)
        assert demo.run(settings.current(), as_json=True) == 1

        assert "which gate demo has not made" in capsys.readouterr().err
        assert content(acme) == before

    def test_database_without_tables(self, capsys: pytest.CaptureFixture[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL search_path TO pg_catalog")
        assert demo.run(settings.current(), as_json=True) == 1

        told = capsys.readouterr()
        assert told.out == ""
        assert "run gate migrate" in told.err

    def test_runs_as_the_system_role(self, capsys: pytest.CaptureFixture[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE gate_system")
        try:
            run(capsys)
            run(capsys)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database without a transaction around the test; the demo tenant is taken out afterwards."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                cursor.execute("SELECT id FROM organizations_organization WHERE short_name = %s", [plan.ROOT])
                for (tenant,) in cursor.fetchall():
                    for table in ("tokens_apitoken", *reversed(TABLES)):
                        cursor.execute(f"DELETE FROM {table} WHERE tenant_id = %s", [tenant])
            connection.close()


@pytest.mark.usefixtures("committed")
def test_two_runs_at_once() -> None:
    errors: list[BaseException] = []
    usages = []

    def one_run() -> None:
        try:
            usages.append(make.make(say=str)[1])
        except BaseException as error:  # noqa: BLE001  told to the test's own thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one_run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len({usage.stored for usage in usages}) == 1
    tenant = Organization.unscoped.get(short_name=plan.ROOT).pk
    check_sessions(tenant, clock.now())
    check_sign_ins(tenant)


@pytest.mark.usefixtures("committed")
def test_an_interrupted_run_leaves_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sessions, "_settle", interrupted)
        with pytest.raises(KeyboardInterrupt):
            demo.run(settings.current(), as_json=True)
    assert not Organization.unscoped.filter(short_name=plan.ROOT).exists()
    assert one("SELECT count(*) FROM accounting_live") == 0
    assert one("SELECT count(*) FROM telemetry_connection_log") == 0

    assert run(capsys)["sessions"]["stored"] > 5_000


def interrupted(tenant: object) -> None:
    raise KeyboardInterrupt
