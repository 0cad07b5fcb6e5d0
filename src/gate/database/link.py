"""A dedicated asynchronous connection that comes back: what the RADIUS server reads and writes through.

Not a pool: each of these connections has one job and its own session settings (a pinned plan, a LISTEN). A statement that
finds the connection lost raises `LinkLost`, and the next one connects anew; who must not lose anything tries again.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.05, 2.0


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
            self._url, autocommit=True, application_name=f"gate-radius {self._name}", connect_timeout=5
        )
        # Statements of this connection are few and hot: prepared at once, and kept.
        connection.prepare_threshold = 0
        if self._role is not None:
            await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(self._role)))
        for setting, value in self._settings.items():
            await connection.execute("SELECT set_config(%s, %s, false)", [setting, value])
        return connection

    async def rows(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and give its rows, binary both ways. Raises LinkLost, and psycopg.Error for a refused statement."""
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
