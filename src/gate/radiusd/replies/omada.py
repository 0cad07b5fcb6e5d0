"""TP-Link Omada: WISPr's rates; quotas of 32 bits, so that a larger one ends the session after 4 GiB.

Recv is what the client sends.
"""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups


def render(limits: Limits) -> Groups:
    """Quotas and page in TP-Link's attributes."""
    yield from rendering.wispr_rates(limits)
    yield from rendering.number("TPLink-Recv-limit", limits.quota_up)
    yield from rendering.number("TPLink-Xmit-limit", limits.quota_down)
    yield from rendering.tunnel(limits)
    yield from rendering.filter_id(limits)
    yield from rendering.one("TPLink-Redirect-Url", limits.redirect_url)
