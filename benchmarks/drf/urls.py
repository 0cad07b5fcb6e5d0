"""The addresses, and the views behind them."""

from typing import Any

from django.db.models import Model, QuerySet
from django.urls import path
from rest_framework.generics import CreateAPIView, ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.serializers import BaseSerializer

from drf.models import App, Event, Session
from drf.serializers import ConnectionLogSerializer, EventSerializer, SessionSerializer, TestReportSerializer


class NewestSession(CursorPagination):
    ordering = ("-acctstarttime", "-radacctid")
    page_size = 50


class NewestEvent(CursorPagination):
    ordering = ("-at", "-id")
    page_size = 50


class _TenantsList(ListAPIView):
    def get_queryset(self) -> QuerySet[Model]:
        return super().get_queryset().filter(tenant_id=self.request.auth.tenant_id)


class SessionList(_TenantsList):
    category = "aaa_accounting"
    serializer_class = SessionSerializer
    pagination_class = NewestSession
    queryset = Session.objects.select_related("nas", "location", "access_point")


class EventList(_TenantsList):
    category = "txlog_portal"
    serializer_class = EventSerializer
    pagination_class = NewestEvent
    queryset = Event.objects.select_related("location", "access_point")


class _TenantsNew(CreateAPIView):
    def owned(self) -> dict[str, Any]:
        token = self.request.auth
        return {"tenant_id": token.tenant_id, "organization_id": token.organization_id}

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        serializer.save(**self.owned())


class NewConnectionLog(_TenantsNew):
    category = "device_app_connection_log"
    serializer_class = ConnectionLogSerializer

    def owned(self) -> dict[str, Any]:
        # One app, known: GATE looks it up by its name each time.
        return super().owned() | {"app_id": _app(self.request.auth.tenant_id)}


class NewTestReport(_TenantsNew):
    category = "device_app_test_report"
    serializer_class = TestReportSerializer


_apps: dict[int, int] = {}


def _app(tenant_id: int) -> int:
    if tenant_id not in _apps:
        _apps[tenant_id] = App.objects.filter(tenant_id=tenant_id).values_list("id", flat=True)[0]
    return _apps[tenant_id]


urlpatterns = [
    path(f"api/v1/{view.category}/", view.as_view()) for view in (SessionList, EventList, NewConnectionLog, NewTestReport)
]
