"""When to send a request again, and after how long. Pure: chance is an argument."""

import datetime as dt
import email.utils
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gate.client.calls import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How persistent a client is."""

    attempts: int = 4
    """Times a request is sent at most; 1 for no retries."""
    first: float = 0.5
    """Seconds the first wait lasts at most; each further one twice as long."""
    longest: float = 20.0
    """Seconds a wait lasts at most that GATE did not ask for."""
    patience: float = 60.0
    """Seconds of a Retry-After that are waited out; where GATE asks for more, the error is raised at once."""

    def wait_after_reply(
        self, call: Call[Any], *, attempt: int, status: int, headers: Mapping[str, str], chance: float
    ) -> float | None:
        """Seconds to wait before sending again; None where the reply is final. `attempt` counts from 1.

        A 429 was refused before anything was done, so every method may be sent again. After 502, 503 and 504 it is not known
        what was done: only what does the same when done twice is sent again.
        """
        again = status == 429 or (status in {502, 503, 504} and call.repeatable)
        if not again or attempt >= self.attempts:
            return None
        asked = retry_after(headers)
        if asked is None:
            return self._spread(attempt, chance)
        # Never earlier than asked, and not all at the same moment.
        return asked + chance * min(self.first, 1.0) if asked <= self.patience else None

    def wait_after_failure(self, call: Call[Any], *, attempt: int, unsent: bool, chance: float) -> float | None:
        """The same where no reply came; `unsent`: no connection was made, so that GATE cannot have done anything."""
        if attempt >= self.attempts or not (unsent or call.repeatable):
            return None
        return self._spread(attempt, chance)

    def _spread(self, attempt: int, chance: float) -> float:
        # Between half and all of the step, so that clients cut off together do not come back together.
        step: float = min(self.longest, self.first * 2 ** (attempt - 1))
        return step * (0.5 + chance / 2)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After (RFC 9110, section 10.2.3): a number, or a date, measured by the server's own clock."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    until, now = _date(text), _date(headers.get("date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _date(text: str) -> dt.datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
