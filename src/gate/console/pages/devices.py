"""Devices with the app on them: apps tell what there is to know, operators block."""

# ruff: noqa: ARG002  Django and unfold hand every hook the request and the row.

from typing import Any, ClassVar

from django.http import HttpRequest

from gate.console import permissions
from gate.console.pages.base import CommandAdmin
from gate.console.unfolded import AnyForm, AutocompleteSelectFilter
from gate.core.tenancy import Scope
from gate.devices import commands
from gate.devices.models import Device

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
