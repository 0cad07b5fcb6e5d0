"""MikroTik, seen from the router: `rx` and `Recv` are what the client sends.

No Filter-Id: to RouterOS it is the name of a firewall chain. The hotspot takes Mikrotik-Group as the user's profile.
"""

from gate.access.types import Limits
from gate.radiusd.replies import rendering
from gate.radiusd.replies.rendering import Groups, item


def render(limits: Limits) -> Groups:
    """Rates in bit/s as one text, quotas with gigawords, VLAN for wireless clients and as a tunnel."""
    if limits.rate_up is not None or limits.rate_down is not None:
        # 0 is no limit; a lone rx would hold for both directions.
        yield (item("Mikrotik-Rate-Limit", f"{limits.rate_up or 0}/{limits.rate_down or 0}"),)
    yield from rendering.octets("Mikrotik-Recv-Limit", "Mikrotik-Recv-Limit-Gigawords", limits.quota_up)
    yield from rendering.octets("Mikrotik-Xmit-Limit", "Mikrotik-Xmit-Limit-Gigawords", limits.quota_down)
    yield from rendering.octets("Mikrotik-Total-Limit", "Mikrotik-Total-Limit-Gigawords", limits.quota_total)
    if limits.vlan is not None:
        # Type 0 is IEEE 802.1Q.
        yield (item("Mikrotik-Wireless-VLANID", limits.vlan), item("Mikrotik-Wireless-VLANID-Type", 0))
    yield from rendering.tunnel(limits)
    yield from rendering.one("Mikrotik-Group", limits.role)
    yield from rendering.one("Mikrotik-Advertise-URL", limits.redirect_url)
    yield from rendering.wispr_redirection(limits)
