"""Two questions of supervisors and load balancers. They say yes or no, and nothing about the inside."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def live(_: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


def ready(_: HttpRequest) -> JsonResponse:
    """The database answers as well, and holds GATE's schema."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.organizations_organization') IS NOT NULL")
            migrated: bool = cursor.fetchone()[0]
    except DatabaseError:
        return JsonResponse({"status": "database away"}, status=503)
    return JsonResponse({"status": "ready"}) if migrated else JsonResponse({"status": "not migrated"}, status=503)
