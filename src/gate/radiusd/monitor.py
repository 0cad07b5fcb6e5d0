"""A small HTTP server beside the RADIUS sockets: `/metrics`, `/health/live`, `/health/ready`. GET alone, one request each.

Its own few lines rather than a framework: it shares the process with the packets, and serves the machines of one operator.
"""

import asyncio
import contextlib
import errno
import logging
from collections.abc import Callable
from typing import Final

from gate.core.exposition import CONTENT_TYPE, Family, render
from gate.core.proxies import is_within
from gate.settings import Network

log = logging.getLogger(__name__)

LARGEST: Final = 8_192
"""Octets of a request's head."""
PATIENCE: Final = 5.0
"""Seconds to send it and to take the answer."""
_PLAIN: Final = "text/plain; charset=utf-8"
_REASONS: Final = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"
}  # fmt: skip

Answer = tuple[int, str, str]
"""Status, type, body."""


class Monitor:
    """Serves what it is given, until closed."""

    def __init__(
        self, *, families: Callable[[], list[Family]], is_ready: Callable[[], bool], networks: tuple[Network, ...]
    ) -> None:
        self._families = families
        self._is_ready = is_ready
        self._networks = networks
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self, address: str, port: int, *, several: int = 1) -> None:
        """Listen on `port`, or on the first free one of the `several` from there, one for each process. Raises OSError."""
        for number in range(port, port + several):
            try:
                self._server = await asyncio.start_server(self._serve, address, number, limit=LARGEST)
            except OSError as error:
                if error.errno != errno.EADDRINUSE or number == port + several - 1:
                    raise
            else:
                self.port = number
                return

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
            async with asyncio.timeout(PATIENCE):
                try:
                    head = await reader.readuntil(b"\r\n\r\n")
                except asyncio.LimitOverrunError:
                    head = b""
                status, kind, body = self._answer(head, writer.get_extra_info("peername")[0])
                octets = body.encode()
                start = f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(octets)}\r\n"
                writer.write(f"{start}Connection: close\r\n\r\n".encode() + octets)
                await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def _answer(self, head: bytes, peer: str) -> Answer:
        words = head.partition(b"\r\n")[0].split(b" ")
        if len(words) != 3:
            return 400, _PLAIN, "malformed\n"
        if words[0] != b"GET":
            return 405, _PLAIN, "GET alone\n"
        match words[1].partition(b"?")[0]:
            case b"/metrics":
                if not is_within(peer, self._networks):
                    return 403, _PLAIN, "Not from here: GATE_METRICS_NETWORKS.\n"
                return 200, CONTENT_TYPE, render(self._families())
            case b"/health/live":
                return 200, _PLAIN, "live\n"
            case b"/health/ready":
                return (200, _PLAIN, "ready\n") if self._is_ready() else (503, _PLAIN, "database away\n")
            case _:
                return 404, _PLAIN, "no such page\n"
