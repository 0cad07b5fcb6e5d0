"""Fortinet: the role is a user group; rates belong to its policy."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """VLAN and group."""
    yield from rendering.tunnel(limits)
    yield from rendering.one("Fortinet-Group-Name", limits.role)
