"""Whether a home server works: alive, zombie, dead. Pure: told what happened and when (seconds of a clock that never goes back).

A server that leaves a request unanswered, and was not heard of since that was sent, becomes a zombie: others are asked before it.
A zombie that stays silent is dead after its period, and gets nothing. By Status-Server (RFC 5997) both are asked on: one answer
brings a zombie back, `REVIVING` in a row the dead. A server that is not asked so is tried again after a while.
"""

from enum import StrEnum
from typing import Final

from gate.radiusd.proxy.homes import Home

REVIVING: Final = 3
"""Answers in a row after which a dead server is believed to work again."""
IDLE: Final = 30.0
"""Seconds without a word from a server that works until it is asked whether it does (the Tw of RFC 3539 section 3.4.1)."""


class State(StrEnum):
    """What is known of a port of a home server."""

    UNKNOWN = "unknown"
    """Nothing was sent there yet. It is used like one that works."""
    ALIVE = "alive"
    ZOMBIE = "zombie"
    DEAD = "dead"


class Health:
    """Of one port of one home server."""

    def __init__(self, home: Home, *, now: float) -> None:
        self._home = home
        self.state = State.UNKNOWN
        self.since = now
        self.heard = float("-inf")
        """When an answer came last."""
        self._next_probe = now
        self._in_a_row = 0

    @property
    def is_usable(self) -> bool:
        """Whether requests may be sent there."""
        return self.state is not State.DEAD

    @property
    def is_well(self) -> bool:
        """Whether it comes before zombies."""
        return self.state in {State.UNKNOWN, State.ALIVE}

    def answered(self, now: float) -> None:
        """A request was answered. The dead rise by Status-Server alone, where that is asked: a late answer proves little."""
        self.heard = now
        if self.state is not State.DEAD or self._home.health == "answers":
            self._become(State.ALIVE, now)

    def unanswered(self, *, sent: float, now: float) -> None:
        """A request was given up that was first sent at `sent`."""
        if self.is_well and self.heard <= sent:
            self._become(State.ZOMBIE, now)
            self._next_probe = now

    def tick(self, now: float) -> None:
        """Time passes."""
        if self.state is State.ZOMBIE and now - self.since >= self._home.zombie_period:
            self._become(State.DEAD, now)
            self._in_a_row = 0
        elif self.state is State.DEAD and self._home.health == "answers" and now - self.since >= self._home.revive_after:
            self._become(State.UNKNOWN, now)

    def wants_probe(self, now: float) -> bool:
        """Whether a Status-Server is due."""
        if self._home.health != "status" or now < self._next_probe:
            return False
        return not self.is_well or now - self.heard >= IDLE

    def probe_sent(self, now: float) -> None:
        """It was sent. The next one waits."""
        self._next_probe = now + self._home.check_interval

    def probe_answered(self, now: float) -> None:
        """It was answered."""
        self.heard = now
        self._in_a_row += 1
        if self.state is not State.DEAD or self._in_a_row >= REVIVING:
            self._become(State.ALIVE, now)

    def probe_unanswered(self, *, sent: float, now: float) -> None:
        """It was not."""
        self._in_a_row = 0
        self.unanswered(sent=sent, now=now)

    def _become(self, state: State, now: float) -> None:
        if self.state is not state:
            self.state, self.since = state, now
