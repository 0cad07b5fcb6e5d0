"""pfSense: rates in bit/s; one quota, of 32 bits, for both directions together."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """Rates and quota in pfSense's attributes. A captive portal on a router has no VLANs to give."""
    yield from rendering.number("pfSense-Bandwidth-Max-Up", limits.rate_up)
    yield from rendering.number("pfSense-Bandwidth-Max-Down", limits.rate_down)
    yield from rendering.number("pfSense-Max-Total-Octets", limits.quota_total)
    yield from rendering.filter_id(limits)
    yield from rendering.wispr_redirection(limits)
