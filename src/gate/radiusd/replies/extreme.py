"""Extreme: Symbol's limits, which WiNG reads, are texts in kbit/s; the role is Filter-Id."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """Rates, VLAN, role."""
    yield from rendering.one("Symbol-Uplink-Limit", rendering.kbits(limits.rate_up))
    yield from rendering.one("Symbol-Downlink-Limit", rendering.kbits(limits.rate_down))
    yield from rendering.tunnel(limits)
    yield from rendering.filter_id(limits)
