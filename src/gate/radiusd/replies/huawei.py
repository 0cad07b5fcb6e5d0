"""Huawei: rates in bit/s; Input is what the client sends. The role is an ACL, by Filter-Id."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """Average rates, VLAN, ACL."""
    yield from rendering.number("Huawei-Input-Average-Rate", limits.rate_up)
    yield from rendering.number("Huawei-Output-Average-Rate", limits.rate_down)
    yield from rendering.tunnel(limits)
    yield from rendering.filter_id(limits)
