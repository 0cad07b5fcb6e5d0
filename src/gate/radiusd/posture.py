"""Stores which NAS send Message-Authenticator: whoever newly does at once, since from then on they have to, counts once a minute.

What is learned reaches the other processes and the next start by the table; `gate doctor` and the console tell operators.
"""

import asyncio
import datetime as dt
import logging

import psycopg

from gate.core import clock
from gate.database.link import Link, LinkLost
from gate.radiusd.tallies import Tallies, Tally

log = logging.getLogger(__name__)

EVERY, COUNTS_EVERY = 1.0, 60.0

# In the order of ids: two processes that store the same NAS lock them alike.
_LEARN = """
INSERT INTO nas_posture AS p (nas_id, tenant_id, signers)
SELECT n.id, n.tenant_id, array_agg(DISTINCT g.address)
FROM unnest(%s::bigint[], %s::inet[]) AS g (nas_id, address)
JOIN nas_nas n ON n.id = g.nas_id AND n.message_authenticator <> 'off'
GROUP BY n.id, n.tenant_id ORDER BY n.id
ON CONFLICT (nas_id) DO UPDATE
SET signers = ARRAY(SELECT DISTINCT address FROM unnest(p.signers || excluded.signers) AS u (address) ORDER BY address)
"""
# The table the signers are read with: every process reads it anew.
_TELL = "SELECT pg_notify('gate_changed', 'nas_nas')"
_COUNT = """
INSERT INTO nas_posture AS p (nas_id, tenant_id, signed, unsigned, refused, last_signed, last_unsigned, last_unsigned_from)
SELECT n.id, n.tenant_id, g.signed, g.unsigned, g.refused,
       CASE WHEN g.signed > 0 THEN %s END, CASE WHEN g.unsigned > 0 THEN %s END, g.source
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::inet[]) AS g (nas_id, signed, unsigned, refused, source)
JOIN nas_nas n ON n.id = g.nas_id
ORDER BY n.id
ON CONFLICT (nas_id) DO UPDATE
SET signed = p.signed + excluded.signed, unsigned = p.unsigned + excluded.unsigned, refused = p.refused + excluded.refused,
    last_signed = coalesce(excluded.last_signed, p.last_signed),
    last_unsigned = coalesce(excluded.last_unsigned, p.last_unsigned),
    last_unsigned_from = coalesce(excluded.last_unsigned_from, p.last_unsigned_from)
"""

Counts = tuple[int, int, int]


class Posture:
    """Writes what the tallies hold."""

    def __init__(self, *, link: Link, tallies: Tallies) -> None:
        self._link = link
        self._tallies = tallies
        self._stored: dict[int, Counts] = {}

    async def write(self) -> None:
        """Write until cancelled."""
        since = clock.monotonic()
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.learn()
                if clock.monotonic() - since >= COUNTS_EVERY:
                    since = clock.monotonic()
                    await self.count()
            except LinkLost as error:
                log.debug("What NAS send waits to be stored: %s", error)
            except psycopg.Error as error:
                log.error("PostgreSQL refused what is known of NAS: %s", error)  # noqa: TRY400

    async def learn(self) -> None:
        """Store who was learned to send it. Raises LinkLost, psycopg.Error."""
        learned = [(nas_id, address) for nas_id, tally in self._tallies.items() for address in tally.learned]
        if not learned:
            return
        await self._link.rows(_LEARN, [[nas_id for nas_id, _ in learned], [address for _, address in learned]])
        for nas_id, address in learned:
            self._tallies[nas_id].learned.discard(address)
        await self._link.rows(_TELL)

    async def count(self) -> None:
        """Add what was counted since the last time. Raises LinkLost, psycopg.Error."""
        rows: list[tuple[int, int, int, int, str | None]] = []
        found: dict[int, Counts] = {}
        for nas_id, tally in self._tallies.items():
            now, before = _counts(tally), self._stored.get(nas_id, (0, 0, 0))
            if now != before:
                found[nas_id] = now
                signed, unsigned, refused = (one - other for one, other in zip(now, before, strict=True))
                rows.append((nas_id, signed, unsigned, refused, tally.unsigned_from or None))
                if refused:
                    log.warning(
                        "NAS %d: %d sign-ins without Message-Authenticator, which it has to send, were not answered (from %s)",
                        nas_id, refused, tally.unsigned_from,
                    )  # fmt: skip
        if rows:
            at: dt.datetime = clock.now()
            await self._link.rows(_COUNT, [at, at, *(list(column) for column in zip(*rows, strict=True))])
            self._stored |= found


def _counts(tally: Tally) -> Counts:
    return tally.signed, tally.unsigned, tally.refused
