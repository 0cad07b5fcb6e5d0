"""All NAS, a page at a time, for exports: like every query of this room without their secrets."""

from dataclasses import fields

from gate.core.tenancy import Scope
from gate.nas import models
from gate.nas.types import Nas

_COLUMNS = tuple(item.name for item in fields(Nas))


def after(scope: Scope, nas_id: int, *, limit: int) -> list[Nas]:
    """The next NAS of the scope by id, beyond `nas_id`, at most `limit`."""
    rows = models.Nas.objects.within(scope).filter(pk__gt=nas_id).order_by("pk")
    return [Nas(**row) for row in rows.values(*_COLUMNS)[:limit]]
