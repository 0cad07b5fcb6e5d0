"""Profiles as decisions look at them, out of their rows: for the RADIUS server, which keeps all, and for a dry run."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Final

from gate.access.types import UNLIMITED, Item, Limits, ProfileFacts

_LIMITS: Final = tuple(field.name for field in dataclasses.fields(Limits))
SELECT: Final = f"SELECT id, short_name, check_attribute, reply_attribute, {', '.join(_LIMITS)} FROM profiles_profile"

Canonical = Callable[[str, str, str], tuple[str, str]]
"""Takes attribute, operator and value of a check item; gives attribute and value as requests are printed. See gate.attributes."""


def profile_facts(row: Sequence[Any], *, canonical: Canonical) -> ProfileFacts:
    """The profile in a row of `SELECT`. Raises TypeError or KeyError where an item is none."""
    number, short_name, checks, replies, *limits = row
    return ProfileFacts(
        id=number,
        short_name=short_name,
        checks=tuple(_canonical(_item(held), canonical) for held in checks),
        replies=tuple(_item(held) for held in replies),
        limits=Limits(**dict(zip(_LIMITS, limits, strict=True))) if any(limits) else UNLIMITED,
    )


def _item(held: Any) -> Item:
    attribute, op, value = held["attribute"], held["op"], held["value"]
    if not (isinstance(attribute, str) and isinstance(op, str) and isinstance(value, str)):
        raise TypeError("attribute, op and value of an item are texts")
    return Item(attribute=attribute, op=op, value=value)


def _canonical(item: Item, canonical: Canonical) -> Item:
    attribute, value = canonical(item.attribute, item.op, item.value)
    return Item(attribute=attribute, op=item.op, value=value)
