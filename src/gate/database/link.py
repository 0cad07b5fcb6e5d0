"""Dedicated asynchronous connections that come back: what the RADIUS server reads and writes through.

Not a pool: each of these connections has one job and its own session settings (a pinned plan, a LISTEN). A statement that
finds the connection lost raises `LinkLost`, and the next one connects anew; who must not lose anything tries again.

`Link` runs statements through psycopg's cursors. `HotLink` drives libpq by psycopg's low-level wrapper (`psycopg.pq`) with
statements prepared once and one reader kept on the socket: a round trip costs a quarter of the client's CPU, which at a few
packets a batch is most of what a packet costs.
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import abc, errors, pq, sql
from psycopg.adapt import Transformer

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.05, 2.0
LOOK = 0.5
"""Seconds after which a statement still under way is looked after."""

_PLACE = re.compile(r"%s")
_FINE = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})


class LinkLost(Exception):
    """PostgreSQL is away, or went away while it was asked; whether the statement took effect is not known."""


class Link:
    """One connection, made on first use and again after a loss."""

    def __init__(self, *, url: str, name: str, role: str | None = None, settings: Mapping[str, str] | None = None) -> None:
        self._url = url
        self._name = name
        self._role = role
        self._settings = dict(settings or {})
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._wait = FIRST_WAIT
        self._lock = asyncio.Lock()

    async def connection(self) -> psycopg.AsyncConnection[Any]:
        """The open connection. Raises LinkLost after one failed try, and waits longer with each."""
        async with self._lock:
            if self._connection is not None and not self._connection.closed:
                return self._connection
            try:
                self._connection = await self._connect()
            except psycopg.Error as error:
                await asyncio.sleep(self._wait)
                self._wait = min(self._wait * 2, LONGEST_WAIT)
                raise LinkLost(f"{self._name}: {error}") from error
            self._wait = FIRST_WAIT
            return self._connection

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        connection = await psycopg.AsyncConnection.connect(
            self._url,
            autocommit=True,
            application_name=f"gate-radius {self._name}",
            connect_timeout=5,
            # A PostgreSQL host that vanished without a word is given up after 15 seconds. No effect on a unix socket.
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=2,
            tcp_user_timeout=15_000,
        )
        try:
            if self._role is not None:
                await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(self._role)))
            for setting, value in self._settings.items():
                await connection.execute("SELECT set_config(%s, %s, false)", [setting, value])
        except BaseException:
            await connection.close()
            raise
        return connection

    async def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and give its rows. Raises LinkLost, and psycopg.Error for a refused statement."""
        connection = await self.connection()
        try:
            async with connection.cursor(binary=True) as cursor:
                await cursor.execute(statement, parameters)
                return await cursor.fetchall() if cursor.description is not None else []
        except psycopg.OperationalError as error:
            if connection.closed or connection.broken:
                raise LinkLost(f"{self._name}: {error}") from error
            raise

    async def close(self) -> None:
        """Close it, if open."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


class HotLink(Link):
    """A connection for few statements run very often, one at a time."""

    def __init__(self, *, url: str, name: str, role: str | None = None, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(url=url, name=name, role=role, settings=settings)
        self._prepared: dict[str, bytes] = {}
        self._loading: dict[bytes, abc.Transformer] = {}
        self._waiter: asyncio.Future[list[pq.abc.PGresult]] | None = None
        self._results: list[pq.abc.PGresult] = []
        self._socket: int | None = None
        self._looking: asyncio.TimerHandle

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        connection = await super()._connect()
        self._prepared.clear()
        self._loading.clear()
        self._socket = connection.pgconn.socket
        asyncio.get_running_loop().add_reader(self._socket, self._readable, connection)
        return connection

    async def run(self, statement: str, parameters: Sequence[str | None]) -> list[tuple[Any, ...]]:
        """Run one statement, prepared at its first run, and give its rows.

        `parameters` are texts as PostgreSQL reads them (database/arrays.py), at the places of `%s`. Raises LinkLost, and
        psycopg.Error for a refused statement.
        """
        connection = await self.connection()
        try:
            return await self._run(connection, statement, parameters)
        except psycopg.Error as error:
            if not _away(error):
                raise
            self._lost(connection, error)
            raise LinkLost(f"{self._name}: {error}") from error

    async def _run(
        self, connection: psycopg.AsyncConnection[Any], statement: str, parameters: Sequence[str | None]
    ) -> list[tuple[Any, ...]]:
        pgconn = connection.pgconn
        name = self._prepared.get(statement)
        if name is None:
            name = f"gate_{len(self._prepared)}".encode()
            numbers = iter(range(1, len(parameters) + 1))
            numbered = _PLACE.sub(lambda _: f"${next(numbers)}", statement)
            pgconn.send_prepare(name, numbered.encode())
            _check(await self._wait_for_results(connection))
            self._prepared[statement] = name
        values = [None if value is None else value.encode() for value in parameters]
        pgconn.send_query_prepared(name, values, result_format=pq.Format.BINARY)
        results = await self._wait_for_results(connection)
        _check(results)
        return self._rows(name, results[-1], connection)

    async def _wait_for_results(self, connection: psycopg.AsyncConnection[Any]) -> list[pq.abc.PGresult]:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        self._flush(connection)
        self._looking = loop.call_later(LOOK, self._look, connection)
        try:
            return await self._waiter
        except asyncio.CancelledError:
            # The results that still come would be taken for those of the next statement.
            self._lost(connection, psycopg.OperationalError("nobody waits for the results any more"))
            raise
        finally:
            self._waiter = None
            self._looking.cancel()

    def _look(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Find out about a socket in error, which wakes no reader under uvloop.

        It is left so by a server that went away with a part of the statement unread: just what a batch under way meets.
        """
        self._readable(connection)
        if self._waiter is not None and not self._waiter.done():
            self._looking = asyncio.get_running_loop().call_later(LOOK, self._look, connection)

    def _flush(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Send what libpq holds; a batch larger than the socket's buffer goes on when there is room."""
        loop = asyncio.get_running_loop()
        try:
            unsent = connection.pgconn.flush()
        except psycopg.OperationalError as error:
            self._lost(connection, error)
            return
        if self._socket is not None:
            if unsent:
                loop.add_writer(self._socket, self._flush, connection)
            else:
                loop.remove_writer(self._socket)

    def _readable(self, connection: psycopg.AsyncConnection[Any]) -> None:
        pgconn = connection.pgconn
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    break
                self._results.append(result)
            else:
                return
        except psycopg.OperationalError as error:
            self._lost(connection, error)
            return
        if self._results and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(self._results)
            self._results = []

    def _rows(self, name: bytes, result: pq.abc.PGresult, connection: psycopg.AsyncConnection[Any]) -> list[tuple[Any, ...]]:
        if not result.ntuples:
            return []
        # A prepared statement's columns keep their types, so its loaders are looked up once.
        transformer = self._loading.get(name)
        if transformer is None:
            transformer = self._loading[name] = Transformer.from_context(connection)
            transformer.set_pgresult(result)
        else:
            transformer.set_pgresult(result, set_loaders=False)
        return transformer.load_rows(0, result.ntuples, tuple)

    def _lost(self, connection: psycopg.AsyncConnection[Any], error: psycopg.Error) -> None:
        """Stop listening to a dead socket, and tell who waits."""
        self._forget_socket()
        self._results = []
        connection.pgconn.finish()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(LinkLost(f"{self._name}: {error}"))

    def _forget_socket(self) -> None:
        if self._socket is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._socket)
            loop.remove_writer(self._socket)
            self._socket = None

    async def close(self) -> None:
        """Close it, if open."""
        self._forget_socket()
        await super().close()


def _check(results: Sequence[pq.abc.PGresult]) -> None:
    """Raise the psycopg.Error of a result that is one."""
    for result in results:
        if result.status not in _FINE:
            raise errors.error_from_result(result)


def _away(error: psycopg.Error) -> bool:
    """Whether the server, not the statement, is at fault: it is going down, out of disk or memory, or only a standby by now.

    Then a new connection may find it well again, or find the server that took over. What libpq itself says has no SQLSTATE.
    """
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError)
    return state[:2] in {"53", "57", "58"} or state == "25006"
