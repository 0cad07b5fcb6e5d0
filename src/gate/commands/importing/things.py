"""Profiles, NAS and places out of records, one after the other: there are thousands of them, not millions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gate.attributes import RadiusDictionary
from gate.commands.importing.kinds import Complaint, Order, Row
from gate.commands.importing.people import organization_of
from gate.core.errors import Invalid
from gate.nas import commands as nas
from gate.nas.types import NasDraft
from gate.places import bulk as places
from gate.places import commands as place_commands
from gate.places.types import AccessPointDraft, LocationDraft
from gate.profiles import commands as profiles

Create = Callable[[Order, dict[str, Any], Mapping[str, int]], None]
"""Takes the values of a record and the ids of the locations named by records, by short name. Raises Invalid."""


class Things:
    """Makes rows by the room's own command for one."""

    def __init__(self, order: Order, *, create: Create) -> None:
        self._order = order
        self._create = create

    def make(self, rows: Sequence[Row]) -> Sequence[Complaint]:
        """Each by itself; one that is refused leaves nothing behind."""
        named = {str(row.values["location"]).strip() for row in rows if "location" in row.values}
        locations = places.location_ids(self._order.scope, named) if named else {}
        complaints = []
        for row in rows:
            try:
                self._create(self._order, row.values, locations)
            except Invalid as refused:
                complaints.append(Complaint(row.line, refused.detail))
        return complaints


def profile(order: Order, values: dict[str, Any], _: Mapping[str, int]) -> None:
    """A profile."""
    profiles.create(order.scope, fields=_drafted(order, values), dictionary=RadiusDictionary())  # type: ignore[arg-type]  # the names are ProfileFields'


def location(order: Order, values: dict[str, Any], _: Mapping[str, int]) -> None:
    """A location."""
    place_commands.create_location(order.scope, draft=LocationDraft(**_named(_drafted(order, values))))


def access_point(order: Order, values: dict[str, Any], locations: Mapping[str, int]) -> None:
    """An access point, maybe in a location."""
    drafted = _named(_drafted(order, values)) | _located(values, locations)
    place_commands.create_access_point(order.scope, draft=AccessPointDraft(**drafted))


def nas_entry(order: Order, values: dict[str, Any], locations: Mapping[str, int]) -> None:
    """A NAS with the secret given, or one made here, which is told. By RadSec alone people sign in without it."""
    drafted = _named(_drafted(order, values)) | _located(values, locations)
    secret = drafted.pop("secret", None)
    if secret is None and order.tell_secret is None and "address" in drafted:
        raise Invalid.field("secret", "is missing: give one, or a file for those GATE makes, with --secrets FILE")
    made = nas.create_nas(order.scope, draft=NasDraft(**drafted), secret=secret)
    if secret is None and order.tell_secret is not None:
        order.tell_secret(made.nas.short_name, made.nas.address or "", made.secret)


def _drafted(order: Order, values: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in values.items() if name not in {"organization", "location"}}
    return kept | {"organization_id": organization_of(order, values)}


def _named(values: dict[str, Any]) -> dict[str, Any]:
    # An empty cell says nothing; the room says that a name is missing.
    return {"name": "", "short_name": ""} | values


def _located(values: dict[str, Any], locations: Mapping[str, int]) -> dict[str, Any]:
    if "location" not in values:
        return {}
    found = locations.get(str(values["location"]).strip().lower())
    if found is None:
        raise Invalid.field("location", "there is no location of this short name; import locations first")
    return {"location_id": found}
