"""Meraki: the role is a group policy, by Filter-Id; rates and redirection belong to that policy."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """VLAN and group policy."""
    yield from rendering.tunnel(limits)
    yield from rendering.filter_id(limits)
