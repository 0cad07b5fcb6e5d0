"""Cisco's wireless controllers: Airespace attributes, rates in kbit/s, where "upstream" is what the client sends.

Cisco-Sub-QoS-Pol-In and -Out name policies that the controller has, so that a rate cannot be said by them; an operator's own
reply items can.
"""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """Role as the name of an ACL, redirection as an AVPair."""
    yield from rendering.kbit("Airespace-Data-Bandwidth-Average-Contract-Upstream", limits.rate_up)
    yield from rendering.kbit("Airespace-Data-Bandwidth-Average-Contract", limits.rate_down)
    yield from rendering.tunnel(limits)
    yield from rendering.one("Airespace-ACL-Name", limits.role)
    if limits.redirect_url:
        yield from rendering.one("Cisco-AVPair", f"url-redirect={limits.redirect_url}")
