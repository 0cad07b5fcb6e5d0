"""Ruckus: WISPr's rates, its own VLAN and groups. What Ruckus-Traffic-Quota holds is not published, so quotas are not sent."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """VLAN twice: ZoneDirector and SmartZone read one or the other."""
    yield from rendering.wispr_rates(limits)
    yield from rendering.number("Ruckus-VLAN-ID", limits.vlan)
    yield from rendering.tunnel(limits)
    yield from rendering.one("Ruckus-User-Groups", limits.role)
    yield from rendering.wispr_redirection(limits)
