"""Two questions of supervisors and load balancers. They say yes or no, and nothing about the inside."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

READY, AWAY, EMPTY = "ready", "database away", "not migrated"


def state() -> str:
    """READY, or AWAY where the database does not answer, or EMPTY where it does not hold GATE's tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.organizations_organization') IS NOT NULL")
            return READY if cursor.fetchone()[0] else EMPTY
    except DatabaseError:
        return AWAY


def live(_: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


def ready(_: HttpRequest) -> JsonResponse:
    """The database answers as well, and holds GATE's tables."""
    found = state()
    return JsonResponse({"status": found}, status=200 if found == READY else 503)
