"""Aruba: rates belong to the role on the controller; there are no attributes for them, nor for quotas."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """Role, VLAN, page."""
    yield from rendering.number("Aruba-User-Vlan", limits.vlan)
    yield from rendering.one("Aruba-User-Role", limits.role)
    yield from rendering.one("Aruba-Captive-Portal-URL", limits.redirect_url)
