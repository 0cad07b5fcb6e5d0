"""Regular expressions written by operators: RE2 matches in time linear in the text, so none of them can stall the server."""

import functools
from typing import Protocol

import re2

# A pattern that needs more than this is a mistake; the memory is bounded before the first match.
MAX_LENGTH = 1_000
_MAX_MEMORY = 1 << 20


class Pattern(Protocol):
    """A compiled regular expression."""

    def search(self, text: str, /) -> object | None:
        """Something true where `text` holds a match."""


class PatternError(ValueError):
    """The pattern cannot be used; the text says why in one sentence."""


def compile_pattern(pattern: str) -> Pattern:
    """`pattern` in RE2's syntax (no look-around, no back references). Raises PatternError."""
    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"is longer than {MAX_LENGTH} characters")
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    try:
        compiled: Pattern = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise PatternError(f"is no regular expression GATE takes: {told}") from None
    return compiled


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Pattern:
    return compile_pattern(pattern)


def matches(pattern: str, text: str) -> bool:
    """Whether `text` holds a match of `pattern`; compiled patterns are kept. Raises PatternError."""
    return _compiled(pattern).search(text) is not None
