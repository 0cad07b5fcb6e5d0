"""Who sees what. A `Scope` is what one caller may reach; every query of a room takes one as its first argument.

First wall: `Scoped.objects` adds the scope's organizations to each query and refuses to run without a scope.
Second wall: `enter` tells PostgreSQL the tenant, and row-level security (database/walls.py) hides every other tenant's
rows from the role the web processes run under, whatever the query says. See docs/tenancy.md.
"""

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any, ClassVar, Generic, Self, TypeVar

from django.db import connection, models

from gate.core.scope import Scope

__all__ = ["Among", "Scope", "ScopeMissing", "Scoped", "ScopedManager", "ScopedQuerySet", "activate", "current", "enter"]

M = TypeVar("M", bound=models.Model)


class ScopeMissing(RuntimeError):
    """A query was about to run without saying for whom: a fault in GATE, never in the request."""


_current: ContextVar[Scope | None] = ContextVar("gate_scope", default=None)


def current() -> Scope:
    """The scope entered by the way in. Raises ScopeMissing."""
    scope = _current.get()
    if scope is None:
        raise ScopeMissing("a tenant's table was queried without a scope")
    return scope


@contextlib.contextmanager
def enter(scope: Scope) -> Iterator[Scope]:
    """Let `Scoped.objects` work for `scope` within the block."""
    activate(scope.tenant_id)
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)


def activate(tenant_id: int) -> None:
    """Tell this connection's PostgreSQL session the tenant, for row-level security.

    The last tenant told is remembered on the connection, so that a run of requests for one tenant costs nothing. Inside a
    transaction it is not remembered: a rollback takes the setting back without our hearing of it.
    """
    if connection.connection is not None and getattr(connection, "gate_tenant", None) == (id(connection.connection), tenant_id):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gate.tenant', %s, false)", [str(tenant_id)])
    known = None if connection.in_atomic_block else (id(connection.connection), tenant_id)
    connection.gate_tenant = known  # type: ignore[attr-defined]  # our own mark on Django's wrapper


class Among(models.Func):
    """A condition: the column holds one of `ids`. One array in place of hundreds of values, which take long to parse and plan."""

    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()

    def __init__(self, column: str, ids: Sequence[int]) -> None:
        super().__init__(models.F(column), models.Value(list(ids), output_field=models.Field()))


class ScopedQuerySet(models.QuerySet[M], Generic[M]):
    """A query set already narrowed to a scope."""


class ScopedManager(models.Manager[M], Generic[M]):
    """The only door to a tenant's rows: every query set it gives is narrowed to a scope."""

    organization_field: ClassVar[str] = "organization_id"

    def within(self, scope: Scope) -> models.QuerySet[M]:
        """The rows `scope` may reach."""
        activate(scope.tenant_id)
        rows = super().get_queryset().filter(tenant_id=scope.tenant_id)
        if scope.whole_tenant:
            return rows
        return rows.filter(Among(self.organization_field, scope.organization_ids))

    def get_queryset(self) -> models.QuerySet[M]:
        """The rows of the scope entered. Raises ScopeMissing where none was."""
        return self.within(current())

    def get_by_natural_key(self, *_: Any) -> M:
        """Refused: natural keys cross tenants."""
        raise ScopeMissing("rows are never found by natural key")


class Scoped(models.Model):
    """A row that belongs to one organization of one tenant."""

    tenant = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()
    # For Django's own bookkeeping (save, refresh, foreign keys); the second wall still stands before it.
    unscoped: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "unscoped"
        default_manager_name = "objects"
