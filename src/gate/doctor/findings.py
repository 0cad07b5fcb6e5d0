"""What `gate doctor` finds."""

import enum
from dataclasses import dataclass


class State(enum.Enum):
    """How a finding counts: a fault makes `gate doctor` end with status 1."""

    GOOD = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `gate doctor`, with what to do about it."""

    subject: str
    state: State
    text: str
    advice: str = ""


def good(subject: str, text: str) -> Finding:
    """All is well."""
    return Finding(subject=subject, state=State.GOOD, text=text)


def warning(subject: str, text: str, *, advice: str) -> Finding:
    """GATE runs, and could run better."""
    return Finding(subject=subject, state=State.WARNING, text=text, advice=advice)


def fault(subject: str, text: str, *, advice: str = "") -> Finding:
    """GATE does not run, or not safely."""
    return Finding(subject=subject, state=State.FAULT, text=text, advice=advice)
