"""Parameters as requests."""

import datetime as dt
from decimal import Decimal

import pytest

from gate.client.calls import Operation, as_json, following
from gate.client.categories.txlog_portal import list_transactions
from gate.client.categories.user import get_user, get_user_by_username, list_users, update_user_by_username
from gate.client.errors import ReplyNotUnderstood
from gate.client.replies import Page

NOON = dt.datetime(2024, 1, 15, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def test_paths_are_quoted():
    assert get_user("user_42").path == "/user/user_42/"
    assert get_user_by_username("a/b?c d#é").path == "/user/username/a%2Fb%3Fc%20d%23%C3%A9/"
    assert get_user_by_username("{x}").path == "/user/username/%7Bx%7D/"


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_what_would_name_another_path_is_refused(name):
    with pytest.raises(ValueError, match="cannot stand in a path"):
        get_user_by_username(name)


def test_queries():
    call = list_transactions(
        type=["ui", "ur"], start_date=dt.date(2024, 1, 1), end_date=NOON, user="user_7", limit=50, mac="aa:bb:cc:dd:ee:ff"
    )
    assert call.query == {
        "type": "ui,ur", "start_date": "2024-01-01", "end_date": "2024-01-15T10:00:00Z", "user": "user_7", "limit": "50",
        "mac": "aa:bb:cc:dd:ee:ff",
    }  # fmt: skip
    assert list_users(balance=True).query == {"balance": "true"}
    assert get_user(1).query == {}


def test_bodies_tell_null_from_not_named():
    call = update_user_by_username("jane", username="jane.doe", expiration=None)
    assert (call.method, call.path, call.body) == ("PATCH", "/user/username/jane/", {"username": "jane.doe", "expiration": None})


def test_values_as_gate_takes_them():
    naive = dt.datetime(2024, 1, 15, 12)  # noqa: DTZ001  what is tested
    value = {"at": NOON, "naive": naive, "day": dt.date(2024, 1, 15), "many": (Decimal("1.50"), None, True)}
    assert as_json(value) == {
        "at": "2024-01-15T10:00:00Z", "naive": "2024-01-15T12:00:00Z", "day": "2024-01-15", "many": ["1.50", None, True],
    }  # fmt: skip


def test_of_a_link_only_the_parameters_are_taken():
    call = list_users(limit=2)
    page = Page(results=[], next="https://elsewhere.example/evil/?limit=2&offset=2&username=a%26b")
    after = following(call, page)
    assert after is not None
    assert (after.path, after.query) == ("/user/", {"limit": "2", "offset": "2", "username": "a&b"})
    assert following(call, Page(results=[])) is None
    with pytest.raises(ReplyNotUnderstood):
        following(after, page)


def test_methods_keep_name_and_docstring():
    from gate.client import Gate

    with Gate("http://127.0.0.1:9") as gate:
        assert gate.user.get.__doc__ == get_user.__doc__
        assert gate.user.list.__doc__ == "Users of the token's organizations, by id."
        assert isinstance(type(gate.user).get, Operation)
