"""A NAS whose make is not said: the attributes of the RFCs, and WISPr's, which most understand. Quotas have none."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """Rates in bit/s, VLAN as a tunnel, role as Filter-Id."""
    yield from rendering.wispr_rates(limits)
    yield from rendering.tunnel(limits)
    yield from rendering.filter_id(limits)
    yield from rendering.wispr_redirection(limits)
