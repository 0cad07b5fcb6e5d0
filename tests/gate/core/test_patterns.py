"""Operators' regular expressions: linear in the text, and refused in a sentence where they cannot be used."""

import pytest

from gate.core import patterns
from gate.core.patterns import PatternError


def test_a_pattern_matches_anywhere_unless_it_says_otherwise() -> None:
    assert patterns.matches("^([0-9A-Fa-f]{2}[:-]){5}([0-9A-Fa-f]{2})$", "AA-BB-CC-DD-EE-FF")
    assert patterns.matches("BB", "AA-BB")
    assert not patterns.matches("^BB", "AA-BB")


@pytest.mark.parametrize("pattern", ["(", "(?=x)", r"(a)\1", "a" * 2000])
def test_what_cannot_be_matched_in_linear_time_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        patterns.matches(pattern, "text")


@pytest.mark.timeout(20)
def test_a_pattern_that_stalls_backtracking_engines_does_not_stall_this_one() -> None:
    assert not patterns.matches("^(a+)+$", "a" * 100_000 + "!")
