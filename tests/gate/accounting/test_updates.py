"""Folding is a lattice join: order, grouping and repetition of a session's packets do not matter (acctinterval aside)."""

import functools
import itertools

from hypothesis import given
from hypothesis import strategies as st

from gate.accounting import sql
from gate.accounting.updates import Update, fold, merge
from strategies import quick
from updates import STARTED, Places, session, update

PLACES = Places(
    nas={"organization_id": 1, "path": "1", "location_id": None},
    access_point={"organization_id": 5, "path": None, "location_id": 50, "access_point_id": 500},
)
packets = session(who={"username": "eve@example.net", "username_key": "eve@example.net"}, places=PLACES)


def plain(one: Update) -> Update:
    return one._replace(acctinterval=None)


@quick
@given(packets, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_fold_into_one(given_packets, shuffle):
    ((expected,),) = fold(given_packets)
    again = [*given_packets, *given_packets]
    shuffle.shuffle(again)
    ((folded,),) = fold(again)
    assert plain(folded) == plain(expected)


@quick
@given(packets, packets, packets)
def test_merging_is_associative(one, two, three):
    first, second, third = (functools.reduce(merge, each) for each in (one, two, three))
    assert plain(merge(merge(first, second), third)) == plain(merge(first, merge(second, third)))


@quick
@given(packets)
def test_a_packet_twice_is_a_packet_once(given_packets):
    for packet in given_packets:
        assert merge(packet, packet) == packet
        assert merge(merge(given_packets[0], packet), packet) == merge(given_packets[0], packet)


@quick
@given(packets)
def test_what_is_folded_is_what_was_told(given_packets):
    ((folded,),) = fold(given_packets)
    starts = [packet.started for packet in given_packets if packet.start_seen]
    assert folded.started == min(starts or [packet.started for packet in given_packets])
    assert folded.start_seen == bool(starts)
    assert folded.updated == max(packet.updated for packet in given_packets)
    assert folded.stopped == max((packet.stopped for packet in given_packets if packet.stopped is not None), default=None)
    for name in ("acctsessiontime", "acctinputoctets", "acctoutputoctets"):
        assert getattr(folded, name) == max(getattr(packet, name) for packet in given_packets)
    in_place = any(packet.access_point_id for packet in given_packets)
    expected = PLACES.access_point if in_place else PLACES.nas
    assert {name: getattr(folded, name) for name in expected} == expected


def test_a_start_seen_beats_a_start_reckoned_even_if_later():
    start, interim = update(start_seen=True, started=STARTED + 5), update(started=STARTED)
    assert merge(start, interim).started == merge(interim, start).started == STARTED + 5


def test_the_access_point_s_place_wins_whole():
    """No mixture: with the organization of one packet and the NAS's path of another, a user's organization would win."""
    point, nas = update(**PLACES.access_point), update(**PLACES.nas)
    for merged in (merge(point, nas), merge(nas, point)):
        assert (merged.organization_id, merged.path, merged.location_id, merged.access_point_id) == (5, None, 50, 500)


def test_an_access_point_without_location_leaves_the_nas_s():
    point, nas = update(**PLACES.access_point | {"location_id": None}), update(**PLACES.nas | {"location_id": 7})
    assert merge(point, nas).location_id == merge(nas, point).location_id == 7


def test_several_sessions_come_out_by_their_ids():
    updates = [update(acctsessionid=name) for name in "cabbage"]
    (folded,) = fold(updates)
    assert [one.acctuniqueid for one in folded] == sorted({one.acctuniqueid for one in updates})


def test_the_interval_is_the_gap_of_the_last_two_updates():
    one, two, three = (update(updated=STARTED + seconds) for seconds in (0, 60, 90))
    assert fold([one])[0][0].acctinterval is None
    assert fold([one, two, three])[0][0].acctinterval == 30
    assert fold([one, two, one])[0][0].acctinterval == 60


def test_nothing_folds_into_nothing():
    assert fold([]) == []


def test_the_fields_are_in_the_order_of_the_statement():
    names = [name for name, _ in sql._INPUT]
    assert list(Update._fields) == names
    assert len(set(names)) == len(names) == len(sql.TYPES)


def test_every_order_of_three_packets():
    """The exact case of RFC 2866: Start, Interim, Stop, each order of them."""
    told = [
        update(start_seen=True, framedipaddress=None),
        update(acctsessiontime=60, updated=STARTED + 60, started=STARTED + 0.5, framedipaddress="198.51.100.4"),
        update(acctsessiontime=90, updated=STARTED + 90, stopped=STARTED + 90, acctterminatecause="User-Request"),
    ]
    folded = {plain(fold(order)[0][0]) for order in itertools.permutations(told)}
    assert len(folded) == 1
    (one,) = folded
    assert (one.started, one.stopped, one.acctsessiontime) == (STARTED, STARTED + 90, 90)
    assert (one.framedipaddress, one.acctterminatecause) == ("198.51.100.4", "User-Request")
