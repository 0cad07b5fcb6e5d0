"""The access token of a person: a JWT (RFC 7519) signed with HMAC-SHA256 under a key of this install.

It says who signed in and when that ends, and nothing that the database does not say better: what the bearer may do is looked
up (persons.py). One algorithm is written and that one alone is read, so a token cannot choose how it is checked (RFC 8725
section 3.1). `kid` names the key; a token signed under another secret key is refused.
"""

import datetime as dt
import re
import secrets
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.types import Options

from gate.core import seal

_ALGORITHM = "HS256"
_PURPOSE = "access-token"
_ISSUER = "gate"
_AUDIENCE = "gate-api"
_REQUIRED = ["iss", "aud", "sub", "iat", "exp", "jti", "tid", "org", "sid", "pwv"]
_SHAPE = re.compile(r"eyJ[A-Za-z0-9_-]{8,500}\.[A-Za-z0-9_-]{8,1500}\.[A-Za-z0-9_-]{43}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says."""

    user_id: int
    tenant_id: int
    organization_id: int
    """The user's at the time it was made; the present one counts."""
    role: str
    """As above."""
    device_id: int | None
    family_id: int
    password_version: int
    issued: dt.datetime
    expires: dt.datetime


def encode(claims: Claims) -> str:
    """The signed token."""
    body: dict[str, Any] = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": str(claims.user_id),
        "iat": int(claims.issued.timestamp()),
        "exp": int(claims.expires.timestamp()),
        "jti": secrets.token_urlsafe(12),
        "tid": claims.tenant_id,
        "org": claims.organization_id,
        "role": claims.role,
        "did": claims.device_id,
        "sid": claims.family_id,
        "pwv": claims.password_version,
    }
    return jwt.encode(body, seal.key(_PURPOSE), algorithm=_ALGORITHM, headers={"kid": seal.fingerprint(_PURPOSE).hex()})


def decode(token: str) -> Claims | None:
    """What a token of ours says, also one that has expired: the caller compares `expires`. None for anything else."""
    if not _SHAPE.match(token):
        return None
    # Times are compared by the caller, with the clock of core/clock.py.
    checks: Options = {"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        body = jwt.decode(token, seal.key(_PURPOSE), algorithms=[_ALGORITHM], issuer=_ISSUER, audience=_AUDIENCE, options=checks)
        return Claims(
            user_id=int(body["sub"]),
            tenant_id=int(body["tid"]),
            organization_id=int(body["org"]),
            role=str(body.get("role", "")),
            device_id=None if body.get("did") is None else int(body["did"]),
            family_id=int(body["sid"]),
            password_version=int(body["pwv"]),
            issued=dt.datetime.fromtimestamp(int(body["iat"]), tz=dt.UTC),
            expires=dt.datetime.fromtimestamp(int(body["exp"]), tz=dt.UTC),
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError):
        return None
