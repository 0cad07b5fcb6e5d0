"""Reading profiles. Profiles above the caller's organization may be assigned, but are never shown: `resolve` gives ids alone."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from gate.core.errors import NotFound
from gate.core.tenancy import Scope, activate
from gate.profiles import models
from gate.profiles.types import Item, Profile


def profile_of(row: models.Profile) -> Profile:
    """The row as it leaves the room."""
    return Profile(
        id=row.pk,
        tenant_id=row.tenant_id,
        organization_id=row.organization_id,
        name=row.name,
        short_name=row.short_name,
        description=row.description,
        reply_attribute=_items(row.reply_attribute),
        check_attribute=_items(row.check_attribute),
        created=row.created,
        last_change=row.last_change,
        rate_up=row.rate_up,
        rate_down=row.rate_down,
        quota_up=row.quota_up,
        quota_down=row.quota_down,
        quota_total=row.quota_total,
        session_timeout=row.session_timeout,
        idle_timeout=row.idle_timeout,
        vlan=row.vlan,
        role=row.role,
        redirect_url=row.redirect_url,
        max_sessions=row.max_sessions,
    )


def get(scope: Scope, profile_id: int) -> Profile:
    """One profile of the scope. Raises NotFound."""
    row = models.Profile.objects.within(scope).filter(pk=profile_id).first()
    if row is None:
        raise NotFound("There is no such profile.")
    return profile_of(row)


def count(scope: Scope, *, organization_id: int | None = None, short_name: str | None = None) -> int:
    """How many profiles of the scope match."""
    return _matching(scope, organization_id, short_name).count()


def list_page(
    scope: Scope, *, limit: int, offset: int, organization_id: int | None = None, short_name: str | None = None
) -> list[Profile]:
    """The matching profiles of the scope by id, from `offset` on, at most `limit`."""
    return [profile_of(row) for row in _matching(scope, organization_id, short_name)[offset : offset + limit]]


def resolve(scope: Scope, short_names: Collection[str], *, organization_ids: Collection[int]) -> dict[str, int]:
    """Lower-case short name to id, for those of the tenant's profiles that belong to one of `organization_ids`."""
    activate(scope.tenant_id)
    rows = (
        models.Profile.unscoped.filter(tenant_id=scope.tenant_id, organization_id__in=organization_ids)
        .annotate(key=Lower("short_name"))
        .filter(key__in=[name.lower() for name in short_names])
    )
    return dict(rows.values_list("key", "pk"))


def short_names(scope: Scope, profile_ids: Collection[int]) -> dict[int, str]:
    """Short names of the tenant's profiles with these ids."""
    activate(scope.tenant_id)
    rows = models.Profile.unscoped.filter(tenant_id=scope.tenant_id, pk__in=profile_ids)
    return dict(rows.values_list("pk", "short_name"))


def _items(stored: Iterable[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(attribute=item["attribute"], op=item["op"], value=item["value"]) for item in stored)


def _matching(scope: Scope, organization_id: int | None, short_name: str | None) -> QuerySet[models.Profile]:
    wanted = Q()
    if organization_id is not None:
        wanted &= Q(organization_id=organization_id)
    if short_name is not None:
        wanted &= Q(short_name__iexact=short_name)
    return models.Profile.objects.within(scope).filter(wanted).order_by("pk")
