"""API tokens: made here, shown once, revoked, never changed."""

# ruff: noqa: ARG002  Django and unfold hand every hook the request and the row.

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from gate.console import once, permissions
from gate.console.pages.base import CommandAdmin, CommandForm, badge
from gate.console.unfolded import AnyForm, AutocompleteSelectFilter, Select2MultipleWidget, TextareaWidget
from gate.core import clock, tenancy
from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.tokens import commands, rules
from gate.tokens.models import ApiToken
from gate.users.rules import CATEGORIES


class TokenForm(CommandForm):
    """What a new token may do, at most what its maker may."""

    permissions = forms.MultipleChoiceField(widget=Select2MultipleWidget, help_text="What it may do; at most what you may.")
    networks = forms.CharField(
        required=False,
        widget=TextareaWidget(attrs={"rows": 3}),
        help_text="Networks it may be used from, one a line; empty: any.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = tenancy.current()
        broad = [("*", "Everything"), ("*:read", "Read everything"), ("*:write", "Write everything")]
        each = [(f"{name}:{action}",) * 2 for name in CATEGORIES for action in ("read", "write")]
        field = self.fields.get("permissions")
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(name, label) for name, label in (*broad, *each) if rules.may_give(scope, name)]

    def clean_networks(self) -> list[str]:
        """The lines."""
        return str(self.cleaned_data["networks"]).replace(",", " ").split()


class TokenAdmin(CommandAdmin[ApiToken]):
    """Bearers for programs."""

    category = permissions.TOKENS
    shows_secret = True
    form = TokenForm
    list_display = ("name", "prefix", "organization", "state", "rights", "expires", "last_used")
    list_select_related = ("organization",)
    list_filter = (("organization", AutocompleteSelectFilter),)
    search_fields = ("name", "prefix")
    autocomplete_fields = ("organization",)
    actions = ("revoke_selected",)
    change_form_outer_before_template = "console/token_revoke.html"

    @admin.display(description="State")
    def state(self, row: ApiToken) -> SafeString:
        """Whether it opens anything."""
        word = "Revoked" if row.revoked else "Expired" if row.expires and row.expires <= clock.now() else "Active"
        return badge(word, "good" if word == "Active" else "bad")

    @admin.display(description="Permissions")
    def rights(self, row: ApiToken) -> str:
        """The first few."""
        return ", ".join(row.permissions[:3]) + (" …" if len(row.permissions) > 3 else "")

    def get_fieldsets(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        """What is asked of a new one; what is known of an old one."""
        if obj is None:
            return [(None, {"fields": ("name", "organization", "permissions", "networks", "expires")})]
        return [
            (None, {"fields": (("name", "prefix"), "organization", "permissions", "networks")}),
            ("Life", {"fields": (("created", "created_by"), ("expires", "revoked"), "last_used")}),
        ]

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Nobody: what a token may do is settled when it is made."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Nobody: a revoked token stays listed, so that its calls can be traced."""
        return False

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new token; its plain form waits in the form for response_add."""
        said = form.cleaned_data
        made = commands.create(
            scope, name=said["name"], permissions=said["permissions"], networks=said["networks"], expires=said["expires"],
            organization_id=said["organization"].pk,
        )  # fmt: skip
        form.made = made  # type: ignore[attr-defined]  # the form lives as long as the request
        return made.token.id

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """Keep the token for this request."""
        super().save_model(request, obj, form, change)
        request.gate_made = form.made  # type: ignore[attr-defined]  # for response_add

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """Show the token."""
        made = request.gate_made  # type: ignore[attr-defined]  # set by save_model
        return once.show(
            request,
            title=f"API token {made.token.name}",
            secret=made.plain,
            about="Send it as Authorization: Bearer. Only its hash is kept: it is not shown again.",
            back=reverse("admin:tokens_apitoken_changelist"),
        )

    def get_urls(self) -> list[URLPattern]:
        """Revoking one."""
        view = self.admin_site.admin_view(require_POST(self.revoke_view))
        return [path("<int:token_id>/revoke/", view, name="tokens_apitoken_revoke"), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, token_id: int) -> HttpResponse:
        """End it now."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        try:
            token = commands.revoke(tenancy.current(), token_id)
        except NotFound as error:
            raise Http404 from error
        messages.success(request, f"{token.name} is revoked.")
        return HttpResponseRedirect(reverse("admin:tokens_apitoken_changelist"))

    @admin.action(description="Revoke selected tokens", permissions=["add"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """End them now."""
        for row in queryset:
            commands.revoke(tenancy.current(), row.pk)
        messages.success(request, f"{len(queryset)} revoked.")
