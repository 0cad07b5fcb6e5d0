"""CoovaChilli: rates in kbit/s, quotas with gigawords; Input is what the client sends."""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """All but the redirection in ChilliSpot's attributes."""
    yield from rendering.kbit("ChilliSpot-Bandwidth-Max-Up", limits.rate_up)
    yield from rendering.kbit("ChilliSpot-Bandwidth-Max-Down", limits.rate_down)
    yield from rendering.octets("ChilliSpot-Max-Input-Octets", "ChilliSpot-Max-Input-Gigawords", limits.quota_up)
    yield from rendering.octets("ChilliSpot-Max-Output-Octets", "ChilliSpot-Max-Output-Gigawords", limits.quota_down)
    yield from rendering.octets("ChilliSpot-Max-Total-Octets", "ChilliSpot-Max-Total-Gigawords", limits.quota_total)
    yield from rendering.number("ChilliSpot-VLAN-Id", limits.vlan)
    yield from rendering.filter_id(limits)
    yield from rendering.wispr_redirection(limits)
