"""Making and revoking tokens. Nobody gives a token more than they have."""

import datetime as dt
import secrets
from collections.abc import Collection

from gate.core import clock
from gate.core.errors import Invalid, NotFound
from gate.core.tenancy import Scope, activate
from gate.tokens import bearer, models, queries, rules
from gate.tokens.types import NewToken, Token


def create(
    scope: Scope,
    *,
    name: str,
    permissions: Collection[str],
    networks: Collection[str] = (),
    expires: dt.datetime | None = None,
    organization_id: int | None = None,
) -> NewToken:
    """A new token for the caller's organization, or one below it. `plain` in the answer is seen this once.

    Raises Invalid for bad values, Forbidden for permissions the caller lacks.
    """
    rules.check_new(scope, name=name, permissions=permissions, networks=networks)
    now = clock.now()
    if expires is not None and expires <= now:
        raise Invalid.field("expires", "lies in the past")
    belongs = scope.organization_id if organization_id is None else organization_id
    if not scope.covers(belongs):
        raise Invalid.field("organization", "there is no such organization")
    plain = rules.PREFIX + secrets.token_urlsafe(rules.SECRET_BYTES)
    row = models.ApiToken(
        tenant_id=scope.tenant_id,
        organization_id=belongs,
        name=name.strip(),
        prefix=plain[: rules.SHOWN],
        digest=bearer.digest_of(plain),
        permissions=sorted(set(permissions)),
        networks=list(networks),
        created=now,
        created_by=scope.actor,
        expires=expires,
    )
    activate(scope.tenant_id)
    row.save(force_insert=True)
    return NewToken(token=queries.get(scope, row.pk), plain=plain)


def revoke(scope: Scope, token_id: int) -> Token:
    """End a token now; other processes notice within 15 seconds. Revoking twice keeps the first moment. Raises NotFound."""
    rows = models.ApiToken.objects.within(scope).filter(pk=token_id)
    if not rows.exists():
        raise NotFound("There is no such token.")
    rows.filter(revoked=None).update(revoked=clock.now())
    bearer.forget()
    return queries.get(scope, token_id)
