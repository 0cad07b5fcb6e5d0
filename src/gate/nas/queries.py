"""Reads of NAS for the ways in that act for someone. None of them gives a secret away."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from gate.core.errors import Conflict, NotFound
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


def named(scope: Scope, *, name: str) -> Nas:
    """The NAS with that short name, else with that id. Raises NotFound, Conflict where several have the name."""
    rows = models.Nas.objects.within(scope)
    found = list(rows.filter(short_name=name).values(*_COLUMNS)[:2])
    if len(found) > 1:
        raise Conflict(f"Several NAS are called {name!r}: name it by its id.")
    if not found and name.isascii() and name.isdigit() and len(name) < 19:
        return get_nas(scope, nas_id=int(name))
    if not found:
        raise NotFound(f"There is no NAS {name!r}.")
    return Nas(**found[0])


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
