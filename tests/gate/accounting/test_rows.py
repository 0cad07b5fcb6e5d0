"""Counters of 32 bits that begin again from nothing, and counters that were reset."""

import itertools

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gate.accounting.updates import fold
from strategies import quick, with_database
from updates import STARTED, rows, store, update

WRAP = 2**32


def told(seconds, octets, *, narrow=True):
    """As a NAS without gigawords tells of that many octets, or with them."""
    counted = octets % WRAP if narrow else octets
    return update(
        started=STARTED, updated=STARTED + seconds, acctsessiontime=seconds, acctinputoctets=counted,
        acctoutputoctets=counted // 2, narrow=narrow,
    )  # fmt: skip


@st.composite
def counters(draw, *, wraps=None):
    """What a NAS counted, by and by: no step is half of 32 bits or more."""
    steps = draw(st.lists(st.integers(0, WRAP // 2 - 1), min_size=1, max_size=6))
    totals = list(itertools.accumulate(steps))
    if wraps is not None:
        totals = [total for total in totals if total < WRAP * (wraps + 1)] or [steps[0]]
    return [told(60 * (number + 1), total) for number, total in enumerate(totals)], totals


def input_octets():
    (row,) = rows()
    return row["acctinputoctets"]


def forget():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounting_live")


@pytest.mark.django_db
def test_in_order_every_octet_is_counted_however_often_32_bits_wrap_and_copies_count_nothing():
    @with_database
    @given(counters(), st.integers(1, 4), st.randoms(use_true_random=False))
    def exact(drawn, size, shuffle):
        packets, totals = drawn
        forget()
        for first in range(0, len(packets), size):
            store(packets[first : first + size])
        assert input_octets() == totals[-1]
        copies = list(packets)
        shuffle.shuffle(copies)
        for copy in copies:
            store([copy])
        store(copies)
        assert input_octets() == totals[-1]

    exact()


@pytest.mark.django_db
def test_in_any_order_never_more_than_was_counted_nor_less_than_was_told():
    @with_database
    @given(counters(), st.randoms(use_true_random=False), st.integers(1, 3))
    def between(drawn, shuffle, size):
        packets, totals = drawn
        shuffle.shuffle(packets)
        forget()
        for first in range(0, len(packets), size):
            store(packets[first : first + size])
        assert max(packet.acctinputoctets for packet in packets) <= input_octets() <= totals[-1]

    between()


@quick
@given(counters())
def test_folding_counts_as_storing_does(drawn):
    packets, totals = drawn
    ((folded,),) = fold(packets)
    assert folded.acctinputoctets == totals[-1]


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_one_wrap_in_any_order_of_what_lies_on_both_sides(order):
    packets = [told(60, 3_900_000_000), told(120, 4_200_000_000), told(180, WRAP + 100_000_000)]
    for number in order:
        store([packets[number]])
    assert input_octets() == WRAP + 100_000_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # Reset while the session went on: half of 32 bits or more would have to have passed.
        (told(60, 1_000_000_000), told(120, 5_000_000), 1_000_000_000),
        # With gigawords a counter that falls was reset.
        (told(60, 4_200_000_000, narrow=False), told(120, 5_000_000, narrow=False), 4_200_000_000),
        (told(60, 6_000_000_000, narrow=False), told(120, 1_500_000_000), 6_000_000_000),
        # At one and the same moment nothing was counted.
        (told(60, 4_200_000_000), told(60, 5_000_000), 4_200_000_000),
        # A Start, which tells no octets.
        (told(60, 4_200_000_000), update(started=STARTED, updated=STARTED + 90, acctsessiontime=90), 4_200_000_000),
        # No counter is that large; nothing overflows.
        (told(60, 2**63 - 1, narrow=False)._replace(narrow=True), told(120, 5), 2**63 - 1),
    ],
)
def test_what_was_reset_counts_only_once_it_passes_what_was_told(first, second, expected):
    for packets in ([first, second], [second, first]):
        forget()
        for packet in packets:
            store([packet])
        assert input_octets() == expected
        forget()
        store(packets)
        assert input_octets() == expected
