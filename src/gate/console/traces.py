"""The log of sign-ins by RADIUS: who was let in or refused, and why; read only."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from gate.access import queries
from gate.access.queries import Trace, TraceFilter
from gate.console import human, permissions, walks
from gate.console.unfolded import SelectWidget, TextInputWidget
from gate.core import tenancy
from gate.core.paging import CursorPage
from gate.places.rules import parse_mac

PAGE = 50


class FilterForm(forms.Form):
    """The row of filters above the list."""

    verdict = forms.ChoiceField(
        required=False, widget=SelectWidget, choices=[("", "Any"), ("good", "Let in"), ("bad", "Refused")]
    )
    username = forms.CharField(required=False, max_length=253, widget=TextInputWidget(attrs={"placeholder": "Username"}))
    user = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    nas = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    mac = forms.CharField(
        required=False, max_length=40, label="MAC address", widget=TextInputWidget(attrs={"placeholder": "AA:BB:CC:DD:EE:FF"})
    )
    since = forms.DateField(required=False, widget=TextInputWidget(attrs={"type": "date"}), label="From")
    until = forms.DateField(required=False, widget=TextInputWidget(attrs={"type": "date"}), label="To")

    def clean_mac(self) -> str | None:
        """In its one notation. Raises ValidationError."""
        text = self.cleaned_data["mac"].strip()
        if not text:
            return None
        mac = parse_mac(text)
        if mac is None:
            raise ValidationError("This is no MAC address.", code="mac")
        return mac


def list_page(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Sign-ins, newest first."""
    if not permissions.may(permissions.TRACES, "read"):
        raise PermissionDenied
    scope = tenancy.current()
    place = f"console-traces:{scope.tenant_id}"
    form = FilterForm(request.GET)
    page: CursorPage[Trace] = CursorPage(results=(), next=None, previous=None)
    if form.is_valid():
        page = queries.page(scope, _wanted(form), cursor=walks.cursor_of(request, context=place), limit=PAGE)
    context = {
        **site.each_context(request),
        "title": "Sign-ins",
        "form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "rows": [{"trace": trace, "at": human.moment(trace.at)} for trace in page.results],
        "older": walks.link(request, page.next, context=place),
        "newer": walks.link(request, page.previous, context=place),
        "is_fullwidth": "1",
    }
    return TemplateResponse(request, "console/traces.html", context)


def _wanted(form: FilterForm) -> TraceFilter:
    said = form.cleaned_data
    return TraceFilter(
        user_id=said["user"],
        username=said["username"].strip() or None,
        mac=said["mac"],
        nas_id=said["nas"],
        accepted={"good": True, "bad": False}.get(said["verdict"]),
        start=walks.first_moment(said["since"]),
        end=walks.last_moment(said["until"]),
    )
