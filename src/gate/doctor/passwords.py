"""How many passwords still are hashes that were made elsewhere."""

from collections.abc import Iterator
from typing import Any, Final

import psycopg

from gate.doctor.findings import Finding, good

_COUNT: Final = r"""
SELECT count(*) FILTER (WHERE password LIKE '$argon2id-over$%'), count(*) FILTER (WHERE password LIKE '$2_$%')
FROM users_user WHERE password LIKE '$argon2id-over$%' OR password LIKE '$2_$%'
"""


def check(connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[Finding]:
    """Hashes brought by imports that nobody has signed in with yet; of users who may never come back."""
    if connection.execute("SELECT to_regclass('users_user') IS NULL").fetchone() == (True,):
        return
    over, bcrypt = connection.execute(_COUNT).fetchone() or (0, 0)
    if over or bcrypt:
        yield good(
            "passwords",
            f"{over + bcrypt} users have a hash made elsewhere until their next sign-in with the password"
            f" ({over} under Argon2id, {bcrypt} bcrypt)",
        )
    else:
        yield good("passwords", "no user has a hash made elsewhere")
