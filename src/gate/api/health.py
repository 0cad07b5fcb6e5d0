"""`/health/`: an extension, for whoever watches GATE from where only the API is reachable. Without a token."""

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gate.api import replies
from gate.api.fields import Failure, Schema
from gate.core.errors import Unavailable
from gate.database import readiness

router = Router(auth=None, tags=["health"])


class HealthOut(Schema):
    """GATE's state."""

    status: str = Field(examples=[readiness.READY])


@router.get("/", response={200: HealthOut, 500: Failure, 503: Failure}, summary="Ask whether GATE is ready")
def get_health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  ninja passes it
    """`ready`, or 503."""
    if readiness.state() != readiness.READY:
        raise Unavailable("The database does not answer, or does not hold GATE's tables.")
    return replies.json({"status": readiness.READY})
