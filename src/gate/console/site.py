"""The console's site: signing in, the sidebar, and the pages beside the lists of rows."""

from typing import Any

from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path, reverse

from gate.console import dashboard, once, permissions, sessions, traces, txlog
from gate.console.sign_in import OwnPasswordForm, SignIn
from gate.console.unfolded import AdminSite
from gate.core import tenancy
from gate.core.tenancy import ScopeMissing
from gate.organizations import queries as organizations

# Group, then (title, icon, URL name, category of permission).
_SIDEBAR = (
    ("Overview", (
        ("Dashboard", "monitoring", "index", None),
        ("Sessions", "sensors", "sessions", permissions.SESSIONS),
        ("Sign-ins", "login", "traces", permissions.TRACES),
        ("Log", "history", "txlog", permissions.LOG),
    )),
    ("People", (
        ("Organizations", "account_tree", "organizations_organization_changelist", permissions.ORGANIZATIONS),
        ("Users", "group", "users_user_changelist", permissions.USERS),
        ("Devices", "smartphone", "devices_device_changelist", permissions.DEVICES),
        ("MAC addresses", "barcode", "devices_authorizedmac_changelist", permissions.MACS),
        ("Profiles", "tune", "profiles_profile_changelist", permissions.PROFILES),
    )),
    ("Network", (
        ("NAS", "router", "nas_nas_changelist", permissions.NAS),
        ("Realms", "alternate_email", "realms_realm_changelist", permissions.REALMS),
        ("Pools", "hub", "realms_pool_changelist", permissions.REALMS),
        ("Home servers", "dns", "realms_homeserver_changelist", permissions.REALMS),
        ("Locations", "location_on", "places_location_changelist", permissions.LOCATIONS),
        ("Portals", "captive_portal", "portals_portal_changelist", permissions.PORTALS),
        ("Access points", "wifi", "places_accesspoint_changelist", permissions.ACCESS_POINTS),
        ("Access devices", "door_front", "places_accessdevice_changelist", permissions.ACCESS_DEVICES),
    )),
    ("Settings", (
        ("Client CAs", "verified_user", "organizations_authority_changelist", permissions.AUTHORITIES),
        ("API tokens", "key", "tokens_apitoken_changelist", permissions.TOKENS),
    )),
)  # fmt: skip


class Console(AdminSite):
    """`/console/`. It is named `admin`, the name Django's and unfold's templates look for."""

    site_title = site_header = "GATE"
    index_title = "Dashboard"
    index_template = "console/dashboard.html"
    enable_nav_sidebar = True

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """The pages that are no lists of rows, before those that are."""
        return [
            path("sessions/", self.admin_view(sessions.list_page), {"site": self}, name="sessions"),
            path("sessions/<int:radacctid>/", self.admin_view(sessions.detail_page), {"site": self}, name="session"),
            path("sessions/<int:radacctid>/disconnect/", self.admin_view(sessions.disconnect), name="session_disconnect"),
            path("sign-ins/", self.admin_view(traces.list_page), {"site": self}, name="traces"),
            path("log/", self.admin_view(txlog.list_page), {"site": self}, name="txlog"),
            path("secret/", self.admin_view(once.page), {"site": self}, name="secret"),
            *super().get_urls(),
        ]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The sign-in page, or the dashboard for who is signed in."""
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        context = {**self.each_context(request), "title": "Sign in", "app_path": request.get_full_path(), **(extra_context or {})}
        context["next"] = request.GET.get("next") or request.POST.get("next") or reverse("admin:index")
        return SignIn.as_view(extra_context=context, next_page=reverse("admin:index"))(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The own password, changed by the room's command."""
        return auth_views.PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            template_name="registration/password_change_form.html",
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The dashboard."""
        return super().index(request, {**dashboard.context(), **(extra_context or {})})


def navigation(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001  unfold calls it with the request
    """The sidebar, with what the person may read."""
    groups = []
    for title, entries in _SIDEBAR:
        items = [
            {"title": label, "icon": icon, "link": reverse(f"admin:{name}")}
            for label, icon, name, category in entries
            if category is None or permissions.may(category, "read")
        ]
        if items:
            groups.append({"title": title, "items": items})
    return groups


def account_links(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001  unfold calls it with the request
    """The menu at the person's name."""
    return [{"title": "Change password", "link": reverse("admin:password_change")}]


def subheader(request: HttpRequest) -> str:  # noqa: ARG001  unfold calls it with the request
    """Under the logo: the organization the person belongs to."""
    try:
        scope = tenancy.current()
    except ScopeMissing:
        return "Network access"
    return organizations.get(scope, scope.organization_id).name
