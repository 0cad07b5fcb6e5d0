"""What the makes have in common: limits in, groups of reply items out. Pure.

A group says one thing, so it is sent whole or not at all: half of a 64-bit quota would be another quota. Where an operator's
own item names an attribute of a group, the operator's stands in the group's place (`gate.radiusd.replies`).

Rounding never gives more than was set: kbit/s are rounded down, to 1 at the least because 0 means "not limited" to most makes.
A number too large for its field becomes the largest there is.
"""

from collections.abc import Iterator
from typing import Final

from gate.access.types import Item, Limits

Group = tuple[Item, ...]
Groups = Iterator[Group]

WORD: Final = 2**32
"""Counters have 32 bits; what goes beyond is counted in an attribute of its own (gigawords), where the make has one."""


def item(attribute: str, value: object) -> Item:
    """A reply item that stands in for none of the operator's."""
    return Item(attribute, "=", str(value))


def one(attribute: str, value: object) -> Groups:
    """A group of one attribute; nothing where there is no value."""
    if value not in (None, ""):
        yield (item(attribute, value),)


def number(attribute: str, value: int | None) -> Groups:
    """A group of one 32-bit number."""
    yield from one(attribute, None if value is None else min(value, WORD - 1))


def kbit(attribute: str, bits: int | None) -> Groups:
    """A rate in kbit/s (1,000 bit/s)."""
    yield from number(attribute, kbits(bits))


def kbits(bits: int | None) -> int | None:
    """Rounded down, 1 at the least."""
    return None if bits is None else max(1, bits // 1_000)


def octets(attribute: str, gigawords: str, value: int | None) -> Groups:
    """A quota in bytes over two attributes, as RFC 2869 section 5.1 splits counters: the rest, and how many times 2^32."""
    if value is not None:
        high, low = divmod(value, WORD)
        yield (item(attribute, low), item(gigawords, min(high, WORD - 1)))


def filter_id(limits: Limits) -> Groups:
    """The role as Filter-Id (RFC 2865 section 5.11)."""
    yield from one("Filter-Id", limits.role)


def tunnel(limits: Limits) -> Groups:
    """The VLAN as RFC 3580 section 3.31 has it."""
    if limits.vlan is not None:
        yield (
            item("Tunnel-Type", "VLAN"),
            item("Tunnel-Medium-Type", "IEEE-802"),
            item("Tunnel-Private-Group-Id", limits.vlan),
        )


def wispr_rates(limits: Limits) -> Groups:
    """Rates in bit/s."""
    yield from number("WISPr-Bandwidth-Max-Up", limits.rate_up)
    yield from number("WISPr-Bandwidth-Max-Down", limits.rate_down)


def wispr_redirection(limits: Limits) -> Groups:
    """Page after the sign-in."""
    yield from one("WISPr-Redirection-URL", limits.redirect_url)
