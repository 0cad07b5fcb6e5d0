"""What stands in the database of a FreeRADIUS: the tables of its stock schema for PostgreSQL, read by a cursor at the server.

Nothing is written there. Pages of sessions go by `radacctid`; users come in one pass, each with all that its tables say.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from gate.core.errors import GateError

PAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """A row of radcheck, radreply, radgroupcheck or radgroupreply."""

    id: int
    attribute: str
    op: str
    value: str = field(repr=False)
    """Maybe a password."""


@dataclass(frozen=True, slots=True)
class Person:
    """A name, and what the tables say of it."""

    username: str
    checks: tuple[Line, ...] = field(repr=False)
    replies: tuple[Line, ...] = field(repr=False)
    groups: tuple[str, ...]
    """In the order of their priority."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group, whether any attribute is said of it or not."""

    name: str
    checks: tuple[Line, ...] = field(repr=False)
    replies: tuple[Line, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class NasRow:
    """A row of nas."""

    id: int
    nasname: str
    shortname: str
    type: str
    secret: str = field(repr=False)
    description: str | None


class NotThere(GateError):
    """The database cannot be read as one of FreeRADIUS's."""

    code = "refused"


_LINES: Final = """
    (SELECT COALESCE(json_agg(json_build_array(t.id, t.attribute, trim(t.op), t.value) ORDER BY t.id), '[]') FROM {table} t
     WHERE t.{key} = n.name)
"""
_GROUPS: Final = f"""
SELECT n.name, {_LINES.format(table="radgroupcheck", key="groupname")}, {_LINES.format(table="radgroupreply", key="groupname")}
FROM (SELECT groupname AS name FROM radgroupcheck UNION SELECT groupname FROM radgroupreply
      UNION SELECT groupname FROM radusergroup) n
ORDER BY n.name
"""
_PEOPLE: Final = f"""
SELECT n.name, {_LINES.format(table="radcheck", key="username")}, {_LINES.format(table="radreply", key="username")},
       ARRAY(SELECT g.groupname::text FROM radusergroup g WHERE g.username = n.name ORDER BY g.priority, g.id)
FROM (SELECT username AS name FROM radcheck UNION SELECT username FROM radreply UNION SELECT username FROM radusergroup) n
ORDER BY n.name
"""
_COUNT: Final = """
SELECT count(*) FROM (SELECT username FROM radcheck UNION SELECT username FROM radreply UNION SELECT username FROM radusergroup) n
"""
_NAS: Final = "SELECT id, nasname, shortname, type, secret, description FROM nas ORDER BY id"
_SESSIONS: Final = """
SELECT radacctid, acctsessionid, acctuniqueid, COALESCE(username, '') AS username, realm, host(nasipaddress) AS nasipaddress,
       nasportid, nasporttype,
       extract(epoch FROM acctstarttime)::float8 AS started, extract(epoch FROM acctupdatetime)::float8 AS updated,
       extract(epoch FROM acctstoptime)::float8 AS stopped, acctinterval, acctsessiontime, acctauthentic, connectinfo_start,
       connectinfo_stop, acctinputoctets, acctoutputoctets, calledstationid, callingstationid, acctterminatecause, servicetype,
       framedprotocol, CASE WHEN family(framedipaddress) = 4 THEN host(framedipaddress) END AS framedipaddress,
       host(framedipv6address) AS framedipv6address, framedipv6prefix::text AS framedipv6prefix, framedinterfaceid,
       delegatedipv6prefix::text AS delegatedipv6prefix, class AS klass
FROM radacct WHERE radacctid > %s ORDER BY radacctid LIMIT %s
"""
# How many there are, near enough for a percentage: counting a hundred million takes minutes.
_LAST: Final = "SELECT COALESCE(max(radacctid), 0) FROM radacct"


class Source:
    """A connection to it."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def people(self) -> Iterator[Person]:
        """Everybody, by name."""
        with self._connection.transaction(), self._connection.cursor(name="gate_people") as cursor:
            cursor.itersize = PAGE
            for name, checks, replies, groups in cursor.execute(_PEOPLE):
                yield Person(name, _lines(checks), _lines(replies), tuple(groups))

    def groups(self) -> Iterator[Group]:
        """Every group, by name: there are few."""
        for name, checks, replies in self._connection.execute(_GROUPS).fetchall():
            yield Group(name, _lines(checks), _lines(replies))

    def nas(self) -> list[NasRow]:
        """Every NAS."""
        return [NasRow(*row) for row in self._connection.execute(_NAS).fetchall()]

    def count_people(self) -> int:
        """How many names there are."""
        return _number(self._connection.execute(_COUNT).fetchone())

    def last_session(self) -> int:
        """The highest `radacctid`, 0 where there is none."""
        return _number(self._connection.execute(_LAST).fetchone())

    def sessions(self, after: int) -> Iterator[list[dict[str, Any]]]:
        """Pages of sessions beyond `after`, by `radacctid`."""
        while True:
            with self._connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
                page = cursor.execute(_SESSIONS, [after, PAGE]).fetchall()
            if page:
                yield page
                after = page[-1]["radacctid"]
            if len(page) < PAGE:
                return


def _number(row: tuple[Any, ...] | None) -> int:
    return 0 if row is None else int(row[0])


def _lines(rows: list[list[Any]]) -> tuple[Line, ...]:
    return tuple(Line(*row) for row in rows)


@contextmanager
def connected(url: str) -> Iterator[Source]:
    """The database at that address. Raises NotThere, without the password in the address."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10, application_name="gate import") as connection:
            connection.execute("SET default_transaction_read_only = on")
            yield Source(connection)
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise NotThere(f"That is no FreeRADIUS schema for PostgreSQL: {error.diag.message_primary}.") from None
    except psycopg.ProgrammingError as error:
        raise NotThere(f"The database refuses: {error.diag.message_primary or 'the address is no PostgreSQL URL'}.") from None
    except psycopg.OperationalError as error:
        reason = str(error).strip().partition("\n")[0]
        raise NotThere(f"FreeRADIUS's database does not answer: {reason}.") from None
