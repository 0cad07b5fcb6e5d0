"""Accounting sessions, live and past: the list by cursor, one session in full, and the button that ends one."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from gate.accounting import queries
from gate.accounting.types import Session, SessionFilter, Status
from gate.console import human, permissions, walks
from gate.console.unfolded import SelectWidget, TextInputWidget
from gate.control import commands as control
from gate.control import queries as requests
from gate.control.types import Request, State
from gate.core import clock, ids, tenancy
from gate.core.errors import Conflict, NotFound
from gate.core.paging import CursorPage
from gate.core.tenancy import Scope
from gate.nas import queries as nas
from gate.organizations import queries as organizations
from gate.places import queries as places
from gate.users import queries as users

PAGE = 50
_OFFERED = 200
"""How many NAS, access points and locations a filter offers; beyond, their own pages lead here."""
_STATUS: Mapping[str, Status] = {"active": "active", "inactive": "inactive"}


class FilterForm(forms.Form):
    """The row of filters above the list."""

    username = forms.CharField(required=False, max_length=150, widget=TextInputWidget(attrs={"placeholder": "Username"}))
    nas = forms.ChoiceField(required=False, widget=SelectWidget, label="NAS")
    access_point = forms.ChoiceField(required=False, widget=SelectWidget, label="Access point")
    location = forms.ChoiceField(required=False, widget=SelectWidget)
    status = forms.ChoiceField(
        required=False, widget=SelectWidget, choices=[("", "Live and past"), ("active", "Live"), ("inactive", "Past")]
    )
    since = forms.DateField(required=False, widget=TextInputWidget(attrs={"type": "date"}), label="From")
    until = forms.DateField(required=False, widget=TextInputWidget(attrs={"type": "date"}), label="To")

    def __init__(self, scope: Scope, data: Any) -> None:
        super().__init__(data)
        points = places.list_access_points(scope, limit=_OFFERED).results
        sites = places.list_locations(scope, limit=_OFFERED).results
        clients = nas.list_nas(scope, limit=_OFFERED).results
        self._offer("nas", "Any NAS", [(row.id, row.short_name) for row in clients])
        self._offer("access_point", "Any access point", [(row.id, row.name) for row in points])
        self._offer("location", "Any location", [(row.id, row.name) for row in sites])

    def _offer(self, name: str, nothing: str, rows: Sequence[tuple[int, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker
        choices = [("", nothing), *((str(number), label) for number, label in sorted(rows, key=lambda row: row[1].casefold()))]
        asked = ids.parse(self.data.get(name) or "")
        if asked is not None and str(asked) not in dict(choices):
            # A page beyond those offered links here by id; whether it is in reach is asked by the query.
            choices.append((str(asked), f"No. {asked}"))
        field.choices = choices


def list_page(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Sessions, newest first."""
    scope = _reader()
    form = FilterForm(scope, request.GET)
    wanted = _wanted(scope, form) if form.is_valid() else None
    page: CursorPage[Session] = CursorPage(results=(), next=None, previous=None)
    if wanted is not None:
        page = queries.page(scope, wanted, cursor=walks.cursor_of(request, context=_context_of(scope)), limit=PAGE)
    now = clock.now()
    context = {
        **site.each_context(request),
        "title": "Sessions",
        "form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "sessions": [_row(session, now) for session in page.results],
        "older": walks.link(request, page.next, context=_context_of(scope)),
        "newer": walks.link(request, page.previous, context=_context_of(scope)),
        "is_fullwidth": "1",
    }
    return TemplateResponse(request, "console/sessions.html", context)


def detail_page(request: HttpRequest, radacctid: int, *, site: Any) -> HttpResponse:
    """One session, every column. Raises Http404 out of reach."""
    try:
        scope = _reader()
        session = queries.get(scope, radacctid)
    except NotFound as error:
        raise Http404 from error
    now = clock.now()
    context = {
        **site.each_context(request),
        "title": f"Session of {session.username}",
        "session": session,
        "row": _row(session, now),
        "groups": _groups(session, organization=organizations.get(scope, session.organization_id).name),
        **_live_control(scope, session),
    }
    return TemplateResponse(request, "console/session.html", context)


@require_POST
def disconnect(request: HttpRequest, radacctid: int) -> HttpResponse:
    """Ask the NAS to end the session, and show its page. Raises Http404 out of reach."""
    scope = _reader()
    if not permissions.may(permissions.LIVE, "write"):
        raise PermissionDenied
    try:
        session = queries.get(scope, radacctid)
    except NotFound as error:
        raise Http404 from error
    try:
        control.disconnect(scope, session.radacctid)
    except Conflict as error:
        messages.warning(request, error.detail)
    else:
        messages.success(request, "The NAS is asked to end the session. What it answers is shown below.")
    return HttpResponseRedirect(reverse("admin:session", args=[radacctid]))


def _live_control(scope: Scope, session: Session) -> dict[str, Any]:
    """The button, and the requests made so far."""
    made = requests.of_session(scope, session.radacctid) if permissions.may(permissions.LIVE, "read") else ()
    waits = any(one.kind == "disconnect" and one.state is State.QUEUED for one in made)
    return {
        "may_disconnect": session.acctstoptime is None and not waits and permissions.may(permissions.LIVE, "write"),
        "requests": [_request(one) for one in made],
    }


def _request(one: Request) -> dict[str, Any]:
    good = one.state in {State.ACKNOWLEDGED, State.GONE, State.OVER}
    changes = ", ".join(f"{item.attribute} = {item.value}" for item in one.items)
    return {
        "created": human.moment(one.created),
        "what": "Disconnect" if one.kind == "disconnect" else f"Change: {changes}",
        "reason": one.reason.replace("-", " ").capitalize(),
        "state": one.state.capitalize(),
        "good": good,
        "bad": not good and one.state is not State.QUEUED,
        "message": one.message,
        "asked": one.asked or "-",
        "answered": human.moment(one.answered),
    }


def _reader() -> Scope:
    if not permissions.may(permissions.SESSIONS, "read"):
        raise PermissionDenied
    return tenancy.current()


def _wanted(scope: Scope, form: FilterForm) -> SessionFilter | None:
    """What the form asks for; None where nothing can match."""
    said = form.cleaned_data
    user_id = None
    if said["username"].strip():
        try:
            user_id = users.find_id(scope, username=said["username"].strip())
        except NotFound:
            return None
    return SessionFilter(
        user_id=user_id,
        access_point_id=ids.parse(said["access_point"]),
        location_id=ids.parse(said["location"]),
        nas_id=ids.parse(said["nas"]),
        start=walks.first_moment(said["since"]),
        end=walks.last_moment(said["until"]),
        status=_STATUS.get(said["status"], "all"),
    )


def _context_of(scope: Scope) -> str:
    return f"console-sessions:{scope.tenant_id}"


def _row(session: Session, now: dt.datetime) -> dict[str, Any]:
    live = session.acctstoptime is None
    # A live session has lasted until now, whenever it was last heard of.
    seconds = (
        max(session.acctsessiontime, int((now - session.acctstarttime).total_seconds())) if live else session.acctsessiontime
    )
    return {
        "session": session,
        "link": reverse("admin:session", args=[session.radacctid]),
        "live": live,
        "started": human.moment(session.acctstarttime),
        "lasted": human.duration(seconds),
        "down": human.octets(session.acctoutputoctets),
        "up": human.octets(session.acctinputoctets),
        "user_link": None if session.user_id is None else reverse("admin:users_user_change", args=[session.user_id]),
    }


def _groups(session: Session, *, organization: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every column by what it is about; what is not known is a dash."""

    def shown(value: object) -> str:
        return "-" if value is None or value == "" else str(value)

    interval = "-" if session.acctinterval is None else human.duration(session.acctinterval)
    return [
        ("Who", [
            ("Username", session.username), ("User number", shown(session.user_id)), ("Profile", shown(session.groupname)),
            ("Class", shown(session.klass)), ("Realm", shown(session.realm)), ("Device", shown(session.callingstationid)),
            ("Framed IP address", shown(session.framedipaddress)), ("Authenticated by", shown(session.acctauthentic)),
        ]),
        ("When", [
            ("Start", human.moment(session.acctstarttime)), ("Last heard of", human.moment(session.acctupdatetime)),
            ("Stop", human.moment(session.acctstoptime)), ("Session time", human.duration(session.acctsessiontime)),
            ("Between updates", interval), ("Terminate cause", shown(session.acctterminatecause)),
        ]),
        ("How much", [
            ("Down (output octets)", f"{human.octets(session.acctoutputoctets)} ({session.acctoutputoctets:,})"),
            ("Up (input octets)", f"{human.octets(session.acctinputoctets)} ({session.acctinputoctets:,})"),
        ]),
        ("Where", [
            ("NAS", shown(session.client_short_name)), ("NAS IP address", session.nasipaddress),
            ("NAS identifier", shown(session.nasidentifier)), ("Port", shown(session.nasportid)),
            ("Port type", shown(session.nasporttype)), ("Access point", shown(session.access_point_name)),
            ("Access point MAC", shown(session.access_point_mac_addr)), ("Location", shown(session.location_name)),
            ("Called station", shown(session.calledstationid)), ("SSID", shown(session.ssid)),
        ]),
        ("RADIUS", [
            ("Session id", session.acctsessionid), ("Unique id", session.acctuniqueid), ("Record", str(session.radacctid)),
            ("Transaction", shown(session.user_transaction_id)), ("Organization", organization),
            ("Service type", shown(session.servicetype)), ("Framed protocol", shown(session.framedprotocol)),
            ("Connect info, start", shown(session.connectinfo_start)), ("Connect info, stop", shown(session.connectinfo_stop)),
        ]),
    ]  # fmt: skip
