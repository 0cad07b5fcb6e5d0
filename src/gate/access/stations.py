"""Of what may speak for a device by its MAC address, which does. Pure.

An operator's word goes first while it holds, then a portal's session, then the device's own registration; a word of an operator
that holds no more comes last, so that it stands in no guest's way and still says why nobody came in. `rules.decide` then decides
as about everything.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from gate.access.types import Proof, StationFacts


class Station(NamedTuple):
    """What `sql.LOOK_UP_GUESTS` says of a device known by its MAC address, in the order of its columns."""

    kind: str
    """`mac` or `device`, as `Proof` has them."""
    id: int
    is_active: bool
    expires: dt.datetime | None
    path: str
    """The place in the tree of the organization it is authorised for, or its user's."""
    organization_id: int
    is_blocked: bool
    username: str

    @property
    def proof(self) -> Proof:
        """What it is a proof of."""
        return Proof(self.kind)

    def is_at(self, path: str) -> bool:
        """Whether it counts at a NAS of the organization at `path`; a user's device does at every NAS of the tenant."""
        return self.kind == Proof.DEVICE or f"{path}.".startswith(f"{self.path}.")

    def holds(self, *, path: str, now: dt.datetime) -> bool:
        """Whether an operator's word holds here and now."""
        in_time = self.expires is None or self.expires > now
        return self.kind == Proof.MAC and self.is_active and in_time and self.is_at(path)

    def facts(self, *, path: str, organization_active: bool) -> StationFacts:
        """As a decision looks at it."""
        return StationFacts(
            id=self.id, username=self.username, is_active=self.is_active, expires=self.expires, is_here=self.is_at(path),
            organization_active=organization_active, is_blocked=self.is_blocked,
        )  # fmt: skip


def choose(stations: Sequence[Station], *, has_other: bool, path: str, now: dt.datetime) -> int | None:
    """The place of the one that speaks, of several of operators the nearest to the NAS; None where none does.

    `has_other`: a portal's session or a user of this very name is known, and goes before what is no operator's word that holds.
    """

    def rank(place: int) -> tuple[bool, bool, bool, int]:
        one = stations[place]
        return one.holds(path=path, now=now), one.kind == Proof.DEVICE, one.is_at(path), one.path.count(".")

    if not stations:
        return None
    best = max(range(len(stations)), key=rank)
    return None if has_other and not stations[best].holds(path=path, now=now) else best
