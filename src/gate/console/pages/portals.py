"""Portals: how guests of an organization, and of those below it, are let in."""

import dataclasses
from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest

from gate.console import permissions
from gate.console.pages.base import CommandAdmin, values
from gate.console.unfolded import AnyForm, AutocompleteSelectFilter
from gate.core.tenancy import Scope
from gate.portals import commands, queries
from gate.portals.models import Portal
from gate.portals.types import PortalDraft

_NAMES = tuple(item.name for item in dataclasses.fields(PortalDraft))


class PortalAdmin(CommandAdmin[Portal]):
    """One an organization; where there is none, that of the nearest organization above counts."""

    category = permissions.PORTALS
    list_display = ("name", "organization", "active", "register_unknown", "last_change")
    list_select_related = ("organization",)
    list_filter = ("is_active", ("organization", AutocompleteSelectFilter))
    search_fields = ("name", "short_name")
    autocomplete_fields = ("organization", "profile")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": (("name", "short_name"), "organization", "is_active")}),
        ("Guests", {"fields": ("register_unknown", "profile")}),
        ("How long", {"fields": (("session_timeout", "idle_timeout"),)}),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Labels as people say it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "register_unknown":
            field.label = "Register unknown guests"
        return field

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new portal."""
        return commands.create(scope, draft=PortalDraft(**values(form, _NAMES))).id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """A changed one."""
        stored = queries.get(scope, row_id)
        held = {name: getattr(stored, name) for name in _NAMES}
        commands.update(scope, row_id, draft=PortalDraft(**{**held, **values(form, _NAMES)}))

    def remove(self, scope: Scope, row_id: int) -> None:
        """One less: the portal above counts from now on."""
        commands.delete(scope, row_id)


ALL: tuple[tuple[type[Model], type[CommandAdmin[Any]]], ...] = ((Portal, PortalAdmin),)
