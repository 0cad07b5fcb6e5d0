"""What `gate up` tells the person who started it, once everything runs."""

import os
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from gate.settings import Settings


@dataclass(frozen=True, slots=True)
class Owner:
    """The console account `gate init` knows about; `password` only if this start has made it."""

    url: str
    username: str
    password: str | None = field(repr=False)


def command() -> str:
    """How a second shell in this folder calls `gate`: by its name where the path knows it, else by where it lies."""
    program = Path(sys.executable).with_name("gate")
    found = shutil.which("gate")
    if found is not None and Path(found).exists() and program.exists() and program.samefile(found):
        return "gate"
    near = os.path.relpath(program)
    return shlex.quote(str(program) if near.startswith("..") else near)


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
        f"{command()} demo   fills in people, places and a NAS, and prints a token, a secret and passwords for the next lines",
        f"echo 'User-Name=NAME, User-Password=PASSWORD' | {radclient}",
        f"curl -H 'Authorization: Bearer TOKEN' {shlex.quote(f'{settings.api_url}/user/')}",
    ]
    lines = ["", "GATE is running.", ""]
    lines += [f"  {name:<10} {value}" for name, value in rows]
    lines += ["", "  Try it, in a second shell:"]
    lines += [f"    {line}" for line in tries]
    lines += ["", "  Ctrl-C stops GATE.", ""]
    return "\n".join(lines)
