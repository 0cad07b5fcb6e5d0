"""Cambium: WISPr's rates, quotas with what the vendor writes "Gigwords".

Cambium-VLAN-Pool-Id names a pool, not a VLAN, so the VLAN is a tunnel.
"""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """Quotas in Cambium's attributes."""
    quota = "Cambium-Traffic-Quota-Limit"
    yield from rendering.wispr_rates(limits)
    yield from rendering.octets(f"{quota}-Up", f"{quota}-Up-Gigwords", limits.quota_up)
    yield from rendering.octets(f"{quota}-Down", f"{quota}-Down-Gigwords", limits.quota_down)
    yield from rendering.octets(f"{quota}-Total", f"{quota}-Total-Gigwords", limits.quota_total)
    yield from rendering.tunnel(limits)
    yield from rendering.filter_id(limits)
    yield from rendering.wispr_redirection(limits)
