"""`/token/`: access tokens of people, beyond the reference. `Gate` refreshes by itself; `Gate.sign_out` revokes."""

import datetime as dt
from dataclasses import dataclass, field

from gate.client.calls import Asked, C, Category, one, operation
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(Reply):
    """New tokens; the refresh token they were got with is used up."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_type: str
    expires_in: int
    """Seconds the access token lasts."""
    token_expires_at: dt.datetime
    refresh_expires_at: dt.datetime
    """When the refresh token ends, unless it is used before."""
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked(Reply):
    """Whatever was sent is good no more."""

    success: bool


# Soon after, the same refresh token is answered with the same tokens, so that a reply lost on the way costs no sign-in.
@operation("POST", "/token/refresh/", bearer=False, again=True)
def refresh(*, refresh_token: str) -> Asked[Tokens]:
    """New tokens for a refresh token, which works once. Raises Unauthorized."""
    return Asked(reads=one(Tokens), body={"refresh_token": refresh_token})


@operation("POST", "/token/revoke/", bearer=False)
def revoke(*, refresh_token: str) -> Asked[Revoked]:
    """End the sign-in a refresh token comes from: all its tokens. Answers alike whether there was anything to end."""
    return Asked(reads=one(Revoked), body={"refresh_token": refresh_token})


class TokenCategory(Category[C]):
    """`gate.token`."""

    refresh = refresh
    revoke = revoke
