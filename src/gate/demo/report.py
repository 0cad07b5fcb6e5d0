"""What is needed to use the demo tenant, as JSON for programs and as text for people. Pure."""

import datetime as dt
import shlex
from typing import Any, Final

from gate.demo import plan
from gate.demo.types import Account, Tenant, Usage
from gate.settings import Settings

HOST: Final = "127.0.0.1"
_DEVICE: Final = "02-00-5E-00-53-01"
"""The device the printed lines play: a locally administered MAC address."""


def as_data(tenant: Tenant, usage: Usage, balances: dict[int, int], *, settings: Settings) -> dict[str, Any]:
    """The report as JSON values. `balances` are the seconds left of users limited by time, by id."""
    first = tenant.nas[plan.NETWORKS[0].short_name]
    owner = tenant.staff[plan.STAFF[0].username]
    return {
        "api": settings.api_url,
        "token": tenant.token,
        "console": {"url": f"{settings.public_url}/console/", "username": owner.user.username, "password": owner.password},
        "radius": {
            "host": HOST,
            "auth_port": settings.radius_auth_port,
            "acct_port": settings.radius_acct_port,
            "secret": first.secret,
            "nas_identifier": first.nas.nas_identifier,
        },
        "ap_mac": tenant.points[plan.ACCESS_POINTS[0].short_name].mac_addr,
        "users": [_user(tenant, person, balances) for person in plan.SUBSCRIBERS],
        "staff": [
            {
                "username": person.username,
                "password": tenant.staff[person.username].password,
                "organization": person.organization,
                "role": person.role,
            }
            for person in plan.STAFF
        ],
        "organization": {"id": tenant.organizations[plan.ROOT], "short_name": plan.ROOT},
        "sessions": {"new": usage.new, "stored": usage.stored, "open": usage.open},
    }


def as_text(tenant: Tenant, usage: Usage, balances: dict[int, int], *, settings: Settings) -> str:
    """The same for people, with lines to paste into a shell."""
    data = as_data(tenant, usage, balances, settings=settings)
    console, radius = data["console"], data["radius"]
    first: dict[str, Any] = data["users"][0]
    bearer = shlex.quote(f"Authorization: Bearer {data['token']}")
    # Another one each time: a session that has ended does not begin again.
    session = f'Acct-Session-Id = "demo-{int(tenant.now.timestamp()):x}"'
    lines = [
        "",
        f"The demo tenant {plan.ORGANIZATIONS[0].name} is ready: {usage.stored} sessions ({usage.open} open).",
        "Passwords and token are new each time gate demo runs; the earlier ones no longer work.",
        "",
        f"  Console       {console['url']}",
        f"                {console['username']}   {console['password']}",
        *(f"                {person['username']}   {person['password']}   ({person['role']})" for person in data["staff"][1:]),
        f"  REST API      {data['api']}",
        f"  Token         {data['token']}",
        f"  RADIUS        {radius['host']}, UDP ports {radius['auth_port']} (authentication), {radius['acct_port']} (accounting)",
        f"  Secret        {radius['secret']}   (of the NAS {radius['nas_identifier']} at {HOST})",
        f"  Access point  {data['ap_mac']}",
        "",
        "  Users",
        *(_line(user) for user in data["users"]),
        "",
        "  Sign the first user in (RADIUS PAP, then CHAP, which works where the organization keeps recoverable passwords):",
        f"    {_access(first, data, credential='User-Password')}",
        f"    {_access(first, data, credential='CHAP-Password')}",
        "  Begin and end a session:",
        f"    {_accounting(first, data, f'{session}, Acct-Status-Type = Start')}",
        f"    {_accounting(first, data, f'{session}, Acct-Status-Type = Stop, Acct-Session-Time = 60')}",
        "  Ask the REST API:",
        f"    curl -H {bearer} {shlex.quote(data['api'] + '/user/')}",
        f"    curl -H {bearer} {shlex.quote(data['api'] + '/aaa_accounting/')}",
        f"    curl -H {bearer} {shlex.quote(data['api'] + '/device_app_connection_summary/?time_period=30d')}",
        "",
    ]
    return "\n".join(lines)


def _user(tenant: Tenant, person: plan.Subscriber, balances: dict[int, int]) -> dict[str, Any]:
    account: Account = tenant.subscribers[person.username]
    user = account.user
    return {
        "username": user.username,
        "password": account.password,
        "organization": person.organization,
        "organization_id": user.organization_id,
        "profile": list(user.profile),
        "user_time": balances.get(user.id),
        "is_active": user.is_active,
        "expiration": None if user.expiration is None else _stamp(user.expiration),
        "state": person.state or "ready",
    }


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(user: dict[str, Any]) -> str:
    time = "no time limit" if user["user_time"] is None else f"{user['user_time']} s left"
    state = "" if user["state"] in {"ready", "out of credit"} else f", {user['state']}"
    profile = ", ".join(user["profile"])
    return f"    {user['username']:<26} {user['password']}   {user['organization']}, {profile}, {time}{state}"


def _common(user: dict[str, Any], data: dict[str, Any]) -> str:
    called = f"{data['ap_mac'].replace(':', '-')}:{plan.GUEST_SSID}"
    return (
        f'User-Name = "{user["username"]}", NAS-Identifier = "{data["radius"]["nas_identifier"]}",'
        f' Called-Station-Id = "{called}", Calling-Station-Id = "{_DEVICE}", NAS-Port-Type = Wireless-802.11'
    )


def _access(user: dict[str, Any], data: dict[str, Any], *, credential: str) -> str:
    words = f'{_common(user, data)}, {credential} = "{user["password"]}", Message-Authenticator = 0x00'
    return _radclient(words, data, port="auth_port", kind="auth")


def _accounting(user: dict[str, Any], data: dict[str, Any], words: str) -> str:
    return _radclient(f"{_common(user, data)}, {words}", data, port="acct_port", kind="acct")


def _radclient(words: str, data: dict[str, Any], *, port: str, kind: str) -> str:
    radius = data["radius"]
    return f"echo {shlex.quote(words)} | radclient -x {radius['host']}:{radius[port]} {kind} {shlex.quote(radius['secret'])}"
