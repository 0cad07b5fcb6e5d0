"""The worker's half of live control: takes queued requests, sends them to NAS, writes down what came of it (RFC 5176).

It wakes when a request is queued (LISTEN gate_control), when one is due again, and every POLL seconds whatever happens, so
that a lost notice only costs time. Several workers share the queue. Requests leave from an ephemeral port of the address the
RADIUS sockets listen on: NAS take them from the RADIUS server's address alone.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import psycopg
from django.db import DatabaseError, close_old_connections, connections

from gate.control import commands, rules
from gate.control.types import Job, Outcome, State
from gate.core import clock
from gate.database.link import Link, LinkLost
from gate.database.walls import SYSTEM
from gate.protocols.radius import dictionary, values
from gate.protocols.radius.client import WAITS, Address, Answered, Busy, Client, Unanswered
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import rfc2869, rfc5176
from gate.protocols.radius.errors import RadiusError
from gate.protocols.radius.packet import encode_attribute

log = logging.getLogger(__name__)

POLL: Final = 5.0
BATCH: Final = 64
"""Requests taken at a time."""
UNDER_WAY: Final = 1_000
"""Requests under way at once; of those for one address and port there are 256 at most, so that a dead NAS stops nobody."""
DRAIN: Final = 64
_ADDRESS_FAMILY: Final = {4: socket.AF_INET, 6: socket.AF_INET6}
_CODES: Final = {"disconnect": Code.DISCONNECT_REQUEST, "coa": Code.COA_REQUEST}
_CAUSES: Final = {number: word for word, number in rfc5176.ERROR_CAUSE_VALUES.items()}

T = TypeVar("T")


class LiveControl:
    """The queue's consumer, in one event loop."""

    def __init__(self, *, url: str, bind: str, default_port: int, waits: tuple[float, ...] = WAITS, poll: float = POLL) -> None:
        """`bind` is the address to send from, `default_port` where NAS take requests that have no port of their own."""
        self._link = Link(url=url, name="live control", role=SYSTEM)
        self._bind = bind
        self._default_port = default_port
        self._poll = poll
        self._client = Client(waits=waits)
        self._sockets: dict[int, socket.socket] = {}
        self._jobs: dict[int, Job] = {}
        """By the client's handle."""
        self._faults: dict[Address, str] = {}
        """Why the last datagram did not leave, by where it was to go."""
        self._wake = asyncio.Event()
        self._settling: set[asyncio.Task[None]] = set()
        # Django's connections belong to threads, and the loop never waits for the database: one thread, one connection.
        self._database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-control")

    async def run(self) -> None:
        """Work until cancelled."""
        listening = asyncio.create_task(self._listen(), name="live control listens")
        try:
            while True:
                try:
                    await self._work()
                except Exception:
                    # PostgreSQL is away, or a fault of GATE's own: what was claimed comes back when its lease ends.
                    log.exception("Live control met a fault and goes on")
                    await asyncio.sleep(self._poll)
        finally:
            listening.cancel()
            await asyncio.gather(listening, *self._settling, return_exceptions=True)
            for bound in self._sockets.values():
                asyncio.get_running_loop().remove_reader(bound.fileno())
                bound.close()
            await self._link.close()
            await asyncio.get_running_loop().run_in_executor(self._database, connections.close_all)
            self._database.shutdown()

    async def _work(self) -> None:
        """Send what is due, then sleep until something is to be done."""
        self._wake.clear()
        room = min(BATCH, UNDER_WAY - len(self._client))
        taken = await self._ask(_claim, room, self._default_port) if room > 0 else []
        put_back = [job.id for job in taken if not self._send(job)]
        if put_back:
            await self._ask(_put_back, put_back)
        for unanswered in self._client.handle_timer(clock.monotonic()):
            self._silent(unanswered)
        self._flush()
        if not taken or len(taken) < room:
            timer = self._client.get_timer()
            seconds = self._poll if timer is None else max(0.0, min(self._poll, timer - clock.monotonic()))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), seconds)

    async def _listen(self) -> None:
        """Be woken by whoever queues a request; a lost connection is made again."""
        while True:
            try:
                connection = await self._link.connection()
                await connection.execute("LISTEN gate_control")
                self._wake.set()  # what was queued meanwhile told nobody
                async for _ in connection.notifies():
                    self._wake.set()
            except (LinkLost, psycopg.Error) as error:
                log.warning("Lost the connection that tells of requests to NAS: %s", error)
                await asyncio.sleep(self._poll)

    def _send(self, job: Job) -> bool:
        """Begin a request; False where it has to wait for others to the same NAS."""
        try:
            # RFC 5176 section 3.3: a NAS may refuse what is older than 300 seconds; Meraki refuses what has no date.
            dated = encode_attribute(rfc2869.EVENT_TIMESTAMP, values.encode_date(int(clock.unix())))
            attributes = b"".join(dictionary.encode(item.attribute, item.value) for item in job.items) + dated
            handle = self._client.send(
                code=_CODES[job.kind], attributes=attributes, secret=job.secret, destination=(job.address, job.port),
                now=clock.monotonic(),
            )  # fmt: skip
        except Busy:
            return False
        except RadiusError as error:
            self._settle(Outcome(id=job.id, state=State.IMPOSSIBLE, message=f"The request cannot be written: {error}"))
            return True
        self._jobs[handle] = job
        return True

    def _flush(self) -> None:
        for octets, destination in self._client.datagrams_to_send():
            try:
                self._socket_for(destination[0]).sendto(octets, destination)
            except OSError as error:
                # No way there at this moment: the retransmissions may find one.
                log.debug("send to %s: %s", destination[0], error)
                self._faults[destination] = error.strerror or str(error)
            else:
                self._faults.pop(destination, None)

    def _socket_for(self, address: str) -> socket.socket:
        """The socket of the address's family, opened at the first need. Raises OSError."""
        version = 6 if ":" in address else 4
        bound = self._sockets.get(version)
        if bound is None:
            bound = socket.socket(_ADDRESS_FAMILY[version], socket.SOCK_DGRAM)
            bound.setblocking(False)
            # RADIUS listens on one family: to the other it leaves from whatever address leads there.
            here = self._bind if (":" in self._bind) == (version == 6) else ""
            try:
                bound.bind((here, 0))
            except OSError:
                bound.close()
                raise
            self._sockets[version] = bound
            asyncio.get_running_loop().add_reader(bound.fileno(), self._drain, bound)
        return bound

    def _drain(self, bound: socket.socket) -> None:
        for _ in range(DRAIN):
            try:
                data, source = bound.recvfrom(4097)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                # An ICMP answer (nobody listens on the port) surfaces here; the request stays unanswered.
                log.debug("receive: %s", error)
                continue
            self._received(data, (source[0], source[1]))

    def _received(self, data: bytes, source: Address) -> None:
        answer = self._client.receive(data, source, clock.monotonic())
        if answer is not None:
            self._answered(answer)

    def _answered(self, answer: Answered) -> None:
        job = self._jobs.pop(answer.handle)
        cause = answer.error_cause
        said = Code(answer.code).label if cause is None else f"{Code(answer.code).label}, {_CAUSES.get(cause, cause)}"
        state = rules.state_of(job.kind, acknowledged=answer.acknowledged, error_cause=cause)
        message = f"{said} after {answer.seconds:.3f} s"
        self._settle(Outcome(id=job.id, state=state, message=message, error_cause=cause, asked=_shown(job)))
        self._wake.set()

    def _silent(self, unanswered: Unanswered) -> None:
        job = self._jobs.pop(unanswered.handle)
        fault = self._faults.pop((job.address, job.port), None)
        state, wait, message = rules.after_silence(job.rounds, fault=fault)
        outcome = Outcome(id=job.id, state=state, message=message, asked=_shown(job))
        self._settle(outcome, wait=wait)

    def _settle(self, outcome: Outcome, *, wait: dt.timedelta = dt.timedelta(0)) -> None:
        task = asyncio.create_task(self._write_down(outcome, wait), name=f"settle {outcome.id}")
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _write_down(self, outcome: Outcome, wait: dt.timedelta) -> None:
        try:
            await self._ask(_settle, outcome, wait)
        except Exception:
            # The request is sent again when its lease ends, and a NAS that did it says so (503).
            log.exception("What came of request %d could not be written down", outcome.id)

    async def _ask(self, do: Callable[..., T], *arguments: Any) -> T:
        """Run `do` where the database may be waited for; once more on a new connection, where the old one had died."""
        run = asyncio.get_running_loop().run_in_executor
        try:
            return await run(self._database, do, *arguments)
        except DatabaseError:
            await run(self._database, close_old_connections)
            return await run(self._database, do, *arguments)


def _claim(limit: int, default_port: int) -> list[Job]:
    return commands.claim(now=clock.now(), limit=limit, default_port=default_port)


def _put_back(ids: list[int]) -> None:
    commands.put_back(ids, now=clock.now())


def _settle(outcome: Outcome, wait: dt.timedelta) -> bool:
    return commands.settle(outcome, now=clock.now(), wait=wait)


def _shown(job: Job) -> str:
    return f"[{job.address}]:{job.port}" if ":" in job.address else f"{job.address}:{job.port}"
