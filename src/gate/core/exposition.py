"""Metrics as Prometheus reads them: the text exposition format, version 0.0.4, written by hand.

The servers count in plain integers and make families of them when somebody asks; a library that counts for them would cost on
every packet what this costs on every scrape.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]


class Histogram:
    """Counts of values by size. `observe` takes a few hundred nanoseconds."""

    __slots__ = ("counts", "edges", "total")

    def __init__(self, edges: Sequence[float]) -> None:
        self.edges = tuple(edges)
        self.counts = [0] * (len(self.edges) + 1)
        """By edge, the values up to it and beyond the one before; last those beyond all."""
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.edges, value)] += 1
        self.total += value


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with all its samples."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    told: str
    samples: Sequence[tuple[str, Labels, float]]
    """Suffix of the name, labels, value."""


def counter(name: str, told: str, samples: Iterable[tuple[Labels, float]]) -> Family:
    """What only grows; the name ends with `_total`."""
    return Family(name, "counter", told, [("", labels, value) for labels, value in samples])


def gauge(name: str, told: str, samples: Iterable[tuple[Labels, float]]) -> Family:
    """What goes up and down."""
    return Family(name, "gauge", told, [("", labels, value) for labels, value in samples])


def histogram(name: str, told: str, samples: Iterable[tuple[Labels, Histogram]]) -> Family:
    """Values by size, cumulated as the format has them."""
    found: list[tuple[str, Labels, float]] = []
    for labels, held in samples:
        counts, reached = list(held.counts), 0
        for edge, count in zip((*map(_number, held.edges), "+Inf"), counts, strict=True):
            reached += count
            found.append(("_bucket", {**labels, "le": edge}, reached))
        found += [("_sum", labels, held.total), ("_count", labels, reached)]
    return Family(name, "histogram", told, found)


def render(families: Iterable[Family]) -> str:
    """The text of a scrape."""
    lines: list[str] = []
    for family in families:
        lines += [f"# HELP {family.name} {_help(family.told)}", f"# TYPE {family.name} {family.kind}"]
        for suffix, labels, value in family.samples:
            said = ",".join(f'{name}="{_label(text)}"' for name, text in labels.items())
            lines.append(
                f"{family.name}{suffix}{{{said}}} {_number(value)}" if said else f"{family.name}{suffix} {_number(value)}"
            )
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _label(text: str) -> str:
    return _help(text).replace('"', '\\"')
