"""What Hypothesis draws from in more than one place, and how much it draws.

Nothing is kept between runs (no database of examples): the same checkout gives the same result everywhere.
"""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

quick = settings(max_examples=200, deadline=None, database=None)
"""For pure code."""

with_database = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""For examples that ask PostgreSQL: it answers in milliseconds, the examples share the test's transaction."""

storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
"""Text as PostgreSQL takes it: no surrogates, no NUL."""
