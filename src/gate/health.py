"""Two questions of supervisors and load balancers. They say yes or no, and nothing about the inside."""

from django.http import HttpRequest, JsonResponse

from gate.database import readiness


def live(_: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


def ready(_: HttpRequest) -> JsonResponse:
    """The database answers as well, and holds GATE's tables."""
    found = readiness.state()
    return JsonResponse({"status": found}, status=200 if found == readiness.READY else 503)
