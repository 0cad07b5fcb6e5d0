"""The transaction log: what happened to users, sessions and payments, read only."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from gate.console import human, permissions, walks
from gate.console.unfolded import SelectWidget, TextInputWidget
from gate.core import tenancy
from gate.core.errors import NotFound
from gate.core.paging import CursorPage
from gate.core.tenancy import Scope
from gate.txlog import queries, rules
from gate.txlog.types import EventFilter, LoggedEvent
from gate.users import queries as users

PAGE = 50
_VERDICTS: Mapping[str, tuple[str, ...]] = {
    "good": tuple(sorted(status for status in rules.STATUSES if rules.went_well(status))),
    "bad": tuple(sorted(status for status in rules.STATUSES if not rules.went_well(status))),
}


class FilterForm(forms.Form):
    """The row of filters above the list."""

    type = forms.ChoiceField(
        required=False,
        widget=SelectWidget,
        label="What",
        choices=[("", "Anything"), *((code, f"{code}: {meaning}") for code, meaning in sorted(rules.TYPES.items()))],
    )
    verdict = forms.ChoiceField(
        required=False, widget=SelectWidget, choices=[("", "Any"), ("good", "Done"), ("bad", "Refused or failed")]
    )
    username = forms.CharField(required=False, max_length=150, widget=TextInputWidget(attrs={"placeholder": "Username"}))
    user = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    """The id, from a line whose user may be gone."""
    mac = forms.CharField(
        required=False, max_length=40, label="MAC address", widget=TextInputWidget(attrs={"placeholder": "AA:BB:CC:DD:EE:FF"})
    )
    since = forms.DateField(required=False, widget=TextInputWidget(attrs={"type": "date"}), label="From")
    until = forms.DateField(required=False, widget=TextInputWidget(attrs={"type": "date"}), label="To")

    def clean_mac(self) -> int | None:
        """Its 48 bits. Raises ValidationError."""
        text = self.cleaned_data["mac"].strip()
        number = rules.mac_number(text)
        if text and number is None:
            raise ValidationError("This is no MAC address.", code="mac")
        return number


def list_page(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Events, newest first."""
    if not permissions.may(permissions.LOG, "read"):
        raise PermissionDenied
    scope = tenancy.current()
    place = f"console-txlog:{scope.tenant_id}"
    form = FilterForm(request.GET)
    wanted = _wanted(scope, form) if form.is_valid() else None
    page: CursorPage[LoggedEvent] = CursorPage(results=(), next=None, previous=None)
    if wanted is not None:
        page = queries.page(scope, wanted, cursor=walks.cursor_of(request, context=place), limit=PAGE)
    texts = queries.texts(scope, sorted(_numbers(page)))
    context = {
        **site.each_context(request),
        "title": "Transaction log",
        "form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "rows": [_row(event, texts) for event in page.results],
        "older": walks.link(request, page.next, context=place),
        "newer": walks.link(request, page.previous, context=place),
        "is_fullwidth": "1",
    }
    return TemplateResponse(request, "console/txlog.html", context)


def _wanted(scope: Scope, form: FilterForm) -> EventFilter | None:
    """What the form asks for; None where nothing can match."""
    said = form.cleaned_data
    user_id = said["user"]
    if said["username"].strip():
        try:
            user_id = users.find_id(scope, username=said["username"].strip())
        except NotFound:
            return None
    return EventFilter(
        types=(said["type"],) if said["type"] else (),
        statuses=_VERDICTS.get(said["verdict"], ()),
        user_id=user_id,
        mac_addr=said["mac"],
        start=walks.first_moment(said["since"]),
        end=walks.last_moment(said["until"]),
    )


def _numbers(page: CursorPage[LoggedEvent]) -> set[int]:
    """The texts the page needs."""
    found = set()
    for event in page.results:
        found |= {event.user_agent, event.http_referer}
        found |= {number - rules.INTERNED for number in (event.remote_ip_addr, event.captured_ip_addr) if number is not None}
    return {number for number in found if number is not None and number > 0}


def _row(event: LoggedEvent, texts: Mapping[int, str]) -> dict[str, Any]:
    def address(number: int | None) -> str:
        return rules.address_text(number) or texts.get((number or 0) - rules.INTERNED, "")

    return {
        "event": event,
        "at": human.moment(event.at),
        "what": rules.TYPES.get(event.type, event.type),
        "well": rules.went_well(event.status),
        "source": rules.SOURCES.get(event.source, event.source),
        "mac": rules.mac_text(event.mac_addr),
        "from": address(event.remote_ip_addr),
        "captured": address(event.captured_ip_addr),
        "agent": texts.get(event.user_agent or 0, ""),
        "referer": texts.get(event.http_referer or 0, ""),
        "user_link": None if event.user_id is None else f"{reverse('admin:txlog')}?user={event.user_id}",
    }
