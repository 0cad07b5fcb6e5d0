"""Array literals: what is written is what PostgreSQL reads, whatever the values."""

import ipaddress

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gate.accounting import sql
from gate.database import arrays
from strategies import quick, storable, with_database

VALUES = {
    "text": st.one_of(
        storable, st.sampled_from(["", "NULL", "null", '"', "\\", "\\\\", '\\"', "{}", ",", " a ", "\n", "é☕𝄞", "\\x41"])
    ),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "boolean": st.booleans(),
    "double precision": st.floats(allow_nan=False),
    "bytea": st.binary(max_size=40),
}
ADDRESSES = st.ip_addresses().map(str)


def read(kind, written):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [written])
        found = cursor.fetchone()[0]
    return [bytes(value) if isinstance(value, memoryview) else value for value in found]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", VALUES)
def test_literals_are_read_as_what_was_written(kind, django_db_blocker):
    @with_database
    @given(st.lists(st.one_of(st.none(), VALUES[kind]), max_size=20))
    def same(column):
        assert read(kind, arrays.literal(kind, column)) == column

    same()


def test_every_type_of_the_statement_is_tested():
    assert set(sql.TYPES) <= set(VALUES) | {"inet"}


@pytest.mark.django_db
def test_rows_are_read_as_what_was_written(django_db_blocker):
    kinds = sql.TYPES
    row = st.tuples(*(st.one_of(st.none(), ADDRESSES if kind == "inet" else VALUES[kind]) for kind in kinds))

    @with_database
    @given(st.lists(row, min_size=1, max_size=4))
    def same(given_rows):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM unnest(%s::accounting_packet[])", [arrays.rows(kinds, given_rows)])
            found = cursor.fetchall()
        assert [_plain(kinds, each) for each in found] == [_plain(kinds, each) for each in given_rows]

    same()


def _plain(kinds, row):
    """Addresses as such: PostgreSQL writes some otherwise than Python does."""
    return [
        ipaddress.ip_address(str(value)) if kind == "inet" and value is not None
        else bytes(value) if isinstance(value, memoryview)
        else value
        for kind, value in zip(kinds, row, strict=True)
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_column_for_each_row_value():
    rows = [(1, "a", None), (2, None, b"\0\xff")]
    written = arrays.literals(["bigint", "text", "bytea"], rows)
    assert [read(kind, each) for kind, each in zip(["bigint", "text", "bytea"], written, strict=True)] == [
        [1, 2],
        ["a", None],
        [None, b"\0\xff"],
    ]


def test_rows_of_uneven_length_are_refused():
    with pytest.raises(ValueError, match="zip"):
        arrays.literals(["bigint", "text"], [(1, "a"), (2,)])
    with pytest.raises(ValueError, match="zip"):
        arrays.literals(["bigint"], [(1, "a")])
    with pytest.raises(ValueError, match="zip"):
        arrays.rows(["bigint", "text"], [(1, "a"), (2,)])
    with pytest.raises(ValueError, match="zip"):
        arrays.rows(["bigint"], [(1, "a")])


@quick
@given(st.lists(storable, min_size=1))
def test_a_text_never_ends_its_literal_early(column):
    """Between the quotes no quote stands alone, so that nothing a NAS sends becomes another element."""
    written = arrays.literal("text", column)
    rest = written[1:-1].replace("\\\\", "").replace('\\"', "")
    assert rest.count('"') == 2 * len(column)
