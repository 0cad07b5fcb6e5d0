"""Reading tokens: without their secret, which is stored nowhere."""

import dataclasses
from typing import Any

from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.tokens import models
from gate.tokens.types import Token

_COLUMNS = tuple(field.name for field in dataclasses.fields(Token))


def get(scope: Scope, token_id: int) -> Token:
    """One token of the scope. Raises NotFound."""
    row = models.ApiToken.objects.within(scope).filter(pk=token_id).values(*_COLUMNS).first()
    if row is None:
        raise NotFound("There is no such token.")
    return _token(row)


def count(scope: Scope) -> int:
    """How many tokens the scope reaches, revoked ones too."""
    return models.ApiToken.objects.within(scope).count()


def list_page(scope: Scope, *, limit: int, offset: int) -> list[Token]:
    """The tokens of the scope, newest first, from `offset` on, at most `limit`."""
    rows = models.ApiToken.objects.within(scope).order_by("-pk").values(*_COLUMNS)[offset : offset + limit]
    return [_token(row) for row in rows]


def _token(row: dict[str, Any]) -> Token:
    return Token(**{**row, "permissions": tuple(row["permissions"]), "networks": tuple(row["networks"])})
