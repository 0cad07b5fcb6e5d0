"""The dashboard: what happened in the last day, from rows, kept half a minute for each scope."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.urls import reverse

from gate.access import overview as access
from gate.accounting import overview as accounting
from gate.console import human, permissions
from gate.core import clock, tenancy
from gate.core.tenancy import Scope
from gate.nas import queries as nas
from gate.places import queries as places

KEPT = 30
"""Seconds a scope's figures are kept in a web process."""
_BUSIEST, _REFUSALS = 6, 6

REASONS: Mapping[str, str] = {
    "unknown-user": "Unknown user",
    "wrong-password": "Wrong password",
    "no-credential": "No credential",
    "password-not-recoverable": "CHAP or MS-CHAP, but only a hash is kept",
    "organization-inactive": "Organization inactive",
    "disabled": "User inactive",
    "expired": "User expired",
    "no-credit": "No time left",
    "check-failed": "Check item failed",
    "eap-failed": "EAP failed",
    "proxied": "Refused by a home server",
    "home-servers-silent": "No home server answered",
    "proxy-loop": "Sent round by proxies",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the page shows, as of `at`."""

    at: dt.datetime
    open_sessions: int
    sign_ins: Sequence[access.SignIns]
    traffic: Sequence[accounting.Traffic]
    busiest: Sequence[tuple[int, str, int, int]]
    """Id, name, open sessions, octets."""
    refusals: Sequence[tuple[access.RefusedSignIn, str]]
    """With the short name of the NAS."""
    has_nas: bool


def figures(scope: Scope) -> Figures:
    """The figures of a scope, at most `KEPT` seconds old."""
    reach = hashlib.sha256(repr((scope.tenant_id, scope.organization_id, scope.organization_ids)).encode()).hexdigest()
    key = f"gate-dashboard-{reach}"
    found: Figures | None = cache.get(key)
    if found is None:
        found = _read(scope)
        cache.set(key, found, KEPT)
    return found


def context() -> dict[str, Any]:
    """What the template draws, for the person signed in."""
    scope = tenancy.current()
    if not permissions.may(permissions.SESSIONS, "read"):
        return {"figures": None}
    shown = figures(scope)
    accepted, refused = sum(hour.accepted for hour in shown.sign_ins), sum(hour.refused for hour in shown.sign_ins)
    up, down = sum(hour.up for hour in shown.traffic), sum(hour.down for hour in shown.traffic)
    return {
        "figures": shown,
        "cards": [
            {"label": "Live sessions", "value": f"{shown.open_sessions:,}", "note": "open now",
             "link": _sessions(status="active")},
            {"label": "Sign-ins accepted", "value": f"{accepted:,}", "note": "last 24 hours", "link": None},
            {"label": "Sign-ins refused", "value": f"{refused:,}", "note": _share(refused, accepted + refused), "link": None},
            {"label": "Traffic", "value": human.octets(up + down), "note": f"{human.octets(down)} down, {human.octets(up)} up",
             "link": _sessions()},
        ],
        "sign_in_chart": _sign_in_chart(shown.sign_ins) if accepted + refused else "",
        "traffic_chart": _traffic_chart(shown.traffic) if up + down else "",
        "traffic_unit": human.scale(max(max(hour.up, hour.down) for hour in shown.traffic))[1],
        "stacked": json.dumps(_options(stacked=True)),
        "lines": json.dumps(_options(stacked=False)),
        "busiest": [
            {"name": name, "link": _sessions(access_point=number), "open": f"{live:,}", "octets": human.octets(octets)}
            for number, name, live, octets in shown.busiest
        ],
        "refusals": [
            {"refusal": refusal, "nas": name, "reason": REASONS.get(refusal.reason, refusal.reason)}
            for refusal, name in shown.refusals
        ],
        "may_add_nas": permissions.may(permissions.NAS, "write"),
        "as_of": shown.at.strftime("%H:%M:%S"),
    }  # fmt: skip


def _read(scope: Scope) -> Figures:
    now = clock.now()
    busiest = accounting.busiest_access_points(scope, now=now, limit=_BUSIEST)
    refusals = access.recent_refusals(scope, now=now, limit=_REFUSALS)
    names = places.access_point_names(scope, access_point_ids=[point.access_point_id for point in busiest])
    clients = nas.nas_names(scope, nas_ids=[refusal.nas_id for refusal in refusals])
    return Figures(
        at=now,
        open_sessions=accounting.open_sessions(scope),
        sign_ins=access.sign_ins_by_hour(scope, now=now),
        traffic=accounting.traffic_by_hour(scope, now=now),
        busiest=[
            (point.access_point_id, names[point.access_point_id], point.open_sessions, point.octets)
            for point in busiest
            if point.access_point_id in names
        ],
        refusals=[(refusal, clients.get(refusal.nas_id, "-")) for refusal in refusals],
        has_nas=nas.exists(scope),
    )


def _sessions(**filters: object) -> str:
    return f"{reverse('admin:sessions')}?{urlencode(filters)}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%} of all" if whole else "last 24 hours"


def _sign_in_chart(hours: Sequence[access.SignIns]) -> str:
    return json.dumps(
        {
            "labels": [hour.hour.strftime("%H:00") for hour in hours],
            "datasets": [
                {"label": "Accepted", "data": [hour.accepted for hour in hours], "backgroundColor": "var(--color-primary-500)"},
                {"label": "Refused", "data": [hour.refused for hour in hours], "backgroundColor": "#e4574f"},
            ],
        }
    )


def _traffic_chart(hours: Sequence[accounting.Traffic]) -> str:
    divisor, _ = human.scale(max(max(hour.up, hour.down) for hour in hours))
    down = [round(hour.down / divisor, 3) for hour in hours]
    up = [round(hour.up / divisor, 3) for hour in hours]
    return json.dumps(
        {
            "labels": [hour.hour.strftime("%H:00") for hour in hours],
            "datasets": [_line("Down", down, "var(--color-primary-500)"), _line("Up", up, "#d9942b")],
        }
    )


def _line(label: str, data: Sequence[float], color: str) -> dict[str, Any]:
    shape = {"borderWidth": 2, "pointRadius": 0, "tension": 0.3, "fill": False}
    return {"label": label, "data": data, "borderColor": color, "backgroundColor": color, **shape}


def _options(*, stacked: bool) -> dict[str, Any]:
    """Chart.js options; unfold sets the colors of the grid by the theme."""
    ticks = {"color": "#7d8698", "maxRotation": 0, "autoSkip": True, "maxTicksLimit": 8}
    return {
        "responsive": True,
        "maintainAspectRatio": False,
        "animation": False,
        "barPercentage": 0.9,
        "categoryPercentage": 0.8,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {
            "legend": {"display": True, "align": "end", "labels": {"boxWidth": 8, "boxHeight": 8, "color": "#7d8698"}},
        },
        "scales": {
            "x": {"stacked": stacked, "border": {"display": False}, "grid": {"display": False}, "ticks": ticks},
            "y": {
                "stacked": stacked,
                "beginAtZero": True,
                "border": {"display": False},
                "grid": {},
                "ticks": {**ticks, "maxTicksLimit": 5},
            },
        },
    }
