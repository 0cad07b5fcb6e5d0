"""One RADIUS server process: puts the parts together, starts them, stops them in order."""

import asyncio
import contextlib
import logging
import signal
from collections import Counter
from collections.abc import Callable

import psycopg

from gate.access import sql as access_sql
from gate.accounting import sql as accounting_sql
from gate.core import clock
from gate.database.link import HotLink, Link, LinkLost
from gate.database.walls import SYSTEM
from gate.protocols.radius.codes import Code
from gate.radiusd.account import Accountant
from gate.radiusd.authenticate import Authenticator
from gate.radiusd.freeradius.callers import Callers
from gate.radiusd.freeradius.door import Door
from gate.radiusd.gather import WORKERS
from gate.radiusd.journal import Journal
from gate.radiusd.listener import Endpoint, Handler, Listener
from gate.radiusd.metrics import Metrics
from gate.radiusd.monitor import Monitor
from gate.radiusd.posture import Posture
from gate.radiusd.proxy.proxy import Proxy
from gate.radiusd.pulse import Pulse
from gate.radiusd.radsec.dial import Dialer
from gate.radiusd.radsec.server import Radsec
from gate.radiusd.restarts import Restarts
from gate.radiusd.scrape import families
from gate.radiusd.status import Status
from gate.radiusd.store import Store
from gate.settings import Settings

log = logging.getLogger(__name__)

REPORT_EVERY = 60.0
START_PATIENCE = 30.0
"""Seconds to wait for PostgreSQL at the start."""


class StartError(Exception):
    """The server cannot start; the text is one sentence for the operator."""


def ports_taken(settings: Settings, error: OSError) -> str:
    """What to tell the operator where a port cannot be opened."""
    return (
        f"The RADIUS ports {settings.radius_auth_port} and {settings.radius_acct_port} on {settings.radius_bind} cannot be "
        f"opened ({error.strerror}); set GATE_RADIUS_AUTH_PORT and GATE_RADIUS_ACCT_PORT to free ones."
    )


class Service:
    """The parts of one process."""

    def __init__(self, *, settings: Settings, url: str, shared: bool = False) -> None:
        self._settings = settings
        self._shared = shared
        self.metrics = Metrics()
        self._links: list[Link] = []
        self.store = Store(self._kept(Link(url=url, name="watch", role=SYSTEM)), packet_rate=settings.radius_nas_rate)
        self.pulse = Pulse(self._kept(Link(url=url, name="pulse", role=SYSTEM)))
        self.posture = Posture(link=self._kept(Link(url=url, name="posture", role=SYSTEM)), tallies=self.store.tallies)
        self.listener = Listener(store=self.store, metrics=self.metrics, reject_delay=settings.radius_reject_delay)
        self.status = Status(answers=self.listener, pulse=self.pulse, metrics=self.metrics)
        self.journal = Journal(link=self._hot(url, "journal", access_sql.PIN), metrics=self.metrics)
        self.proxy = Proxy(
            store=self.store,
            answers=self.listener,
            journal=self.journal,
            metrics=self.metrics,
            links=(
                self._hot(url, "proxied accounting", accounting_sql.PIN),
                self._hot(url, "forwarding"),
                self._kept(Link(url=url, name="home servers", role=SYSTEM)),
            ),
            days=settings.radius_forward_days,
        )
        self.authenticator = Authenticator(
            links=[self._hot(url, f"sign-in {n}", access_sql.PIN) for n in range(len(WORKERS))],
            store=self.store,
            answers=self.listener,
            journal=self.journal,
            metrics=self.metrics,
            settings=settings,
        )
        self.restarts = Restarts(
            link=self._kept(Link(url=url, name="restarts", role=SYSTEM)), answers=self.listener, metrics=self.metrics
        )
        self.accountant = Accountant(
            links=[self._hot(url, f"accounting {n}", accounting_sql.PIN) for n in range(len(WORKERS))],
            store=self.store,
            restarts=self.restarts,
            answers=self.listener,
            metrics=self.metrics,
        )
        self.door = Door(
            callers=Callers(link=self._kept(Link(url=url, name="freeradius", role=SYSTEM)), store=self.store),
            authorize=self.authenticator.handle,
            account=self.accountant.handle,
            metrics=self.metrics,
        )
        self.radsec = Radsec(
            settings=settings, store=self.store, metrics=self.metrics, handlers=self._radsec_handlers(), shared=shared
        )
        self.monitor = Monitor(
            families=lambda: list(families(self)),
            is_ready=lambda: not self.pulse.is_away,
            networks=settings.metrics_networks,
        )

    def _hot(self, url: str, name: str, settings: dict[str, str] | None = None) -> HotLink:
        link = HotLink(url=url, name=name, role=SYSTEM, settings=settings)
        self._links.append(link)
        return link

    def _kept(self, link: Link) -> Link:
        self._links.append(link)
        return link

    async def run(self, *, ready: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT. Raises StartError."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await self._load()
        settings = self._settings
        try:
            self.listener.open(
                self._endpoints(),
                loop,
                shared=self._shared,
            )
        except OSError as error:
            raise StartError(ports_taken(settings, error)) from error
        try:
            self.radsec.open()
        except OSError as error:
            raise StartError(
                f"The port {settings.radsec_port} on {settings.radsec_bind} for RadSec cannot be opened ({error.strerror}); set "
                "GATE_RADSEC_PORT to a free one."
            ) from error
        await self._open_monitor()
        await self._open_door()
        tasks = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("watch", self.store.watch()),
                ("journal", self.journal.write()),
                ("report", self._report()),
                ("restarts", self.restarts.work()),
                ("pulse", self.pulse.beat()),
                ("posture", self.posture.write()),
                ("radsec", self.radsec.accept()),
                ("radsec sweep", self.radsec.sweep()),
                *((f"sign-in {n}", self.authenticator.work(n)) for n in range(len(WORKERS))),
                *((f"accounting {n}", self.accountant.write(n)) for n in range(len(WORKERS))),
            )
        ]
        tasks += self.proxy.work(Dialer(settings=settings, metrics=self.metrics))
        ready()
        log.info(
            "Serving RADIUS on %s, ports %d and %d", settings.radius_bind, settings.radius_auth_port, settings.radius_acct_port
        )
        stopped = asyncio.create_task(stop.wait(), name="stop")
        done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        await self._shut_down([stopped, *tasks], loop)
        for task in done - {stopped}:
            # A part that ends by itself is a fault: end the process with it, the supervisor starts a fresh one.
            task.result()
            raise RuntimeError(f"{task.get_name()} ended")

    async def _open_monitor(self) -> None:
        settings = self._settings
        port = settings.radius_metrics_port
        if port is None:
            return
        try:
            await self.monitor.open(settings.radius_metrics_bind, port, several=settings.radius_processes)
        except OSError as error:
            raise StartError(
                f"The port {port} on {settings.radius_metrics_bind} for metrics cannot be opened ({error.strerror}); set "
                "GATE_RADIUS_METRICS_PORT to a free one."
            ) from error
        log.info("Metrics and health on http://%s:%d", settings.radius_metrics_bind, self.monitor.port)

    async def _open_door(self) -> None:
        settings = self._settings
        port = settings.freeradius_port
        if port is None:
            return
        try:
            await self.door.open(settings.freeradius_bind, port, shared=self._shared)
        except OSError as error:
            raise StartError(
                f"The port {port} on {settings.freeradius_bind} for FreeRADIUS cannot be opened ({error.strerror}); set "
                "GATE_FREERADIUS_PORT to a free one."
            ) from error
        log.info("Taking what FreeRADIUS asks on http://%s:%d/freeradius/", settings.freeradius_bind, self.door.port)

    def _endpoints(self) -> list[Endpoint]:
        settings = self._settings
        sign_in: dict[int, Handler] = {
            Code.ACCESS_REQUEST: self.authenticator.handle,
            Code.STATUS_SERVER: self.status.authentication,
        }
        accounting: dict[int, Handler] = {
            Code.ACCOUNTING_REQUEST: self.accountant.handle,
            Code.STATUS_SERVER: self.status.accounting,
        }
        return [
            Endpoint(settings.radius_bind, settings.radius_auth_port, sign_in),
            Endpoint(settings.radius_bind, settings.radius_acct_port, accounting),
        ]

    def _radsec_handlers(self) -> dict[int, Handler]:
        """One port for everything (RFC 6614 section 2.1), so a Status-Server is answered as on that of authentication."""
        return {
            Code.ACCESS_REQUEST: self.authenticator.handle,
            Code.ACCOUNTING_REQUEST: self.accountant.handle,
            Code.STATUS_SERVER: self.status.authentication,
        }

    async def _load(self) -> None:
        deadline = clock.monotonic() + START_PATIENCE
        while True:
            try:
                await self.store.load()
            except LinkLost as error:
                if clock.monotonic() > deadline:
                    raise StartError(f"PostgreSQL does not answer: {error}") from error
            except psycopg.Error as error:
                reason = str(error).strip().partition("\n")[0]
                raise StartError(
                    f"The database is not what GATE expects ({reason}). Run `gate migrate`, or `gate doctor`."
                ) from error
            else:
                return

    async def _shut_down(self, tasks: list[asyncio.Task[object]], loop: asyncio.AbstractEventLoop) -> None:
        self.listener.close(loop)
        self.radsec.close()
        self.monitor.close()
        self.door.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.proxy.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.journal.flush(), timeout=3)
        self.authenticator.close()
        for link in self._links:
            await link.close()

    async def _report(self) -> None:
        """One line a minute of what was counted, if anything was."""
        before: Counter[str] = Counter()
        while True:
            await asyncio.sleep(REPORT_EVERY)
            summary = self.metrics.summary(before)
            if summary:
                log.info("In the last minute: %s", summary)
            before = Counter(self.metrics)
