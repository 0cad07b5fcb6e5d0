"""GATE as the RADIUS benchmark needs it: `gate up` on a given PostgreSQL, one tenant, one NAS, some thousand subscribers.

Rule of this file: what a customer's install does, this one does. The subscribers are in the state of having signed in once:
beside the Argon2id hash there is the keyed verifier, since Argon2id's 20 ms are spent once a password, not once a sign-in.
"""

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg

import gate_process
from freeradius import Stored
from packets import Usage, User

REPLY_ITEMS = (("Session-Timeout", "3600"), ("Idle-Timeout", "600"), ("Acct-Interim-Interval", "300"))


@contextlib.contextmanager
def running(*, url: str, secret: str, users: Sequence[User], auth_port: int, acct_port: int, folder: Path) -> Iterator[int]:
    """`gate up` as a child, with everything in its database; gives its process id. Raises GateError."""
    with gate_process.running(url=url, folder=folder, auth_port=auth_port, acct_port=acct_port) as gate:
        prepare_gate(environment=gate.environment, secret=secret, users=users)
        yield gate.pid


def prepare_gate(*, environment: dict[str, str], secret: str, users: Sequence[User]) -> None:
    """Put tenant, NAS, profile and `users` into GATE's database, by a process of its own with GATE's environment."""
    order = {"secret": secret, "users": [asdict(user) for user in users]}
    gate_process.run_inside(script=Path(__file__), order=order, environment=environment)
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def stored(*, url: str, run: str, above: int = 0) -> Stored:
    """The sessions of `run` in the accounting tables, closed ones that were moved to the history included.

    Only those with a number above `above` are looked at, by the primary key.
    """
    columns, run_of = (
        "acctstoptime, acctsessiontime, acctinputoctets, acctoutputoctets",
        "radacctid > %(above)s AND acctsessionid LIKE %(run)s",
    )
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE acctstoptime IS NULL), coalesce(sum(acctsessiontime), 0)::bigint,"
            " coalesce(sum(acctinputoctets), 0)::bigint, coalesce(sum(acctoutputoctets), 0)::bigint"
            f" FROM (SELECT {columns} FROM accounting_live WHERE {run_of}"
            f" UNION ALL SELECT {columns} FROM accounting_history WHERE {run_of}) AS sessions",
            {"run": f"{run}-%", "above": above},
        ).fetchone()
    assert row is not None, "an aggregate has one row"
    return Stored(row[0], row[1], Usage(*row[2:]))


def _fill(*, secret: str, users: Sequence[User]) -> None:
    """What `prepare_gate` asks for; runs in a process set up as GATE's own."""
    import django

    django.setup()
    from gate.core import clock, seal
    from gate.nas.models import Nas
    from gate.organizations.models import Organization
    from gate.profiles.models import Profile

    now = clock.now()
    tenant = Organization.unscoped.create(
        name="Benchmark", short_name="benchmark", recoverable_passwords=True, created=now, updated=now
    )
    tenant.tenant_id, tenant.path = tenant.pk, str(tenant.pk)
    tenant.save(update_fields=["tenant", "path"])
    common: dict[str, Any] = {"tenant_id": tenant.pk, "organization_id": tenant.pk}
    items = [{"attribute": name, "op": ":=", "value": value} for name, value in REPLY_ITEMS]
    profile = Profile.unscoped.create(
        **common, name="Guest", short_name="guest", reply_attribute=items, created=now, last_change=now
    )
    _make_users(users=users, common=common, profile_id=profile.pk)
    # The NAS comes last: the RADIUS server answers from here on.
    nas = Nas.unscoped.create(
        **common,
        name="Benchmark",
        short_name="benchmark",
        address="127.0.0.1/32",
        created=now,
        last_change=now,
        secret_sealed=b"",
    )
    nas.secret_sealed = seal.seal(secret.encode(), purpose="nas-secret", row=f"nas:{nas.pk}")
    nas.save(update_fields=["secret_sealed"])


def _make_users(*, users: Sequence[User], common: dict[str, Any], profile_id: int) -> None:
    from gate.core import clock, seal
    from gate.users.hashing import hash_password, make_verifier
    from gate.users.models import User as Row
    from gate.users.models import UserProfile

    now = clock.now()
    # One hash for all: with a verifier beside it nobody reads it, and thousands would take minutes to make.
    hashed = hash_password("benchmark")
    rows = Row.unscoped.bulk_create(
        Row(**common, username=user.name, username_key=user.name, password=hashed, date_joined=now, last_change=now)
        for user in users
    )
    for row, user in zip(rows, users, strict=True):
        password = user.password.encode()
        row.verifier = make_verifier(user_id=row.pk, password_version=row.password_version, password=password)
        row.password_sealed = seal.seal(password, purpose="user-password", row=f"user:{row.pk}")
    Row.unscoped.bulk_update(rows, ["verifier", "password_sealed"], batch_size=1000)
    UserProfile.objects.bulk_create(
        UserProfile(tenant_id=row.tenant_id, user_id=row.pk, profile_id=profile_id, position=0) for row in rows
    )


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    _fill(secret=asked["secret"], users=[User(**user) for user in asked["users"]])
