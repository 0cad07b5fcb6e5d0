"""A brake on guessing console passwords, per username and per network address, kept in PostgreSQL for all web processes.

An attempt is counted as a failure before the password is looked at, in one statement, and taken back when it was right: any
number of guesses at once is counted one by one. Beyond the free attempts each failure doubles the wait, up to a quarter of an
hour. An address has more free attempts than a username, because an office signs in from one address.
"""

import datetime as dt
import hashlib
import ipaddress

from django.db import connection

from gate.core import seal

FREE_PER_USERNAME = 5
FREE_PER_ADDRESS = 20
FIRST_WAIT, LONGEST_WAIT = 15, 15 * 60
# Seconds after which failures are forgotten. Longer than the longest wait, so that waiting it out does not start anew.
FORGOTTEN_AFTER = 2 * 3600

_ATTEMPT = """
    INSERT INTO console_signinattempts AS a (key, failures, last, blocked_until) VALUES (%(key)s, 1, %(now)s, %(now)s)
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN a.last < %(now)s - make_interval(secs => %(forgotten)s) THEN 1 ELSE a.failures + 1 END,
        last = %(now)s,
        blocked_until = CASE
            WHEN a.last < %(now)s - make_interval(secs => %(forgotten)s) OR a.failures + 1 < %(free)s THEN %(now)s
            ELSE %(now)s + make_interval(secs => least(%(longest)s, %(first)s * 2 ^ least(a.failures + 1 - %(free)s, 16)))
        END
    WHERE a.blocked_until <= %(now)s
    RETURNING 1
"""


def attempt(*, username: str, address: str, now: dt.datetime) -> int:
    """Count an attempt. 0: go on and look at the password; else the seconds to wait, whatever the password is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM console_signinattempts WHERE key IN"
            " (SELECT key FROM console_signinattempts WHERE last < %s ORDER BY last LIMIT 100)",
            [now - dt.timedelta(seconds=FORGOTTEN_AFTER)],
        )
        for key, free in _keys(username, address):
            values = {"forgotten": FORGOTTEN_AFTER, "longest": LONGEST_WAIT, "first": FIRST_WAIT}
            cursor.execute(_ATTEMPT, {"key": key, "now": now, "free": free, **values})
            if cursor.fetchone() is None:
                cursor.execute("SELECT blocked_until FROM console_signinattempts WHERE key = %s", [key])
                blocked = cursor.fetchone()
                return max(1, round((blocked[0] - now).total_seconds())) if blocked else 1
    return 0


def succeeded(*, username: str, address: str) -> None:
    """Take the attempt back: the username starts from nothing, the address is one failure better off.

    The address is not forgiven altogether, or whoever has one good account could guess at others without end.
    """
    (address_key, _), (name_key, _) = _keys(username, address)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM console_signinattempts WHERE key = %s", [name_key])
        cursor.execute(
            "UPDATE console_signinattempts SET failures = greatest(failures - 1, 0), blocked_until = last WHERE key = %s",
            [address_key],
        )


def _keys(username: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    return (_key("address", _network(address)), FREE_PER_ADDRESS), (_key("username", username.casefold()), FREE_PER_USERNAME)


def _key(kind: str, value: str) -> str:
    # Keyed, so that the table does not tell who tried to sign in.
    return hashlib.sha256(seal.keyed_digest("console-throttle", kind.encode(), value.encode())).hexdigest()


def _network(address: str) -> str:
    """An IPv6 subscriber has a whole /64 to guess from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
