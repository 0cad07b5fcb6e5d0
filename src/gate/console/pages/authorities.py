"""A tenant's own CAs: whose certificates let devices in by EAP-TLS."""

# ruff: noqa: ARG002  Django and unfold hand every hook the request and the row.

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from gate.console import permissions
from gate.console.pages.base import CommandAdmin, CommandForm, badge
from gate.console.unfolded import AnyForm, TextareaWidget
from gate.core import clock, tenancy
from gate.core.tenancy import Scope
from gate.organizations import authority_commands, authority_rules
from gate.organizations.models import Authority


class AuthorityForm(CommandForm):
    """Public material goes in: a CA's certificate, its list of revoked certificates."""

    certificate = forms.CharField(
        label="Certificate", max_length=authority_rules.MAX_CERTIFICATE, required=True,
        widget=TextareaWidget(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="The CA's certificate as PEM text, without any key. Those of CAs below it may follow.",
    )  # fmt: skip
    crl = forms.FileField(
        label="List of revoked certificates", required=False,
        help_text="The CA's CRL, PEM or DER. With one, a newer one is due before it ends: past that it lets nobody in.",
    )  # fmt: skip
    no_crl = forms.BooleanField(label="Keep no list", required=False, help_text="Revoked certificates then let in again.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("certificate" if self.instance.pk else "no_crl", None)
        if "name" in self.fields:
            self.fields["name"].required = bool(self.instance.pk)

    def clean_crl(self) -> bytes | None:
        """Its octets, one more at most than are taken."""
        held = self.cleaned_data["crl"]
        return held.read(authority_rules.MAX_CRL + 1) if held else None


class AuthorityAdmin(CommandAdmin[Authority]):
    """The tenant's CAs; a branch neither sees nor changes them."""

    category = permissions.AUTHORITIES
    form = AuthorityForm
    list_display = ("name", "subject", "state", "revoked", "expires")
    search_fields = ("name", "subject", "fingerprint")

    @admin.display(description="State")
    def state(self, row: Authority) -> SafeString:
        """Whether its certificates let anybody in."""
        now = clock.now()
        if row.expires <= now:
            return badge("Ended", "bad")
        return badge("List ended", "bad") if row.crl_expires and row.crl_expires <= now else badge("Trusted", "good")

    @admin.display(description="Revoked certificates")
    def revoked(self, row: Authority) -> str:
        """How old the list is."""
        if not row.crl or row.crl_updated is None:
            return "No list"
        until = f", good until {row.crl_expires:%Y-%m-%d %H:%M} UTC" if row.crl_expires else ""
        return f"List of {row.crl_updated:%Y-%m-%d %H:%M} UTC{until}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Authority]:
        """All or none: CAs are the whole tenant's affair."""
        rows = super().get_queryset(request)
        return rows if tenancy.current().whole_tenant else rows.none()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """At the root alone."""
        return super().has_add_permission(request) and tenancy.current().whole_tenant

    def get_fieldsets(self, request: HttpRequest, obj: Authority | None = None) -> Any:
        """What is asked of a new one; what is known of an old one."""
        if obj is None:
            return [(None, {"fields": ("name", "certificate", "crl")})]
        return [
            (None, {"fields": ("name", "subject", "fingerprint", ("created", "expires"))}),
            ("Revoked certificates", {"fields": ("revoked", "crl", "no_crl")}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Authority | None = None) -> Any:
        """A certificate is what it is."""
        return () if obj is None else ("subject", "fingerprint", "created", "expires", "revoked")

    def create(self, scope: Scope, form: AnyForm) -> int:
        """Trust it."""
        said = form.cleaned_data
        made = authority_commands.add(scope, certificates=said["certificate"].encode(), name=said["name"] or "", crl=said["crl"])
        form.instance.name = made[0].name
        return made[0].id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """Another name, a newer list."""
        said = form.cleaned_data
        authority_commands.rename(scope, row_id, name=said["name"])
        if said["crl"] is not None or said["no_crl"]:
            authority_commands.set_crl(scope, row_id, crl=None if said["no_crl"] else said["crl"])

    def remove(self, scope: Scope, row_id: int) -> None:
        """Trust it no more."""
        authority_commands.remove(scope, row_id)


ALL: tuple[tuple[type[Model], type[CommandAdmin[Any]]], ...] = ((Authority, AuthorityAdmin),)
"""What `urls.py` registers."""
