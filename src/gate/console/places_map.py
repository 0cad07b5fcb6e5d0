"""A drawing of where the locations are: no map tiles, so that nothing is asked of another host."""

from dataclasses import dataclass

from django.urls import reverse

from gate.core.tenancy import Scope
from gate.places import queries
from gate.places.types import PlaceFilter

_MOST = 500
_WIDTH, _HEIGHT, _MARGIN = 960.0, 220.0, 32.0
_LABEL_WIDTH, _LABEL_HEIGHT = 150.0, 18.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One location in the drawing."""

    x: float
    y: float
    name: str
    link: str
    is_active: bool
    label: str
    """The name, cut short, where there is room for it."""
    anchor: str
    """Which end of the label is at the dot."""


def dots(scope: Scope) -> list[Dot]:
    """The scope's locations with coordinates, fitted into a drawing of 960 by 220; none where there are fewer than two."""
    found = queries.list_locations(scope, where=PlaceFilter(have_coordinates=True), limit=_MOST).results
    placed = [
        (float(row.longitude), float(row.latitude), row)
        for row in found
        if row.latitude is not None and row.longitude is not None
    ]
    if len(placed) < 2:
        return []
    west, east = min(x for x, _, _ in placed), max(x for x, _, _ in placed)
    south, north = min(y for _, y, _ in placed), max(y for _, y, _ in placed)
    # One scale for both directions, at least a hundredth of a degree wide, so that neighbours do not fly apart.
    scale = min((_WIDTH - 2 * _MARGIN) / max(east - west, 0.01), (_HEIGHT - 2 * _MARGIN) / max(north - south, 0.01))
    left, top = (_WIDTH - (east - west) * scale) / 2, (_HEIGHT - (north - south) * scale) / 2
    drawn: list[Dot] = []
    for degrees_x, degrees_y, row in placed:
        x, y = round(left + (degrees_x - west) * scale, 1), round(top + (north - degrees_y) * scale, 1)
        free = all(abs(x - dot.x) > _LABEL_WIDTH or abs(y - dot.y) > _LABEL_HEIGHT for dot in drawn if dot.label)
        drawn.append(
            Dot(
                x=x,
                y=y,
                name=row.name,
                link=reverse("admin:places_location_change", args=[row.id]),
                is_active=row.is_active,
                label=_short(row.name) if free else "",
                anchor="start" if x < _WIDTH / 6 else "end" if x > _WIDTH * 5 / 6 else "middle",
            )
        )
    return drawn


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:23]}…"
