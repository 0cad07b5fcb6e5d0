"""The one address, and the view behind it."""

from django.db.models import QuerySet
from django.urls import path
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination

from drf.models import Session
from drf.serializers import SessionSerializer


class NewestFirst(CursorPagination):
    ordering = ("-acctstarttime", "-radacctid")
    page_size = 50


class SessionList(ListAPIView):
    serializer_class = SessionSerializer
    pagination_class = NewestFirst
    queryset = Session.objects.select_related("nas", "location", "access_point")

    def get_queryset(self) -> QuerySet[Session]:
        return super().get_queryset().filter(tenant_id=self.request.auth.tenant_id)


urlpatterns = [path("api/v1/aaa_accounting/", SessionList.as_view())]
