"""Two questions of supervisors and load balancers, which say yes or no and nothing about the inside; and metrics, which do.

Metrics are for the networks named in the settings alone. Who a proxy speaks for is known where the proxy is named in them too
(core/proxies.py); words of any other proxy are reason enough to refuse.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse

from gate import settings
from gate.core.board import BOARD
from gate.core.exposition import CONTENT_TYPE, gauge, render
from gate.core.proxies import is_within
from gate.database import readiness


def live(_: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


def ready(_: HttpRequest) -> JsonResponse:
    """The database answers as well, and holds GATE's tables."""
    found = readiness.state()
    return JsonResponse({"status": found}, status=200 if found == readiness.READY else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus scrapes, of all workers together."""
    read = settings.current()
    spoken_for = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"))
    if (spoken_for and not read.trusted_proxies) or not is_within(request.META.get("REMOTE_ADDR", ""), read.metrics_networks):
        return HttpResponse("Not from here: GATE_METRICS_NETWORKS.\n", content_type="text/plain; charset=utf-8", status=403)
    up = gauge(
        "gate_web_database_up",
        "1 while PostgreSQL can be worked with and holds GATE's tables.",
        [({}, float(readiness.state() == readiness.READY))],
    )
    return HttpResponse(render((*BOARD.families(), up)), content_type=CONTENT_TYPE)
