"""What every list and form of the console has in common.

Reading goes through the models' `objects` under the scope OperatorScope entered, so querysets, choices of foreign keys, bulk
actions and direct addresses all stop at the person's organizations. Writing goes through the rooms' commands; the form only
turns text into values. What a command refuses is shown in the form it came from.
"""

# ruff: noqa: ARG002  Django and unfold hand every hook the request and the row.

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gate.console import permissions
from gate.console.unfolded import AnyForm, ModelAdmin
from gate.core import tenancy
from gate.core.errors import GateError, Invalid, NotFound
from gate.core.tenancy import Scope

M = TypeVar("M", bound=models.Model)


LABELS: Mapping[str, str] = {
    "is_active": "Active",
    "mac_addr": "MAC address",
    "mac": "MAC address",
    "crl": "List of revoked certificates",
    "device_mac_sign_in": "Devices sign in by MAC address",
    "coa_port": "CoA port",
    "coa_address": "CoA address",
    "coa_attributes": "Identifying attributes",
    "live_control": "Disconnect and CoA",
    "nas_identifier": "NAS-Identifier",
    "by_identifier": "Shares its address",
    "packet_rate": "Packets a second",
    "radsec_name": "Name in its certificate",
    "radsec_fingerprint": "Fingerprint of its certificate",
    "unchangeable": "A session it cannot change",
    "swapped_octets": "Counts the wrong way round",
    "message_authenticator": "Message-Authenticator",
    "klass": "Class",
    "external_id": "External id",
    "email": "E-mail",
    "max_api_calls": "API calls",
    "max_users": "Users",
    "logo_url": "Logo address",
    "timezone": "Time zone",
    "thumbnail": "Picture address",
    "vlan": "VLAN",
    "redirect_url": "Redirection address",
    "rate_up": "Upload rate",
    "rate_down": "Download rate",
    "quota_up": "Upload quota",
    "quota_down": "Download quota",
}


class CommandForm(AnyForm):
    """Turns what was typed into values. Whether they are good is asked of the command."""

    refusal: ClassVar[GateError | None] = None
    """What the command said of these very values, on the second showing."""

    def clean(self) -> dict[str, Any] | None:
        """Put the command's refusal at the fields it names."""
        cleaned = super().clean()
        if isinstance(self.refusal, Invalid) and self.refusal.fields:
            for name, reasons in self.refusal.fields.items():
                for reason in reasons:
                    self.add_error(name if name in self.fields else None, reason[:1].upper() + reason[1:])
        elif self.refusal is not None:
            self.add_error(None, self.refusal.detail)
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """Every field: what may be stored is the command's to say, and it sees what this person does not."""
        return {field.name for field in self.instance._meta.fields}  # noqa: SLF001  documented in spite of its name


class CommandAdmin(ModelAdmin[M]):
    """A list and a form whose writes are a room's commands. Subclasses give `category`, `create`, `update` and `remove`."""

    category: ClassVar[str]
    """Whose `read` and `write` permissions count here."""
    shows_secret: ClassVar[bool] = False
    """Whether a new row comes with a secret, shown once."""
    form = CommandForm
    compressed_fields = True
    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True

    def create(self, scope: Scope, form: AnyForm) -> int:
        """Make the row the form describes and give its id. Raises GateError."""
        raise NotImplementedError

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """Change a row to what the form says. Raises GateError."""
        raise NotImplementedError

    def remove(self, scope: Scope, row_id: int) -> None:
        """Delete a row. Raises GateError."""
        raise NotImplementedError

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the list filters by. Django would let any column be asked about, hashes and sealed secrets among them."""
        filters: Iterable[Any] = self.get_list_filter(request)
        offered = {entry if isinstance(entry, str) else entry[0] for entry in filters}
        return lookup.partition("__")[0] in offered and super().lookup_allowed(lookup, value, request)

    @admin.display(description="Active", boolean=True, ordering="is_active")
    def active(self, row: Any) -> bool:
        """The column of the switch."""
        return bool(row.is_active)

    # Who may do what: the role's permissions, nothing of Django's.

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the group is shown."""
        return permissions.may(self.category, "read")

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Whether rows may be seen."""
        return permissions.may(self.category, "read")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether rows may be made."""
        return permissions.may(self.category, "write")

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Whether rows may be changed."""
        return permissions.may(self.category, "write")

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Whether rows may be deleted."""
        return permissions.may(self.category, "write")

    # Forms.

    def get_form(self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form's class, knowing what the command refused a moment ago."""
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"refusal": getattr(request, "gate_refusal", None)})

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Labels as people write them; no buttons for the related row, which has its page in the sidebar."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in LABELS:
            field.label = LABELS[db_field.name]
        if field is not None and db_field.name == "description":
            field.widget.attrs["rows"] = 3
        wrapper = getattr(field, "widget", None)
        if isinstance(wrapper, RelatedFieldWidgetWrapper):
            wrapper.can_add_related = wrapper.can_change_related = False
            wrapper.can_delete_related = wrapper.can_view_related = False
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new row starts in the person's own organization."""
        return {"organization": tenancy.current().organization_id, **super().get_changeform_initial_data(request)}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Django's view, shown again with the refusal where the command refused. Nothing was written then."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except NotFound:
            raise Http404 from None
        except GateError as error:
            request.gate_refusal = error  # type: ignore[attr-defined]  # read by get_form on the second pass
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: M | None = None,
    ) -> Any:
        """Only `Save` where a secret is shown next."""
        if self.shows_secret and add:
            context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        """Hand the form to the room. Raises GateError, which changeform_view shows."""
        scope = tenancy.current()
        if change:
            self.update(scope, obj.pk, form)
        else:
            obj.pk = self.create(scope, form)

    # Deleting.

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """The rows themselves: what hangs on them is the command's to judge, and may be a million rows."""
        needed = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return [str(row) for row in objs], {str(self.opts.verbose_name_plural): len(objs)}, needed, []

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        """Through the room's command. Raises GateError, which delete_view shows."""
        self.remove(tenancy.current(), obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[M]) -> None:
        """All of them or none. Raises GateError, which changelist_view shows."""
        for row in queryset:
            self.delete_model(request, row)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's view; a refusal leads back to the row and says why."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except GateError as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id]))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's view; a bulk action that is refused is undone whole and says why."""
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        try:
            with transaction.atomic():
                return super().changelist_view(request, extra_context)
        except GateError as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(request.get_full_path())


def values(form: AnyForm, names: Iterable[str]) -> dict[str, Any]:
    """What the form says of `names`, rows given as their ids (`organization_id` of the field `organization`)."""
    found: dict[str, Any] = {}
    for name in names:
        short = name.removesuffix("_id")
        if name in form.cleaned_data:
            found[name] = form.cleaned_data[name]
        elif short in form.cleaned_data:
            row = form.cleaned_data[short]
            found[name] = None if row is None else row.pk
    return found


def badge(text: str, kind: str) -> SafeString:
    """A word on a colored ground; `kind` is good, bad, staff or empty."""
    return format_html('<span class="gate-badge gate-badge-{}">{}</span>', kind, text)
