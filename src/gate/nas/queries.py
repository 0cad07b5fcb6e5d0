"""Reads of NAS for the ways in that act for someone. None of them gives a secret away."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.nas import models
from gate.nas.types import ListedNas, Nas

_COLUMNS = tuple(item.name for item in fields(Nas))


def get_nas(scope: Scope, *, nas_id: int) -> Nas:
    """One NAS. Raises NotFound."""
    found = models.Nas.objects.within(scope).filter(pk=nas_id).values(*_COLUMNS).first()
    if found is None:
        raise NotFound("No such NAS.")
    return Nas(**found)


def list_nas(scope: Scope, *, is_active: bool | None = None, limit: int, offset: int = 0) -> ListedNas:
    """NAS in the order of their ids."""
    rows = models.Nas.objects.within(scope)
    if is_active is not None:
        rows = rows.filter(is_active=is_active)
    found = rows.order_by("pk").values(*_COLUMNS)[offset : offset + limit]
    return ListedNas(count=rows.count(), results=[Nas(**row) for row in found])


def nas_names(scope: Scope, *, nas_ids: Sequence[int]) -> Mapping[int, str]:
    """Short names by id, of those of `nas_ids` the scope reaches."""
    return dict(models.Nas.objects.within(scope).filter(pk__in=nas_ids).values_list("pk", "short_name"))


def exists(scope: Scope) -> bool:
    """Whether there is any NAS at all."""
    return models.Nas.objects.within(scope).exists()
