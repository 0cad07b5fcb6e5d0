"""Nomadix: rates in kbit/s, quotas of 32 bits in bytes, groups by number."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """A role that is no number has no attribute."""
    yield from rendering.kbit("Nomadix-Bw-Up", limits.rate_up)
    yield from rendering.kbit("Nomadix-Bw-Down", limits.rate_down)
    yield from rendering.number("Nomadix-MaxBytesUp", limits.quota_up)
    yield from rendering.number("Nomadix-MaxBytesDown", limits.quota_down)
    yield from rendering.number("Nomadix-Net-VLAN", limits.vlan)
    if limits.role.isascii() and limits.role.isdecimal():
        yield from rendering.number("Nomadix-Group-Policy-Id", int(limits.role))
    yield from rendering.one("Nomadix-URL-Redirection", limits.redirect_url)
