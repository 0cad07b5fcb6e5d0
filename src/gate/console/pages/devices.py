"""Devices: those with the app on them, and those an operator lets in by their MAC address."""

# ruff: noqa: ARG002  Django and unfold hand every hook the request and the row.

import re
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from gate.console import permissions
from gate.console.pages.base import CommandAdmin, CommandForm, badge, values
from gate.console.unfolded import AnyForm, AutocompleteSelectFilter, TextareaWidget, TextInputWidget
from gate.core import clock, tenancy
from gate.core.errors import GateError
from gate.core.tenancy import Scope
from gate.devices import commands, mac_commands, mac_queries, mac_rules
from gate.devices.mac_types import MacFields
from gate.devices.models import AuthorizedMac, Device
from gate.places.rules import parse_mac

_FIELDS = tuple(field.name for field in Device._meta.get_fields() if field.name not in {"id", "tenant", "push_key_sealed"})  # noqa: SLF001  documented in spite of its name


class DeviceAdmin(CommandAdmin[Device]):
    """Registered devices. What an app said is not changed here, only whether the device is heard."""

    category = permissions.DEVICES
    list_display: Any = ("name", "device_type", "user", "organization", "is_blocked", "last_seen")
    list_select_related: ClassVar[Any] = ("user", "organization")
    list_filter: ClassVar[Any] = ("is_blocked", "device_type", ("organization", AutocompleteSelectFilter))
    search_fields: ClassVar[Any] = ("=imei", "=mac_addr", "=number", "=generic_id", "=imsi", "=iccid")
    search_help_text = "A whole IMEI, MAC address, number, IMSI, ICCID or app's id."
    # Counting a million devices a second time says nothing.
    show_full_result_count = False
    readonly_fields = tuple(name for name in _FIELDS if name != "is_blocked")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("is_blocked", "user", "organization", ("created", "last_change", "last_seen"))}),
        ("Device", {"fields": (("device_brand", "device_family"), ("device_model", "device_type"), ("os_family", "os_version"),
                               ("os_api_version", "app_version"))}),
        ("Identifiers", {"fields": (("number", "generic_id"), ("imei", "mac_addr"), ("imsi", "iccid"),
                                    ("home_mobile_network_name", "home_mobile_network_mccmnc"),
                                    ("user_external_id", "user_class"))}),
    )  # fmt: skip

    def name(self, row: Device) -> str:
        """The column of what it is called."""
        return str(row)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: apps register devices."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Device | None = None) -> bool:
        """Nobody: a blocked device stays known, so that it does not come back under another id."""
        return False

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """Blocked, or heard again."""
        commands.set_blocked(scope, row_id, blocked=form.cleaned_data["is_blocked"])


class MacForm(CommandForm):
    """One address or a list of them, and what holds of all."""

    addresses = forms.CharField(
        label="MAC addresses", max_length=300_000, widget=TextareaWidget(attrs={"rows": 8}),
        help_text=f"One a line, in any notation, a note behind it if you like; at most {mac_rules.MAX_AT_ONCE}.",
    )  # fmt: skip
    profile_names = forms.CharField(
        required=False, label="Profiles", widget=TextInputWidget,
        help_text="Short names of AAA profiles, separated by commas, in place of the user's; the first counts first.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("addresses", None)
            stored = mac_queries.get(tenancy.current(), self.instance.pk)
            self.initial.setdefault("profile_names", ", ".join(stored.profiles))

    def clean_addresses(self) -> list[tuple[str, str]]:
        """The lines."""
        try:
            return mac_rules.read_lines(self.cleaned_data["addresses"])
        except GateError as error:
            raise forms.ValidationError(error.detail) from error

    def clean_profile_names(self) -> list[str]:
        """The names typed, in their order."""
        return [name for name in re.split(r"[,\s]+", self.cleaned_data["profile_names"]) if name]


class AuthorizedMacAdmin(CommandAdmin[AuthorizedMac]):
    """MAC addresses that are let in at NAS of their organization, and of those below it."""

    category = permissions.MACS
    form = MacForm
    list_display: Any = ("mac", "note", "user", "organization", "state", "kind", "expires")
    list_select_related: ClassVar[Any] = ("user", "organization")
    list_filter: ClassVar[Any] = ("is_active", ("organization", AutocompleteSelectFilter))
    search_fields: ClassVar[Any] = ("mac", "note", "user__username")
    search_help_text = "A part of the address (AA:BB:CC…), of the note or of the username."
    autocomplete_fields: ClassVar[Any] = ("organization", "user")
    show_full_result_count = False

    @admin.display(description="State")
    def state(self, row: AuthorizedMac) -> SafeString:
        """Whether it lets anybody in."""
        word = "Expired" if row.expires and row.expires <= clock.now() else "Active" if row.is_active else "Off"
        return badge(word, "good" if word == "Active" else "bad")

    @admin.display(description="Address")
    def kind(self, row: AuthorizedMac) -> SafeString:
        """Whether the device made it up: phones do, and use another one later."""
        return badge("Randomised", "bad") if mac_rules.is_randomized(row.mac) else badge("Of the maker", "")

    def get_fieldsets(self, request: HttpRequest, obj: AuthorizedMac | None = None) -> Any:
        """A list of addresses when they are made; one of them later."""
        first: tuple[Any, ...] = ("addresses", "organization") if obj is None else (("mac", "kind"), "organization")
        return [
            (None, {"fields": (*first, "note", "is_active")}),
            ("Access", {"fields": ("user", "profile_names", "expires")}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: AuthorizedMac | None = None) -> Any:
        """The address and its organization stay: another one is another authorisation."""
        return () if obj is None else ("mac", "kind", "organization")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """A whole address is found in any notation."""
        mac = parse_mac(search_term)
        return super().get_search_results(request, queryset, search_term if mac is None else mac)

    def create(self, scope: Scope, form: AnyForm) -> int:
        """All addresses of the list or none; the first one's id."""
        made = mac_commands.authorize(
            scope,
            addresses=form.cleaned_data["addresses"],
            fields=_mac_fields(form),
            organization_id=form.cleaned_data["organization"].pk,
        )
        form.instance.mac = made[0].mac if len(made) == 1 else f"{len(made)} addresses, from {made[0].mac}"
        return made[0].id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """Another note, user, end."""
        mac_commands.update(scope, row_id, fields=_mac_fields(form))

    def remove(self, scope: Scope, row_id: int) -> None:
        """Let in no more."""
        mac_commands.delete(scope, row_id)


def _mac_fields(form: AnyForm) -> MacFields:
    fields = values(form, ("user_id", "note", "is_active", "expires"))
    return cast("MacFields", {**fields, "profile": form.cleaned_data["profile_names"]})
