"""HTTP for rlm_rest: `POST /freeradius/authorize` and `POST /freeradius/accounting`, on a port of their own.

Served by the RADIUS server, not by the web server: what answers here writes sign-ins and accounting, which web processes may not
(database/walls.py), and shares memory, queues and counts with the packets. Statuses are chosen by what rlm_rest makes of them:

| status | meaning | rlm_rest | the printed configuration |
|---|---|---|---|
| 200 | let in, with the reply's attributes | ok, updated | Access-Accept |
| 204 | accounting is stored | ok | Accounting-Response |
| 401 | kept out, with the attributes of the refusal | reject | Access-Reject |
| 400 | cannot be read, or is not carried (EAP) | invalid | no answer |
| 403 | the token will not do | userlock | no answer: the guest has done nothing wrong |
| 404 | no NAS of the token's organizations | notfound | no answer |
| 429 | the NAS sends more than its limit | invalid | no answer |
| 503 | PostgreSQL is away, or too much waits | fail | no answer: the NAS asks again |
"""

import asyncio
import contextlib
import datetime as dt
import ipaddress
import logging
import secrets
import urllib.parse
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import psycopg

from gate.core import clock
from gate.core.errors import Forbidden, Unauthenticated
from gate.database.link import LinkLost
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import rfc2865, rfc2869, rfc3162
from gate.protocols.radius.errors import RadiusError
from gate.protocols.radius.packet import AUTHENTICATOR_SIZE
from gate.radiusd import translate
from gate.radiusd.freeradius.attributes import json_of, packet_of
from gate.radiusd.freeradius.callers import Callers
from gate.radiusd.listener import Handler
from gate.radiusd.metrics import Metrics
from gate.radiusd.request import Request

log = logging.getLogger(__name__)

LARGEST_HEAD: Final = 16_384
LARGEST_BODY: Final = 262_144
"""Octets: 250 attributes of 253 octets, in hexadecimal digits."""
PATIENCE: Final = 10.0
"""Seconds for one request, and for its decision: a NAS has given up by then."""
IDLE: Final = 120.0
"""Seconds a connection may wait for its next request; rlm_rest's pool keeps them for 60. For its first it has `PATIENCE`, and one
whose token will not do is ended: strangers do not sit on the connections that there are."""
MOST_FIELDS: Final = 16
"""Fields of a query."""
MOST: Final = 512
"""Connections at once."""
_REFUSED_PAUSE: Final = 1.0
"""Seconds before somebody without a right token is told so."""
_REASONS: Final = {
    200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 411: "Length Required", 413: "Content Too Large", 429: "Too Many Requests",
    503: "Service Unavailable",
}  # fmt: skip
# Packets that would be dropped again however often they are sent; all else may go better the next time.
_HOPELESS: Final = frozenset({"status-type", "no-session-id", "refused"})

Answer = tuple[int, Any]
"""Status, and what the body says; None: nothing."""


class Unreadable(Exception):
    """The stream is not HTTP as this door speaks it; `status` says which way. The connection ends with the answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request."""

    method: str
    path: str
    query: dict[str, str]
    token: str = field(repr=False)
    body: bytes = field(repr=False)
    keep: bool


class Outcome:
    """Where the answer to one request arrives: its `Way`."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def reply(self, request: Request, code: int, attributes: bytes) -> None:
        """What the handlers decided, for FreeRADIUS."""
        self._metrics["freeradius.answered"] += 1
        request.client.tally.sent[code] += 1
        if code == Code.ACCOUNTING_RESPONSE:
            self._settle((204, None))
            return
        told = json_of(attributes, secret=request.client.secret, authenticator=request.packet.authenticator)
        self._settle((200 if code == Code.ACCESS_ACCEPT else 401, told))

    def drop(self, request: Request, reason: str) -> None:
        """No answer, so that the NAS asks again."""
        self._metrics.dropped(reason)
        request.client.tally.dropped += 1
        self._settle((400 if reason in _HOPELESS else 503, {"detail": f"Not answered: {reason}."}))

    def _settle(self, answer: Answer) -> None:
        # Nobody waits any more for what took too long.
        if not self.answer.done():
            self.answer.set_result(answer)


class Door:
    """Takes requests until closed and hands them to the handlers of packets."""

    def __init__(self, *, callers: Callers, authorize: Handler, account: Handler, metrics: Metrics) -> None:
        self._callers = callers
        self._handlers = {
            "/freeradius/authorize": (Code.ACCESS_REQUEST, authorize, -1),
            "/freeradius/accounting": (Code.ACCOUNTING_REQUEST, account, -2),
        }
        self._metrics = metrics
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def open(self, address: str, port: int, *, shared: bool) -> None:
        """Listen; a `shared` port is served by several processes. Raises OSError."""
        self._server = await asyncio.start_server(
            self._serve, address, port, limit=LARGEST_HEAD, reuse_port=shared or None, backlog=MOST
        )
        self.port = int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening, and end the connections."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._open):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= MOST:
            self._metrics.dropped("freeradius-connections")
            writer.close()
            return
        self._open.add(writer)
        try:
            # A peer that goes away, or says nothing for long, has ended its connection.
            with contextlib.suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
                # None: it was gone before it was taken.
                peer = str((writer.get_extra_info("peername") or ("?",))[0])
                patience = PATIENCE
                while await self._converse(reader, writer, peer, patience=patience):
                    patience = IDLE
        finally:
            self._open.discard(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str, *, patience: float) -> bool:
        """One request, which begins within `patience` seconds, and its answer; whether another may follow."""
        try:
            asked = await read(reader, writer, patience=patience)
        except Unreadable as fault:
            writer.write(_written(fault.status, {"detail": str(fault)}, keep=False))
            await writer.drain()
            return False
        try:
            status, told = await self._answer(asked, peer)
        except (LinkLost, psycopg.Error) as error:
            log.warning("Cannot look an API token up, a request of FreeRADIUS is not answered: %s", error)
            status, told = 503, {"detail": "The database does not answer."}
        except Exception:
            # A fault of GATE's own, told: FreeRADIUS does not answer its NAS, which asks again.
            log.exception("A request of FreeRADIUS at %s met a fault", peer)
            status, told = 503, {"detail": "GATE failed; its log has the reason."}
        keep = asked.keep and status != 403
        async with asyncio.timeout(PATIENCE):
            writer.write(_written(status, told, keep=keep))
            await writer.drain()
        return keep

    async def _answer(self, asked: Asked, peer: str) -> Answer:
        found = self._handlers.get(asked.path.rstrip("/"))
        if found is None:
            return 404, {"detail": "There is nothing at this address."}
        if asked.method != "POST":
            return 405, {"detail": "POST alone."}
        now = clock.now()
        try:
            scope = await self._callers.authenticate(asked.token, source=peer, now=now)
        except (Unauthenticated, Forbidden) as error:
            self._metrics.dropped("freeradius-token")
            log.warning("FreeRADIUS at %s: %s", peer, error.detail)
            await asyncio.sleep(_REFUSED_PAUSE)
            return 403, {"detail": error.detail}
        code, handler, bucket = found
        try:
            request = self._request(asked, code=code, reach=self._callers.reach(scope), now=now)
        except (RadiusError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
            # msgspec raises RecursionError for a body that is nothing but brackets.
            self._metrics.dropped("malformed")
            return 400, {"detail": str(error)[:200]}
        if request is None:
            self._metrics.dropped("unknown-client")
            return 404, {"detail": "None of the token's organizations has this NAS."}
        client = request.client
        if client.packet_rate and not client.tally.allows(socket=bucket, rate=client.packet_rate, now=clock.monotonic()):
            client.tally.limited += 1
            self._metrics.dropped("packet-rate")
            return 429, {"detail": "The NAS sends more than its limit."}
        if request.packet.get(rfc2869.EAP_MESSAGE) is not None:
            return 400, {"detail": "EAP is not carried here; send it to GATE by RADIUS."}
        outcome = Outcome(self._metrics)
        request.way = outcome
        self._metrics["freeradius.received"] += 1
        handler(request)
        try:
            async with asyncio.timeout(PATIENCE):
                return await outcome.answer
        except TimeoutError:
            self._metrics.dropped("freeradius-waited-too-long")
            return 503, {"detail": "The answer takes too long."}

    def _request(self, asked: Asked, *, code: int, reach: Any, now: dt.datetime) -> Request | None:
        """What a NAS asked, None where it is none of the token's. Raises RadiusError and msgspec.DecodeError."""
        said = msgspec.json.decode(asked.body)
        authenticator = secrets.token_bytes(AUTHENTICATOR_SIZE)
        # Read once for who it is of, then with that one's secret, which hides the password.
        bare = packet_of(said, code=code, secret=b"", authenticator=authenticator)
        sources = [
            asked.query.get("source", ""),
            translate.address(bare.get(rfc2865.NAS_IP_ADDRESS)) or "",
            translate.ipv6(bare.get(rfc3162.NAS_IPV6_ADDRESS)) or "",
        ]
        addresses = [address for address in sources if _is_address(address)]
        client = reach.find(addresses=addresses, identifier=bare.get(rfc2865.NAS_IDENTIFIER))
        if client is None:
            return None
        packet = packet_of(said, code=code, secret=client.secret, authenticator=authenticator)
        source = (addresses[0] if addresses else client.address.partition("/")[0], 0)
        key = (source[0], 0, code, 0, authenticator)
        return Request(packet=packet, client=client, source=source, key=key, socket=0, at=now.timestamp())


async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, patience: float = IDLE) -> Asked:
    """The next request of a connection (RFC 9112). Raises Unreadable, and what streams raise when they end."""
    try:
        async with asyncio.timeout(patience):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise Unreadable(413, "The head is too large.") from None
    line, *fields = head.decode("latin-1").split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Unreadable(400, "That is no HTTP/1.1.")
    headers = _headers(fields)
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or "transfer-encoding" in headers:
        if words[0] == "POST" or "transfer-encoding" in headers:
            raise Unreadable(411, "Say the length of the body: chunks are not taken.")
        length = "0"
    if len(length) > 9 or int(length) > LARGEST_BODY:
        raise Unreadable(413, "The body is too large.")
    path, _, asked = words[1].partition("?")
    query = _query(asked)
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        body = await reader.readexactly(int(length))
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return Asked(
        method=words[0], path=path, query=query,
        token=token.strip() if scheme.lower() == "bearer" else "", body=body,
        keep=words[2] != "HTTP/1.0" and headers.get("connection", "").lower() != "close",
    )  # fmt: skip


def _headers(fields: list[str]) -> dict[str, str]:
    """By name in small letters. Raises Unreadable where a body has two lengths (RFC 9112 section 6.3)."""
    headers: dict[str, str] = {}
    for line in fields:
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name == "content-length" and headers.get(name, value) != value:
            raise Unreadable(400, "The body has one length.")
        if name:
            headers[name] = value
    return headers


def _query(text: str) -> dict[str, str]:
    """The fields of a query. Raises Unreadable."""
    try:
        return dict(urllib.parse.parse_qsl(text, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Unreadable(400, f"A query has at most {MOST_FIELDS} fields.") from None


def _written(status: int, told: Any, *, keep: bool) -> bytes:
    body = b"" if told is None else msgspec.json.encode(told)
    head = f"HTTP/1.1 {status} {_REASONS[status]}\r\n"
    if status != 204:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Cache-Control: no-store\r\nConnection: {'keep-alive' if keep else 'close'}\r\n\r\n".encode() + body


def _is_address(text: str) -> bool:
    # A zone may be any text, of any length, and addresses asked for are remembered.
    if "%" in text:
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
