"""Puts the parts of proxying together, and is what NAS are given that stand where a realm holds (`Client.elsewhere`)."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import psycopg

from gate.accounting.updates import Update
from gate.core import clock
from gate.core.exposition import Family, gauge
from gate.database.link import HotLink, Link, LinkLost
from gate.protocols.radius import proxying
from gate.radiusd.clients import Elsewhere
from gate.radiusd.journal import Journal
from gate.radiusd.metrics import Metrics
from gate.radiusd.proxy.accounting import Bookkeeper
from gate.radiusd.proxy.forwarding import Forwarder
from gate.radiusd.proxy.health import State
from gate.radiusd.proxy.homes import Homes, Route
from gate.radiusd.proxy.sign_ins import SignIns, loops
from gate.radiusd.proxy.targets import Dial, Targets
from gate.radiusd.request import Answers, Request
from gate.radiusd.store import Store
from gate.realms.rules import Table

log = logging.getLogger(__name__)

Row = tuple[int, int, bytes, bytes, float]
"""Of the queue: tenant, pool, session, attributes, arrival."""

TELL_EVERY: Final = 1.0
TELL_AGAIN: Final = 30.0
"""Seconds after which what is known of a server is written though its state is as before: the console shows how old it is."""

_TELL: Final = """
INSERT INTO realms_health AS h (server_id, tenant_id, auth_state, acct_state, since, last_answer, checked)
SELECT s.id, s.tenant_id, t.auth_state, t.acct_state, now(), now() - make_interval(secs => t.heard), now()
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::double precision[]) AS t(id, auth_state, acct_state, heard)
JOIN realms_homeserver s ON s.id = t.id ORDER BY s.id
ON CONFLICT (server_id) DO UPDATE
SET since = CASE WHEN (h.auth_state, h.acct_state) = (EXCLUDED.auth_state, EXCLUDED.acct_state) THEN h.since ELSE now() END,
    auth_state = EXCLUDED.auth_state, acct_state = EXCLUDED.acct_state, checked = EXCLUDED.checked,
    last_answer = COALESCE(EXCLUDED.last_answer, h.last_answer)
"""


class Proxy:
    """Of one process."""

    def __init__(
        self,
        *,
        store: Store,
        answers: Answers,
        journal: Journal,
        metrics: Metrics,
        links: tuple[HotLink, HotLink, Link],
        days: float,
    ) -> None:
        stored, forwarded, told = links
        self._store = store
        self._link = told
        self._told: dict[int, tuple[State, State]] = {}
        self._told_at = float("-inf")
        self._metrics = metrics
        self.targets = Targets(metrics=metrics)
        self.sign_ins = SignIns(targets=self.targets, store=store, answers=answers, journal=journal, metrics=metrics)
        self.bookkeeper = Bookkeeper(link=stored, answers=answers, metrics=metrics)
        self.forwarder = Forwarder(
            link=forwarded, targets=self.targets, metrics=metrics, queued=self.bookkeeper.queued, days=days
        )
        store.elsewhere = self.elsewhere

    def elsewhere(self, homes: Homes) -> Callable[[str], Elsewhere | None]:
        """Take the tables over as they are now; gives what sees to realms at an organization's place in the tree."""
        self.targets.replace(homes)
        table = homes.tables()
        made: dict[int, Elsewhere] = {}

        def at(path: str) -> Elsewhere | None:
            found = table(path)
            return None if found is None else made.setdefault(id(found), _Here(found, self))

        return at

    def account(self, request: Request, update: Update, route: Route) -> bool:
        """Take accounting to be stored and forwarded; False where it is only stored."""
        if route.pool is None or not route.accounting:
            return False
        if loops(request.packet, route):
            self._metrics["proxy.loop"] += 1
            return False
        self.bookkeeper.take(request, update, route, route.pool)
        return True

    def restart(self, request: Request, pools: Iterable[Sequence[Route]], *, session: bytes) -> list[Row]:
        """See `Elsewhere.restart`; of each pool the routes that lead to it."""
        rows: list[Row] = []
        for routes in pools:
            route, pool = routes[0], routes[0].pool
            if pool is None or any(loops(request.packet, one) for one in routes):
                self._metrics["proxy.loop"] += 1
                continue
            kept = proxying.accounting_kept(request.packet, username=None, proxy_state=route.mark)
            rows.append((request.client.tenant_id, pool.id, session, kept, request.at))
        return rows

    def work(self, dial: Dial | None = None) -> "list[asyncio.Task[None]]":
        """Its tasks, to be cancelled in the end."""
        self.targets.dial = dial
        loop = asyncio.get_running_loop()
        works = {
            "home servers": self.targets.watch(),
            "proxied accounting": self.bookkeeper.write(),
            "forwarding": self.forwarder.work(lambda: self._store.homes),
            "health of home servers": self._tell(),
        }
        return [loop.create_task(work, name=name) for name, work in works.items()]

    def close(self) -> None:
        """Give up what is under way."""
        self.targets.close()

    def families(self) -> Iterator[Family]:
        """What Prometheus is told."""
        targets = list(self.targets.all())
        labels = [{"server": f"{target.home.id}:{target.home.name}", "port": str(target.port)} for target in targets]
        up = [(label, float(target.health.is_usable)) for label, target in zip(labels, targets, strict=True)]
        yield gauge("gate_radius_home_server_up", "1 unless the home server counts as dead.", up)
        flying = [(label, float(target.in_flight)) for label, target in zip(labels, targets, strict=True)]
        yield gauge("gate_radius_home_server_in_flight", "Requests that wait for the home server's answer.", flying)
        oldest = self.forwarder.oldest
        age = 0.0 if oldest is None else max(clock.unix() - oldest, 0.0)
        yield gauge(
            "gate_radius_forward_length", "Accounting packets that wait to be forwarded.", [({}, float(self.forwarder.waiting))]
        )
        yield gauge("gate_radius_forward_age_seconds", "Age of the oldest of them.", [({}, age)])

    async def _tell(self) -> None:
        """Write down what is known of home servers, for the console."""
        while True:
            await asyncio.sleep(TELL_EVERY)
            try:
                await self._write()
            except LinkLost as error:
                log.debug("What is known of home servers waits to be stored: %s", error)
            except psycopg.Error as error:
                log.error("PostgreSQL refused what is known of home servers: %s", error)  # noqa: TRY400

    async def _write(self) -> None:
        now, found = clock.monotonic(), self._states()
        again = now - self._told_at >= TELL_AGAIN
        rows = [
            (number, *held[:2], held[2]) for number, held in sorted(found.items()) if again or self._told.get(number) != held[:2]
        ]
        if rows:
            await self._link.rows(_TELL, [list(column) for column in zip(*rows, strict=True)])
            self._told = {number: held[:2] for number, held in found.items()}
            self._told_at = now if again else self._told_at

    def _states(self) -> dict[int, tuple[State, State, float | None]]:
        """By server: its state by port, and how long ago it was heard of."""
        found: dict[int, tuple[State, State, float | None]] = {}
        now = clock.monotonic()
        for target in self.targets.all():
            auth, acct, heard = found.get(target.home.id, (State.UNKNOWN, State.UNKNOWN, None))
            if target.port == "authentication":
                auth = target.health.state
            else:
                acct = target.health.state
            ago = now - target.health.heard
            if ago < 1e9:
                heard = ago if heard is None else min(heard, ago)
            found[target.home.id] = (auth, acct, heard)
        return found


class _Here:
    """The realms of one place in the tree."""

    __slots__ = ("_pools", "_proxy", "_table")

    def __init__(self, table: Table[Route], proxy: Proxy) -> None:
        self._table = table
        self._proxy = proxy
        pools: dict[int, list[Route]] = {}
        for route in sorted(table.reachable(), key=lambda one: one.id):
            if route.pool is not None and route.accounting:
                pools.setdefault(route.pool.id, []).append(route)
        self._pools = tuple(pools.values())

    def sign_in(self, request: Request, username: str) -> bool:
        """See `Elsewhere.sign_in`."""
        route = self._table.find(username)
        if route is None or route.pool is None:
            return False
        self._proxy.sign_ins.take(request, username, route, self._table.find)
        return True

    def account(self, request: Request, update: Update) -> bool:
        """See `Elsewhere.account`."""
        route = self._table.find(update.username)
        if route is None or route.pool is None:
            return False
        if update.portal_session_id is not None:
            # A Class that looks like GATE's own is the home server's here.
            update = update._replace(portal_session_id=None)
        return self._proxy.account(request, update, route)

    def restart(self, request: Request, *, session: bytes) -> list[Row]:
        """See `Elsewhere.restart`."""
        return self._proxy.restart(request, self._pools, session=session)

    def queued(self, count: int) -> None:
        """See `Elsewhere.queued`."""
        self._proxy.bookkeeper.tell(count)
