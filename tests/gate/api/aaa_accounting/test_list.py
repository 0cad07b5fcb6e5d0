"""GET /aaa_accounting/"""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import contract
import people
import sessions
from gate.core import clock

URL = "/api/v1/aaa_accounting/"
ENDPOINT = "GET /aaa_accounting/"


def ids(reply: Any) -> list[int]:
    assert reply.status_code == 200, reply.text
    return [row["radacctid"] for row in reply.json()["results"]]


def spread(world: Any, count: int, place: str = "acme") -> list[int]:
    """Sessions a minute apart, every third in the history; newest first."""
    now = clock.now().replace(microsecond=0)
    made = []
    for number in range(count):
        table = "history" if number % 3 == 2 else "live"
        made.append(sessions.add(world, place=place, table=table, acctstarttime=now - dt.timedelta(minutes=number)))
    return made


def test_keeps_to_the_reference(world: Any, web: Any) -> None:
    sessions.add(world, acctstarttime=clock.now().replace(microsecond=987_654))
    sessions.add(world, table="history")
    for url in contract.urls(ENDPOINT):
        assert web.get(f"/api/v1{url}", headers=world.owner.headers).status_code == 200
    reply = web.get(URL, headers=world.owner.headers)
    assert reply.headers["X-Request-ID"]
    contract.assert_keeps_to(ENDPOINT, reply.json())
    row = reply.json()["results"][0]
    assert row["organization_id"] == f"org_{world.organizations['acme']}"
    assert row["user_id"] == f"user_{world.users['acme']}"
    assert row["client_id"] == f"client_{world.nas['acme']}"
    assert row["location_id"] == f"loc_{world.locations['acme']}"
    assert row["access_point_id"] == f"ap_{world.access_points['acme']}"
    assert row["user_transaction_id"] == "txn_321"
    assert (row["client_short_name"], row["access_point_name"], row["location_name"]) == ("acme-nas", "acme AP", "acme site")
    assert row["access_point_mac_addr"] == "02:00:00:00:00:01"
    assert row["nasipaddress"] == "192.0.2.7"
    assert row["framedipaddress"] == "198.51.100.4"
    assert len(row["acctuniqueid"]) == 32
    assert row["acctstarttime"].endswith("Z")
    assert "." not in row["acctstarttime"]


def test_each_sees_the_own_organization_and_below(world: Any, web: Any) -> None:
    at = {place: sessions.add(world, place=place) for place in ("acme", "acme-west", "acme-east", "rival")}
    cafe = sessions.add(world, place="acme-west", organization_id=world.organizations["acme-west-cafe"])
    seen = {name: set(ids(web.get(URL, headers=person.headers))) for name, person in world.people.items()}
    everything = {at["acme"], at["acme-west"], at["acme-east"], cafe}
    assert seen == {
        "owner": everything, "mate": everything, "west": {at["acme-west"], cafe}, "east": {at["acme-east"]},
        "stranger": {at["rival"]},
    }  # fmt: skip


def test_live_and_past_are_one_list_newest_first(world: Any, web: Any) -> None:
    made = spread(world, 9)
    assert ids(web.get(URL, headers=world.owner.headers)) == made


@pytest.mark.parametrize("person", ["owner", "west"])
def test_pages_forward_and_back_cover_every_row_once(world: Any, web: Any, person: str) -> None:
    made = spread(world, 11, place="acme-west")
    headers = world.people[person].headers
    url: str | None = f"{URL}?limit=4&user={world.users['acme-west']}"
    pages, previous = [], None
    while url:
        reply = web.get(url, headers=headers)
        pages.append(ids(reply))
        previous, url = reply.json()["previous"], reply.json()["next"]
    assert [number for page in pages for number in page] == made
    assert [len(page) for page in pages] == [4, 4, 3]
    back = []
    while previous:
        assert f"user={world.users['acme-west']}" in previous  # other parameters are kept
        assert previous.startswith("http://testserver/api/v1/aaa_accounting/?")
        reply = web.get(previous, headers=headers)
        back.append(ids(reply))
        previous = reply.json()["previous"]
    assert back == [pages[1], pages[0]]


def test_rows_added_meanwhile_move_nothing(world: Any, web: Any) -> None:
    made = spread(world, 6)
    first = web.get(f"{URL}?limit=3", headers=world.owner.headers)
    newer = sessions.add(world, acctstarttime=clock.now() + dt.timedelta(minutes=1))
    second = web.get(first.json()["next"], headers=world.owner.headers)
    assert ids(first) + ids(second) == made
    back = web.get(second.json()["previous"], headers=world.owner.headers)
    assert ids(back) == made[:3]
    assert ids(web.get(back.json()["previous"], headers=world.owner.headers)) == [newer]


def test_sessions_that_start_at_the_same_moment_are_told_apart(world: Any, web: Any) -> None:
    now = clock.now().replace(microsecond=0)
    made = [sessions.add(world, acctstarttime=now) for _ in range(5)]
    url, seen = f"{URL}?limit=2", []
    while url:
        reply = web.get(url, headers=world.owner.headers)
        seen += ids(reply)
        url = reply.json()["next"]
    assert seen == sorted(made, reverse=True)


def test_a_forged_cursor_is_refused(world: Any, web: Any) -> None:
    spread(world, 3)
    cursor = web.get(f"{URL}?limit=1", headers=world.owner.headers).json()["next"].split("cursor=")[1].split("&")[0]
    for forged in ("x", "!!", cursor[:-2], ("B" if cursor[0] == "A" else "A") + cursor[1:], "é", "A" * 400):
        reply = web.get(URL, params={"cursor": forged}, headers=world.owner.headers)
        assert (reply.status_code, reply.json()["errors"].keys()) == (400, {"cursor"})
    assert web.get(URL, params={"cursor": cursor}, headers=world.stranger.headers).status_code == 400


def test_every_filter_narrows_by_its_column(world: Any, web: Any) -> None:
    mine = sessions.add(world, place="acme-west")
    sessions.add(world, place="acme-east")
    for name, rows, prefix in [
        ("user", world.users, "user_"), ("access_point", world.access_points, "ap_"), ("location", world.locations, "loc_"),
        ("client", world.nas, "client_"), ("organization", world.organizations, "org_"),
    ]:  # fmt: skip
        for value in (rows["acme-west"], f"{prefix}{rows['acme-west']}"):
            for person in (world.owner, world.west):
                assert ids(web.get(URL, params={name: value}, headers=person.headers)) == [mine], name
        # An object of a sister branch, of another tenant, of nobody: nothing, and not to be told apart.
        assert ids(web.get(URL, params={name: rows["acme-west"]}, headers=world.east.headers)) == []
        assert ids(web.get(URL, params={name: rows["acme-west"]}, headers=world.stranger.headers)) == []
        assert ids(web.get(URL, params={name: 2**60}, headers=world.owner.headers)) == []
    assert ids(web.get(URL, params={"organization": "ACME-west"}, headers=world.owner.headers)) == [mine]
    both = {"user": world.users["acme-west"], "access_point": world.access_points["acme-east"]}
    assert ids(web.get(URL, params=both, headers=world.owner.headers)) == []


def test_an_object_of_ones_own_does_not_show_a_sister_branch(world: Any, web: Any) -> None:
    own = sessions.add(world, place="acme-west")
    # A guest of the other branch at this branch's access point: the session is the other branch's.
    sessions.add(world, place="acme-east", access_point_id=world.access_points["acme-west"])
    params = {"access_point": world.access_points["acme-west"]}
    assert ids(web.get(URL, params=params, headers=world.west.headers)) == [own]
    assert len(ids(web.get(URL, params=params, headers=world.owner.headers))) == 2


def test_session_status(world: Any, web: Any) -> None:
    now = clock.now()
    active = sessions.add(world)
    closed = sessions.add(world, acctstoptime=now)
    past = sessions.add(world, table="history")
    for status, wanted in [("active", {active}), ("inactive", {closed, past}), ("all", {active, closed, past})]:
        assert set(ids(web.get(URL, params={"session_status": status}, headers=world.owner.headers))) == wanted


def test_dates(world: Any, web: Any) -> None:
    noon = dt.datetime(2024, 1, 15, 12, tzinfo=dt.UTC)
    session = sessions.add(world, table="history", acctstarttime=noon)
    for params, found in [
        ({"start_date": "2024-01-15", "end_date": "2024-01-15"}, True),
        ({"start_date": "2024-01-16"}, False),
        ({"end_date": "2024-01-14"}, False),
        ({"start_date": "2024-01-15 12:00:00", "end_date": "2024-01-15T12:00:00Z"}, True),
        ({"start_date": "2024-01-15 12:00:01"}, False),
        ({"start_date": "2024-01-15T14:00:00+02:00", "end_date": "2024-01-15 14:00:00 02:00"}, True),  # the + came as a space
        ({"start_date": "2024-01-15T14:00:01+02:00"}, False),
    ]:
        assert ids(web.get(URL, params=params, headers=world.owner.headers)) == ([session] if found else []), params


@pytest.mark.parametrize(
    "params",
    [
        {"start_date": "yesterday"}, {"end_date": "2024-13-01"}, {"start_date": "1"}, {"limit": "0"}, {"limit": "ten"},
        {"user": "john"}, {"user": "99999999999999999999"}, {"session_status": "open"}, {"user": "a\x00b"},
    ],
)  # fmt: skip
def test_bad_values_are_refused_by_name(world: Any, web: Any, params: dict[str, str]) -> None:
    reply = web.get(URL, params=params, headers=world.owner.headers)
    assert reply.status_code == 400
    assert set(reply.json()) == {"detail", "code", "errors"}
    assert set(reply.json()["errors"]) == set(params)


def test_unknown_and_empty_parameters_are_ignored_and_limits_cut(world: Any, web: Any) -> None:
    spread(world, 2)
    assert len(ids(web.get(f"{URL}?colour=red&user=&limit=5000", headers=world.owner.headers))) == 2


def test_without_a_good_token(world: Any, web: Any) -> None:
    for value in (None, "Bearer nonsense", f"Bearer gate_{'x' * 43}", "Basic eDp5", "Bearer"):
        headers = {"Authorization": value} if value else {}
        reply = web.get(URL, headers=headers)
        assert reply.status_code == 401
        assert reply.headers["WWW-Authenticate"] == "Bearer"
        assert set(reply.json()) == {"detail", "code"}


def test_a_token_for_something_else_is_forbidden(world: Any, web: Any, grant: Any) -> None:
    assert web.get(URL, headers=grant(world.owner, "user:read")).status_code == 403
    assert web.get(URL, headers=grant(world.owner, "aaa_accounting:read")).status_code == 200


def test_a_deleted_user_leaves_the_session_with_the_name_alone(world: Any, web: Any) -> None:
    sessions.add(world)
    sessions.add(world, table="history")
    assert web.delete(f"/api/v1/user/{world.users['acme']}/", headers=world.owner.headers).status_code == 204
    rows = web.get(URL, headers=world.owner.headers).json()["results"]
    assert [(row["user_id"], row["username"]) for row in rows] == [(None, "guest.acme")] * 2


def test_statements_do_not_grow_with_rows(world: Any, web: Any) -> None:
    """The list is read by psycopg's own cursor, which Django does not count: nothing else may be asked a row."""
    web.get(URL, headers=world.owner.headers)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            web.get(f"{URL}?limit=100", headers=world.owner.headers)
        # SET ROLE and its end are the test's; within a transaction the tenant is told each time.
        return len([query for query in captured if "ROLE" not in query["sql"] and "set_config" not in query["sql"]])

    spread(world, 3)
    few = asked()
    spread(world, 40)
    assert asked() == few == 0


def test_the_second_wall_hides_names_and_the_first_the_rows(world: Any) -> None:
    """Accounting goes by explicit scope; what it joins is behind row-level security."""
    with people.as_web_process(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gate.tenant', %s, false)", [str(world.organizations["rival"])])
        for table in ("users_user", "nas_nas", "places_location", "places_accesspoint", "tokens_apitoken", "profiles_profile"):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", [world.organizations["acme"]])
            assert cursor.fetchone()[0] == 0, table
