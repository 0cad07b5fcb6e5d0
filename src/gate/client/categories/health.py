"""`/health/`: whether GATE is ready. Beyond the reference; needs no token."""

from dataclasses import dataclass

from gate.client.calls import Asked, C, Category, one, operation
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Health(Reply):
    """GATE's state."""

    status: str
    """`ready`."""


@operation("GET", "/health/", bearer=False)
def get_health() -> Asked[Health]:
    """`ready`. Raises Unavailable."""
    return Asked(reads=one(Health))


class HealthCategory(Category[C]):
    """`gate.health`."""

    get = get_health
