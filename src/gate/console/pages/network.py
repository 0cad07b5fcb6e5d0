"""NAS, locations, access points, access devices."""

# ruff: noqa: ARG002  Django and unfold hand every hook the request and the row.

import dataclasses
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from gate.console import once, permissions, places_map
from gate.console.pages.base import CommandAdmin, CommandForm, M, values
from gate.console.unfolded import AnyForm, AutocompleteSelectFilter, SelectWidget, TextInputWidget
from gate.core import clock, tenancy
from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.nas import commands as nas_commands
from gate.nas import presets
from gate.nas import queries as nas_queries
from gate.nas import rules as nas_rules
from gate.nas.models import Nas
from gate.nas.types import NasDraft, WithSecret
from gate.places import commands as place_commands
from gate.places import queries as place_queries
from gate.places.models import AccessDevice, AccessPoint, Location
from gate.places.types import AccessDeviceDraft, AccessPointDraft, LocationDraft

_ADDRESS = ("address", ("city", "postal_code"), ("state", "region"), "country_code", ("latitude", "longitude"))


_BY_UDP = "Enter it in the device as its RADIUS secret, for authentication and for accounting."
_BY_RADSEC = (
    "By RadSec every device has the secret radsec. Enter this one where it takes Disconnect and CoA, which go to it by UDP."
)
_VENDORS = [(word, preset.label) for word, preset in presets.PRESETS.items()]
_MAC_FORMATS = [("", "As its make does"), *((word, word) for word in presets.MAC_FORMATS)]


def _names(draft: type[Any]) -> list[str]:
    return [item.name for item in dataclasses.fields(draft)]


class PlaceAdmin(CommandAdmin[M]):
    """What the three kinds of places share."""

    list_display: Any = ("name", "short_name", "organization", "city", "active", "last_change")
    list_select_related: ClassVar[Any] = ("organization",)
    list_filter: ClassVar[Any] = ("is_active", ("organization", AutocompleteSelectFilter))
    search_fields: ClassVar[Any] = ("name", "short_name", "city", "reference", "address")
    autocomplete_fields: ClassVar[Any] = ("organization",)
    readonly_fields = ("created", "last_change")
    standing: ClassVar[tuple[Any, ...]] = ()
    """Fields that say where it stands among the others."""

    def get_fieldsets(self, request: HttpRequest, obj: M | None = None) -> Any:
        """Grouped by what they are about; dates only of what exists."""
        about = (("name", "short_name"), "organization", *self.standing, "is_active", "description")
        groups: list[Any] = [
            (None, {"fields": about}),
            ("Where it is", {"fields": _ADDRESS}),
            ("More", {"fields": ("reference", "thumbnail", *([("created", "last_change")] if obj is not None else []))}),
        ]
        return groups


class LocationAdmin(PlaceAdmin[Location]):
    """Sites."""

    category = permissions.LOCATIONS
    list_before_template = "console/map.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list below a drawing of where they are."""
        drawn = places_map.dots(tenancy.current()) if self.has_view_permission(request) else []
        return super().changelist_view(request, {"dots": drawn, **(extra_context or {})})

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new location."""
        return place_commands.create_location(scope, draft=LocationDraft(**values(form, _names(LocationDraft)))).id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """A changed one."""
        stored = place_queries.get_location(scope, location_id=row_id)
        draft = dataclasses.replace(stored, **values(form, _names(LocationDraft)))
        place_commands.update_location(scope, location_id=row_id, draft=draft)

    def remove(self, scope: Scope, row_id: int) -> None:
        """One less."""
        place_commands.delete_location(scope, location_id=row_id)


class AccessPointAdmin(PlaceAdmin[AccessPoint]):
    """Access points."""

    category = permissions.ACCESS_POINTS
    list_display: Any = ("name", "mac", "location", "organization", "active", "last_change")
    list_select_related: ClassVar[Any] = ("organization", "location")
    list_filter: ClassVar[Any] = ("is_active", ("location", AutocompleteSelectFilter), ("organization", AutocompleteSelectFilter))
    search_fields: ClassVar[Any] = ("name", "short_name", "mac_addr", "reference")
    autocomplete_fields: ClassVar[Any] = ("organization", "location")
    standing = (("location", "mac_addr"),)

    @admin.display(description="MAC address", ordering="mac_addr")
    def mac(self, row: AccessPoint) -> str:
        """By which RADIUS knows it."""
        return row.mac_addr or "-"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Any notation of a MAC address may be typed; the room settles it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "mac_addr":
            field.max_length = None
            field.validators = []
            field.widget.attrs.pop("maxlength", None)
            field.help_text = "In any notation: aa-bb-cc-dd-ee-ff, aabb.ccdd.eeff, AABBCCDDEEFF."
        return field

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new access point."""
        return place_commands.create_access_point(scope, draft=AccessPointDraft(**values(form, _names(AccessPointDraft)))).id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """A changed one."""
        stored = place_queries.get_access_point(scope, access_point_id=row_id)
        draft = dataclasses.replace(stored, **values(form, _names(AccessPointDraft)))
        place_commands.update_access_point(scope, access_point_id=row_id, draft=draft)

    def remove(self, scope: Scope, row_id: int) -> None:
        """One less."""
        place_commands.delete_access_point(scope, access_point_id=row_id)


class AccessDeviceAdmin(PlaceAdmin[AccessDevice]):
    """Doors, readers, kiosks."""

    category = permissions.ACCESS_DEVICES
    list_display: Any = ("name", "short_name", "location", "organization", "active", "last_change")
    list_select_related: ClassVar[Any] = ("organization", "location")
    list_filter: ClassVar[Any] = ("is_active", ("location", AutocompleteSelectFilter), ("organization", AutocompleteSelectFilter))
    autocomplete_fields: ClassVar[Any] = ("organization", "location")
    standing = ("location",)

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new access device."""
        return place_commands.create_access_device(scope, draft=AccessDeviceDraft(**values(form, _names(AccessDeviceDraft)))).id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """A changed one."""
        stored = place_queries.get_access_device(scope, access_device_id=row_id)
        draft = dataclasses.replace(stored, **values(form, _names(AccessDeviceDraft)))
        place_commands.update_access_device(scope, access_device_id=row_id, draft=draft)

    def remove(self, scope: Scope, row_id: int) -> None:
        """One less."""
        place_commands.delete_access_device(scope, access_device_id=row_id)


class NasForm(CommandForm):
    """Vendors are offered by name; the column takes any word."""

    vendor = forms.ChoiceField(
        required=False,
        choices=_VENDORS,
        widget=SelectWidget,
        help_text="Make of the device: it decides which attributes its limits are sent in, and which tell it a live session.",
    )
    coa_mac_format = forms.ChoiceField(
        required=False, choices=_MAC_FORMATS, widget=SelectWidget, label="MAC addresses",
        help_text="How MAC addresses are written to it; as-sent is the way it writes them itself.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.vendor if self.instance.pk else ""
        field = self.fields.get("vendor")
        if isinstance(field, forms.ChoiceField) and stored not in dict(_VENDORS):
            field.choices = [*_VENDORS, (stored, stored)]


class NasAdmin(CommandAdmin[Nas]):
    """RADIUS clients. A secret is shown once, when it is made."""

    category = permissions.NAS
    shows_secret = True
    form = NasForm
    list_display: Any = (
        "short_name",
        "shown_address",
        "vendor",
        "location",
        "organization",
        "signing",
        "active",
        "last_change",
    )
    list_display_links = ("short_name",)
    list_select_related: ClassVar[Any] = ("organization", "location", "posture")
    list_filter: ClassVar[Any] = ("is_active", ("organization", AutocompleteSelectFilter))
    search_fields: ClassVar[Any] = ("name", "short_name", "nas_identifier")
    autocomplete_fields: ClassVar[Any] = ("organization", "location")
    readonly_fields = ("created", "last_change", "signing", "reached")
    change_form_outer_before_template = "console/nas_secret.html"

    @admin.display(description="Address", ordering="address")
    def shown_address(self, row: Nas) -> str:
        """A single address without its prefix length; a dash where RadSec alone tells who it is."""
        return nas_rules.shown_address(row.address)

    @admin.display(description="Message-Authenticator")
    def signing(self, row: Nas) -> str:
        """Whether its sign-ins carried one lately."""
        held = getattr(row, "posture", None)
        if held is None:
            return "-"
        return nas_rules.signing(last_signed=held.last_signed, last_unsigned=held.last_unsigned, now=clock.now())

    @admin.display(description="It is asked at")
    def reached(self, row: Nas) -> str:
        """Where Disconnect and CoA go."""
        return nas_rules.reached(address=row.address, coa_address=row.coa_address, live_control=row.live_control)

    def get_fieldsets(self, request: HttpRequest, obj: Nas | None = None) -> Any:
        """What GATE needs to answer it first."""
        dates, posture, reached = ([("created", "last_change")], ["signing"], ["reached"]) if obj is not None else ([], [], [])
        return [
            (None, {"fields": (("name", "short_name"), ("address", "vendor"), ("organization", "location"), "is_active")}),
            (
                "RADIUS",
                {
                    "fields": (
                        ("message_authenticator", "packet_rate"),
                        "nas_identifier",
                        "by_identifier",
                        "swapped_octets",
                        *posture,
                    )
                },
            ),
            ("RadSec", {"fields": ("radsec_name", "radsec_fingerprint")}),
            (
                "Live sessions",
                {
                    "fields": (
                        ("live_control", "coa_port"),
                        ("coa_address", "coa_mac_format"),
                        "coa_attributes",
                        "unchangeable",
                        *reached,
                    )
                },
            ),
            ("More", {"fields": ("description", *dates)}),
        ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """An address is one line."""
        if db_field.name in {"address", "coa_address"}:
            kwargs["widget"] = TextInputWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """The page that makes a new secret."""
        rotate = path("<int:nas_id>/rotate-secret/", self.admin_site.admin_view(self.rotate_view), name="nas_nas_rotate")
        return [rotate, *super().get_urls()]

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new NAS; its secret waits in the form for response_add."""
        made = nas_commands.create_nas(scope, draft=NasDraft(**values(form, _names(NasDraft))))
        form.made = made  # type: ignore[attr-defined]  # the form lives as long as the request
        return made.nas.id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """A changed one."""
        stored = nas_queries.get_nas(scope, nas_id=row_id)
        nas_commands.update_nas(scope, nas_id=row_id, draft=dataclasses.replace(stored, **values(form, _names(NasDraft))))

    def remove(self, scope: Scope, row_id: int) -> None:
        """One less."""
        nas_commands.delete_nas(scope, nas_id=row_id)

    def save_model(self, request: HttpRequest, obj: Nas, form: Any, change: bool) -> None:
        """Keep the secret for this request."""
        super().save_model(request, obj, form, change)
        request.gate_made = getattr(form, "made", None)  # type: ignore[attr-defined]  # for response_add

    def response_add(self, request: HttpRequest, obj: Nas, post_url_continue: str | None = None) -> HttpResponse:
        """Show the secret."""
        return _shown(request, request.gate_made)  # type: ignore[attr-defined]  # set by save_model

    def rotate_view(self, request: HttpRequest, nas_id: int) -> HttpResponse:
        """Ask, then make a new secret and show it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            stored = nas_queries.get_nas(tenancy.current(), nas_id=nas_id)
        except NotFound as error:
            raise Http404 from error
        if request.method == "POST":
            made = nas_commands.rotate_secret(tenancy.current(), nas_id=nas_id)
            self.log_change(request, self.model.objects.get(pk=nas_id), "Made a new shared secret.")
            return _shown(request, made)
        context = {**self.admin_site.each_context(request), "title": "New shared secret", "nas": stored, "opts": self.opts}
        return TemplateResponse(request, "console/nas_rotate.html", context)


def _shown(request: HttpRequest, made: WithSecret) -> HttpResponse:
    return once.show(
        request,
        title=f"Shared secret of {made.nas.short_name}",
        secret=made.secret,
        about=f"{_BY_RADSEC if made.nas.address is None else _BY_UDP} It is not shown again: if it is lost, make a new one.",
        back=reverse("admin:nas_nas_change", args=[made.nas.id]),
    )
