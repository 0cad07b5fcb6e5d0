"""Home servers, pools and realms: whose sign-ins go to other RADIUS servers. A secret is typed in and never shown."""

# ruff: noqa: ARG002  Django and unfold hand every hook the request and the row.

import dataclasses
import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from gate.attributes import RadiusDictionary
from gate.console import permissions
from gate.console.pages.base import CommandAdmin, CommandForm, badge, values
from gate.console.unfolded import AnyForm, AutocompleteSelectFilter, PasswordInput, TextInputWidget
from gate.core import clock, tenancy
from gate.core.scope import Scope
from gate.realms import commands, queries, rules
from gate.realms.models import HomeServer, Pool, Realm
from gate.realms.types import HomeServerDraft, PoolDraft, RealmDraft

_SERVER, _POOL, _REALM = (
    tuple(item.name for item in dataclasses.fields(kind)) for kind in (HomeServerDraft, PoolDraft, RealmDraft)
)
_LABELS = {
    "auth_port": "Port of sign-ins", "acct_port": "Port of accounting", "tls_name": "Name in its certificate",
    "zombie_period": "Zombie period", "revive_after": "Tried again after", "check_interval": "Asked every",
    "reply_attributes": "Attributes let through", "strip": "Take the realm off", "accounting": "Forward accounting",
    "when_dead": "When nobody answers", "message_authenticator": "Message-Authenticator",
}  # fmt: skip


class _Page(CommandAdmin[Any]):
    """What the three have in common."""

    category = permissions.REALMS
    list_select_related: ClassVar[Any] = ("organization",)
    list_filter: ClassVar[Any] = (("organization", AutocompleteSelectFilter),)
    readonly_fields: ClassVar[Any] = ("created", "last_change")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Labels as people say it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in _LABELS:
            field.label = _LABELS[db_field.name]
        return field


class HomeServerForm(CommandForm):
    """The secret goes in here and comes out nowhere."""

    secret = forms.CharField(
        required=False, strip=False, widget=PasswordInput, label="Shared secret",
        help_text=f"{rules.LEAST_SECRET} characters or more. Kept encrypted and never shown; empty: it stays as it is.",
    )  # fmt: skip


class HomeServerAdmin(_Page):
    """RADIUS servers of others, and whether they work."""

    form = HomeServerForm
    list_display = ("name", "shown_host", "transport", "organization", "sign_ins", "accounting", "active", "last_change")
    list_select_related: ClassVar[Any] = ("organization", "health_row")
    list_filter: ClassVar[Any] = ("is_active", ("organization", AutocompleteSelectFilter))
    search_fields = ("name", "host")
    autocomplete_fields = ("organization",)
    readonly_fields: ClassVar[Any] = ("created", "last_change", "sign_ins", "accounting", "last_heard")

    @admin.display(description="Address", ordering="host")
    def shown_host(self, row: HomeServer) -> str:
        """With its ports."""
        ports = str(row.auth_port) if row.transport == "tls" else f"{row.auth_port}, {row.acct_port}"
        return f"{row.host} ({ports})"

    @admin.display(description="Sign-ins")
    def sign_ins(self, row: HomeServer) -> SafeString:
        """What the RADIUS server found of that port."""
        return _state(row, "auth_state")

    @admin.display(description="Accounting")
    def accounting(self, row: HomeServer) -> SafeString:
        """What it found of the other."""
        return _state(row, "auth_state" if row.transport == "tls" else "acct_state")

    @admin.display(description="Heard of")
    def last_heard(self, row: HomeServer) -> str:
        """When it answered last."""
        held = getattr(row, "health_row", None)
        return "-" if held is None or held.last_answer is None else held.last_answer.strftime("%Y-%m-%d %H:%M:%S UTC")

    def get_fieldsets(self, request: HttpRequest, obj: HomeServer | None = None) -> Any:
        """Where it is first."""
        found = [("sign_ins", "accounting", "last_heard")] if obj is not None else []
        dates = [("created", "last_change")] if obj is not None else []
        return [
            (
                None,
                {"fields": (("name", "organization"), ("host", "transport"), ("auth_port", "acct_port"), "secret", "is_active")},
            ),
            ("Trust", {"fields": (("message_authenticator", "tls_name"),)}),
            (
                "Health",
                {"fields": (*found, ("timeout", "tries"), ("health", "zombie_period"), ("check_interval", "revive_after"))},
            ),
            ("More", {"fields": ("description", *dates)}),
        ]

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new one."""
        draft = HomeServerDraft(**values(form, _SERVER))
        return commands.create_server(scope, draft=draft, secret=form.cleaned_data["secret"]).id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """A changed one."""
        draft = dataclasses.replace(queries.get_server(scope, server_id=row_id), **values(form, _SERVER))
        commands.update_server(scope, server_id=row_id, draft=draft, secret=form.cleaned_data["secret"])

    def remove(self, scope: Scope, row_id: int) -> None:
        """One less."""
        commands.delete_server(scope, server_id=row_id)


class PoolForm(CommandForm):
    """Home servers by their names, in order."""

    servers = forms.CharField(
        label="Home servers", widget=TextInputWidget,
        help_text="Names of home servers of the organization or of one above it, separated by commas; the first is asked first.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            names = queries.pool_servers(tenancy.current(), pool_ids=[self.instance.pk]).get(self.instance.pk, ())
            self.initial.setdefault("servers", ", ".join(names))

    def clean_servers(self) -> tuple[str, ...]:
        """The names."""
        return tuple(name for name in re.split(r"[,\s]+", self.cleaned_data["servers"]) if name)

    def clean_reply_attributes(self) -> str:
        """Names the dictionary knows."""
        said = str(self.cleaned_data["reply_attributes"])
        for name in rules.attribute_names(said):
            if not RadiusDictionary().knows(name):
                raise forms.ValidationError(f"The dictionary has no attribute {name}.")
        return said


class PoolAdmin(_Page):
    """Home servers that answer for the same realms."""

    form = PoolForm
    list_display = ("name", "members", "mode", "organization", "last_change")
    search_fields = ("name",)
    autocomplete_fields = ("organization",)
    fieldsets: ClassVar[Any] = (
        (None, {"fields": (("name", "organization"), "servers", "mode")}),
        ("Answers", {"fields": ("reply_attributes",)}),
        ("More", {"fields": ("description",)}),
    )

    @admin.display(description="Home servers")
    def members(self, row: Pool) -> str:
        """In their order."""
        return ", ".join(member.server.name for member in row.members.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the names of the servers, in one question."""
        return super().get_queryset(request).prefetch_related("members__server")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A list of names is one line."""
        if db_field.name == "reply_attributes":
            kwargs["widget"] = TextInputWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new one."""
        return commands.create_pool(scope, draft=PoolDraft(**values(form, _POOL))).id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """A changed one."""
        stored = queries.get_pool(scope, pool_id=row_id)
        commands.update_pool(scope, pool_id=row_id, draft=dataclasses.replace(stored, **values(form, _POOL)))

    def remove(self, scope: Scope, row_id: int) -> None:
        """One less."""
        commands.delete_pool(scope, pool_id=row_id)


class RealmAdmin(_Page):
    """What stands behind the @ of user names, and where it leads."""

    list_display = ("name", "leads_to", "organization", "when_dead", "accounting", "active", "last_change")
    list_select_related: ClassVar[Any] = ("organization", "pool")
    list_filter: ClassVar[Any] = ("is_active", ("organization", AutocompleteSelectFilter))
    search_fields = ("name",)
    autocomplete_fields = ("organization", "pool")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": (("name", "organization"), "pool", "is_active")}),
        ("How", {"fields": (("strip", "accounting"), "when_dead")}),
        ("More", {"fields": ("description",)}),
    )

    @admin.display(description="Leads to", ordering="pool__name")
    def leads_to(self, row: Realm) -> str:
        """The pool, or GATE itself."""
        return "GATE itself" if row.pool is None else row.pool.name

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new one."""
        return commands.create_realm(scope, draft=RealmDraft(**values(form, _REALM))).id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """A changed one."""
        stored = queries.get_realm(scope, realm_id=row_id)
        commands.update_realm(scope, realm_id=row_id, draft=dataclasses.replace(stored, **values(form, _REALM)))

    def remove(self, scope: Scope, row_id: int) -> None:
        """One less: its users are GATE's own."""
        commands.delete_realm(scope, realm_id=row_id)


_STALE = 180.0
"""Seconds after which nobody knows any more: the RADIUS server writes every 30."""
_BADGES = {"alive": ("Works", "good"), "zombie": ("Leaves requests unanswered", "staff"), "dead": ("Dead", "bad")}


def _state(row: HomeServer, column: str) -> SafeString:
    held = getattr(row, "health_row", None)
    if held is None or held.checked is None or (clock.now() - held.checked).total_seconds() > _STALE:
        return badge("Not known", "empty")
    return badge(*_BADGES.get(getattr(held, column), ("Not known", "empty")))


ALL: tuple[tuple[type[Model], type[CommandAdmin[Any]]], ...] = (
    (HomeServer, HomeServerAdmin),
    (Pool, PoolAdmin),
    (Realm, RealmAdmin),
)
