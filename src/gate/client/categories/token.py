"""`/token/`: access tokens of people, beyond the reference. `Gate` refreshes by itself; `Gate.sign_out` revokes."""

from dataclasses import dataclass, field

from gate.client.calls import Asked, C, Category, nothing, one, operation
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(Reply):
    """New tokens; the refresh token they were got with works no more."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


# Soon after, the same refresh token is answered with the same tokens, so that a reply lost on the way costs no sign-in.
@operation("POST", "/token/refresh/", bearer=False, again=True)
def refresh(*, refresh_token: str) -> Asked[Tokens]:
    """New tokens for a refresh token, which works once. Raises Unauthorized."""
    return Asked(reads=one(Tokens), body={"refresh_token": refresh_token})


@operation("POST", "/token/revoke/", bearer=False)
def revoke(*, refresh_token: str) -> Asked[None]:
    """End a sign-in: its refresh token and what was got with it."""
    return Asked(reads=nothing, body={"refresh_token": refresh_token})


class TokenCategory(Category[C]):
    """`gate.token`."""

    refresh = refresh
    revoke = revoke
