"""What `gate up` tells the person who started it, once everything runs."""

import shlex
from dataclasses import dataclass, field

from gate.settings import Settings


@dataclass(frozen=True, slots=True)
class Owner:
    """The console account `gate init` knows about; `password` only if this start has made it."""

    url: str
    username: str
    password: str | None = field(repr=False)


def text(*, settings: Settings, owner: Owner | None) -> str:
    """The banner: addresses, how to sign in, what to try."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.radius_bind, settings.radius_bind)  # noqa: S104
    radius = f"[{host}]" if ":" in host else host
    udp = f"UDP ports {settings.radius_auth_port} (authentication) and {settings.radius_acct_port} (accounting)"
    rows = [
        ("Console", owner.url if owner is not None else f"{settings.public_url}/console/"),
        ("REST API", f"{settings.api_url}/docs/"),
        ("RADIUS", f"{settings.radius_bind}, {udp}"),
    ]
    if owner is not None and owner.password is not None:
        rows += [("Username", owner.username), ("Password", f"{owner.password}   (shown once: note it now)")]
    elif owner is not None:
        rows += [("Username", owner.username)]
    radclient = f"radclient -x {shlex.quote(f'{radius}:{settings.radius_auth_port}')} auth SECRET"
    tries = [
        "gate demo        fills in people, places and a NAS, and prints a token, a secret and passwords for the next lines",
        f"echo 'User-Name=NAME, User-Password=PASSWORD' | {radclient}",
        f"curl -H 'Authorization: Bearer TOKEN' {shlex.quote(f'{settings.api_url}/user/')}",
    ]
    lines = ["", "GATE is running.", ""]
    lines += [f"  {name:<10} {value}" for name, value in rows]
    lines += ["", "  Try it, in a second shell:"]
    lines += [f"    {line}" for line in tries]
    lines += ["", "  Ctrl-C stops GATE.", ""]
    return "\n".join(lines)
