"""What is asked of every list: the first page, a deep page, each filter, by callers at each place in the tree.

Values of filters are taken out of first pages, so that they are such as exist; what is rare, frequent and absent is asked for
where it may make a difference.
"""

import datetime as dt
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

API = "/api/v1"
Get = Callable[[str, str], Any]
"""Asks as a caller for a path; the reply's JSON."""

PLACES = (
    "device_app_access_devices", "device_app_access_points", "device_app_locations", "hostspot_access_points",
    "hostspot_locations",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One question."""

    endpoint: str
    name: str
    caller: str
    path: str
    some: bool = True
    """Whether the reply has to hold rows."""


def all_cases(get: Get) -> Iterator[Case]:
    """Every case."""
    for caller in ("root", "middle", "leaf", "small"):
        for endpoint in ("user", "user_token", "user_extra", "aaa_profile", "organization", *PLACES):
            yield from _counted(get, endpoint, caller)
        for endpoint in ("aaa_accounting", "txlog_portal"):
            yield from _by_cursor(get, endpoint, caller)
        yield from _summaries(caller)


def _counted(get: Get, endpoint: str, caller: str) -> Iterator[Case]:
    def case(called: str, /, some: bool = True, **query: Any) -> Case:
        return _case(endpoint, called, caller, query, some=some)

    first = get(caller, f"{API}/{endpoint}/?limit=100")
    if not first["results"]:
        yield case("first page, none", some=False)
        return
    count = first["count"]
    yield case("first page")
    yield case("first page of 100", limit=100)
    for part, name in ((2, "page in the middle"), (1, "last page")):
        yield case(name, limit=100, offset=max(0, count - 50) if part == 1 else count // 2)
    yield from _FILTERS.get(endpoint, _places)(first["results"], case)


def _users(results: list[dict[str, Any]], case: Callable[..., Case]) -> Iterator[Case]:
    yield case("id", id=results[-1]["id"])
    for name, part in (
        ("rare", f"guest{results[-1]['id'] // 3 * 3}"),
        ("frequent", "guest"),
        ("middling", "abc"),
        ("short", "1"),
    ):
        yield case(f"username, {name}", some=False, username=part)
    yield case("username, frequent, page 100", some=False, username="example", limit=100, offset=10_000)
    yield case("username, absent", some=False, username="nobodyhasthis")
    yield case("organization, small", some=False, organization="branch-5")
    yield case("organization, large", some=False, organization="branch-105")
    yield case("organization, large, last page", some=False, organization="branch-105", limit=100, offset=900)
    yield case("organization and username", some=False, organization="branch-105", username="guest")
    yield case("balance", balance="true", limit=100)


def _tokens(results: list[dict[str, Any]], case: Callable[..., Case]) -> Iterator[Case]:
    yield case("username", username=results[-1]["username"])
    yield case("username, absent", some=False, username="nobodyhasthis")
    yield case("organization, small", some=False, organization="branch-5")
    yield case("organization, large", some=False, organization="branch-105")
    yield case("balance", balance="true", limit=100)


def _extras(results: list[dict[str, Any]], case: Callable[..., Case]) -> Iterator[Case]:
    yield case("parent", parent=_id_of(results[-1]["parent"]))
    yield case("parent__organization_id, small", some=False, parent__organization_id=5)
    yield case("parent__organization_id, large", some=False, parent__organization_id=105)
    yield case("device_info", device_info="true", limit=100)


def _profiles(results: list[dict[str, Any]], case: Callable[..., Case]) -> Iterator[Case]:
    yield case("short_name", short_name=results[-1]["short_name"])
    yield case("organization", some=False, organization="acme")


def _organizations(results: list[dict[str, Any]], case: Callable[..., Case]) -> Iterator[Case]:
    yield case("id", id=results[-1]["id"])
    yield case("name, a part", some=False, name="branch")
    yield case("parent", some=False, parent=2)
    yield case("is_active", is_active="true")


def _places(_: list[dict[str, Any]], case: Callable[..., Case]) -> Iterator[Case]:
    now = dt.datetime.now(tz=dt.UTC)
    for name, days in (("a year", 365), ("a week", 7)):
        changed = (now - dt.timedelta(days=days)).strftime("%Y-%m-%d")
        yield case(f"last_change__gte, {name}", some=False, last_change__gte=changed)
    for value in ("true", "false"):
        yield case(f"is_active={value}", some=False, is_active=value)
        yield case(f"have_coordinates={value}", some=False, have_coordinates=value)


_FILTERS: Mapping[str, Callable[[list[dict[str, Any]], Callable[..., Case]], Iterator[Case]]] = {
    "user": _users, "user_token": _tokens, "user_extra": _extras, "aaa_profile": _profiles, "organization": _organizations,
}  # fmt: skip


def _by_cursor(get: Get, endpoint: str, caller: str) -> Iterator[Case]:
    def case(called: str, /, some: bool = True, **query: Any) -> Case:
        return _case(endpoint, called, caller, query, some=some)

    first = get(caller, f"{API}/{endpoint}/?limit=100")
    yield case("first page")
    yield case("first page of 100", limit=100)
    half = (dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=90)).strftime("%Y-%m-%d")
    deep = get(caller, f"{API}/{endpoint}/?limit=100&end_date={half}")["next"]
    if deep is not None:
        cursor = urllib.parse.parse_qs(urllib.parse.urlsplit(deep).query)["cursor"][0]
        yield case("page half a history deep", limit=100, end_date=half, cursor=cursor)
    rows = first["results"]
    yield case("start_date, end_date", some=False, start_date=half, end_date=half)
    yield case("end_date before everything", some=False, end_date="2001-01-01")
    row = rows[-1]
    names = {"user": "user", "access_point": "access_point", "location": "location", "client": "client"}
    if endpoint == "txlog_portal":
        names = {"user": "user", "access_point": "access_point", "location": "location", "page": "page"}
        for name, types in (("one, frequent", "ui"), ("one, rare", "un"), ("several", "ur,uu,un"), ("absent", "pp")):
            yield case(f"type, {name}", some=False, type=types, limit=100)
        yield case("status", some=False, status="e401")
        yield case("type and start_date", some=False, type="ur", start_date=half)
        yield case("mac", some=False, mac=f"{row['mac_addr'] or 1:012x}")
    else:
        for status in ("active", "inactive"):
            yield case(f"session_status={status}", some=False, session_status=status)
    for name, key in names.items():
        value = _id_of(row.get(key, row.get(f"{key}_id")))
        if value is not None:
            yield case(name, some=False, **{name: value})
            yield case(f"{name} and end_date", some=False, **{name: value}, end_date=half)
    yield case("user nobody is", some=False, user=999_999_999)
    for name in ("branch-5", "branch-105"):
        yield case(f"organization {name}", some=False, organization=name)


def _summaries(caller: str) -> Iterator[Case]:
    endpoint = "device_app_connection_summary"
    for period in ("1d", "7d", "30d", "90d"):
        yield _case(endpoint, f"time_period={period}", caller, {"time_period": period}, some=False)
    for name, value in (
        ("device_type", "mobile"),
        ("app_category", "video"),
        ("status", "failed"),
        ("organization", "branch-105"),
    ):
        yield _case(endpoint, f"90d, {name}", caller, {"time_period": "90d", name: value}, some=False)
    yield _case(endpoint, "90d, deep page", caller, {"time_period": "90d", "limit": 100, "offset": 10_000}, some=False)


def _case(endpoint: str, name: str, caller: str, query: Mapping[str, Any], *, some: bool) -> Case:
    text = urllib.parse.urlencode(query)
    return Case(endpoint=endpoint, name=name, caller=caller, path=f"{API}/{endpoint}/{'?' + text if text else ''}", some=some)


def _id_of(value: Any) -> Any:
    """A reference to another row is an id, or an object that holds one."""
    return value.get("id", value.get("pk")) if isinstance(value, dict) else value
