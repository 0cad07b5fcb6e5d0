"""Ubiquiti: UniFi reads WISPr's rates, airOS its own; both in bit/s."""

from gate.access.types import Limits
from gate.radiusd.replies import generic, rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """The generic ones, and UL (what the client sends) and DL."""
    yield from generic.render(limits)
    yield from rendering.number("UBNT-Data-Rate-UL", limits.rate_up)
    yield from rendering.number("UBNT-Data-Rate-DL", limits.rate_down)
