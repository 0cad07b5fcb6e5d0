"""What a NAS does with one session id over time: sessions one after the other, and the packets each of them sends."""

import dataclasses
from typing import Any

from hypothesis import strategies as st

from gate.accounting.updates import Update
from updates import STARTED, update


@dataclasses.dataclass(frozen=True)
class Life:
    """One session as it really was."""

    start: float
    seconds: int
    """Until its last packet."""
    stopped: bool
    packets: list[Update]


@st.composite
def lives(draw: Any, *, who: dict[str, Any], most: int = 3) -> list[Life]:
    """Sessions of one id: each begins when the one before is over, and says when, by its Start or by session times."""
    found = []
    at = STARTED
    for _ in range(draw(st.integers(1, most))):
        moments = sorted(draw(st.sets(st.integers(1, 20_000), max_size=4)))
        stopped = bool(moments) and draw(st.booleans())
        begun = draw(st.booleans()) or not moments
        packets = [update(**who, start_seen=True, started=at, updated=at)] if begun else []
        for seconds in moments:
            last = stopped and seconds == moments[-1]
            packets.append(
                update(
                    **who,
                    started=at,
                    updated=at + seconds,
                    stopped=at + seconds if last else None,
                    acctterminatecause="User-Request" if last else None,
                    acctsessiontime=seconds,
                    acctinputoctets=seconds * 1000,
                    acctoutputoctets=seconds * 2**20,
                    narrow=False,
                    framedipaddress=draw(st.sampled_from([None, "198.51.100.4"])),
                    ipv6=draw(st.sampled_from([None, '{"prefix": "2001:db8::/64"}', '{"address": "2001:db8::7"}'])),
                )
            )
        seconds = moments[-1] if moments else 0
        found.append(Life(start=at, seconds=seconds, stopped=stopped, packets=packets))
        at += max(seconds + 11, 31) + draw(st.integers(0, 100_000))
    return found
