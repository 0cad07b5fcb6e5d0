"""HP and HPE switches: rates in kbit/s, ingress being what the client sends."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """Rates, role and page in HP's attributes, VLAN as a tunnel."""
    yield from rendering.kbit("HP-Bandwidth-Max-Ingress", limits.rate_up)
    yield from rendering.kbit("HP-Bandwidth-Max-Egress", limits.rate_down)
    yield from rendering.tunnel(limits)
    yield from rendering.one("HP-User-Role", limits.role)
    yield from rendering.one("HP-Captive-Portal-URL", limits.redirect_url)
