"""The five lists of places, and what holds for each: `PlaceList` is the body of the tests in tests/gate/api/*/test_list.py."""

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

import psycopg
import pytest
from django.db import OperationalError

import contract
import people
from gate.organizations.models import Organization
from gate.places import commands, models
from gate.places.types import AccessDeviceDraft, AccessPointDraft, LocationDraft

KINDS: dict[str, tuple[Any, Any, Any]] = {
    "location": (LocationDraft, commands.create_location, models.Location),
    "access_point": (AccessPointDraft, commands.create_access_point, models.AccessPoint),
    "access_device": (AccessDeviceDraft, commands.create_access_device, models.AccessDevice),
}


def add(world: Any, kind: str, short_name: str, *, organization: str = "acme", **said: Any) -> int:
    """A place of acme; its id."""
    draft, create, _ = KINDS[kind]
    common = {"organization_id": world.organizations[organization], "name": f"{short_name} place", "short_name": short_name}
    made: int = create(world.owner.scope, draft=draft(**common | said)).id
    return made


def changed_at(kind: str, place_id: int, moment: dt.datetime) -> None:
    """Let the place have changed then."""
    KINDS[kind][2].unscoped.filter(pk=place_id).update(last_change=moment)


def numbers(reply: Any) -> list[int]:
    """The ids listed."""
    assert reply.status_code == 200, reply.text
    return [row["id"] for row in reply.json()["results"]]


class PlaceList:
    """One endpoint: its category, whose rows it shows, the status of a refused value. Subclasses are named Test…."""

    category: ClassVar[str]
    kind: ClassVar[str]
    refused: ClassVar[int]

    @property
    def url(self) -> str:
        return f"/api/v1/{self.category}/"

    @property
    def endpoint(self) -> str:
        return f"GET /{self.category}/"

    @pytest.fixture(autouse=True)
    def _only_mine(self, world: Any) -> None:  # noqa: ARG002  it has to be there first
        """The world's own places are taken away, so that a list holds what its test put there."""
        for _, _, model in KINDS.values():
            model.unscoped.all().delete()

    def test_keeps_to_the_reference(self, world: Any, web: Any) -> None:
        moment = dt.datetime(2024, 2, 10, 14, 22, 30, 987_654, tzinfo=dt.UTC)
        full = add(
            world, self.kind, "main-lobby-ap", name="Main Lobby WiFi Access Point", description="Primary", reference="Building A",
            thumbnail="https://gate.example.net/media/ap_1001.jpg", address="123 Corporate Boulevard", city="San Francisco",
            postal_code="94105", state="California", region="West Coast", country_code="us", latitude=Decimal("37.7749"),
            longitude=Decimal("-122.4194"),
        )  # fmt: skip
        changed_at(self.kind, full, moment)
        add(world, self.kind, "bare", is_active=False)
        for url in contract.urls(self.endpoint):
            assert numbers(web.get(f"/api/v1{url}", headers=world.owner.headers))[0] == full, url
        reply = web.get(self.url, headers=world.owner.headers).json()
        contract.assert_keeps_to(self.endpoint, reply)
        row, bare = reply["results"]
        assert row.pop("created").endswith("Z")
        assert row == {
            "id": full, "name": "Main Lobby WiFi Access Point", "short_name": "main-lobby-ap", "is_active": True,
            "description": "Primary", "organization_id": f"org_{world.organizations['acme']}",
            "thumbnail": "https://gate.example.net/media/ap_1001.jpg", "address": "123 Corporate Boulevard",
            "reference": "Building A", "city": "San Francisco", "postal_code": "94105", "state": "California",
            "region": "West Coast", "country_code": "US", "latitude": "37.7749", "longitude": "-122.4194",
            "last_change": "2024-02-10T14:22:30Z",
        }  # fmt: skip
        assert (bare["is_active"], bare["thumbnail"], bare["latitude"], bare["longitude"]) == (False, None, None, None)
        assert (bare["address"], bare["country_code"]) == ("", "")

    def test_round_degrees_are_written_out(self, world: Any, web: Any) -> None:
        add(world, self.kind, "round", latitude=Decimal(-10), longitude=Decimal(100))
        row = web.get(self.url, headers=world.owner.headers).json()["results"][0]
        assert (row["latitude"], row["longitude"]) == ("-10", "100")

    def test_each_sees_the_own_organization_and_below(self, world: Any, web: Any) -> None:
        mine = {place: add(world, self.kind, place, organization=place) for place in world.organizations if "acme" in place}
        seen = {name: numbers(web.get(self.url, headers=person.headers)) for name, person in world.people.items()}
        everything = sorted(mine.values())
        assert seen == {
            "owner": everything, "mate": everything, "west": [mine["acme-west"], mine["acme-west-cafe"]],
            "east": [mine["acme-east"]], "stranger": [],
        }  # fmt: skip
        counts = {name: web.get(self.url, headers=person.headers).json()["count"] for name, person in world.people.items()}
        assert counts == {name: len(found) for name, found in seen.items()}

    def test_what_changed_since(self, world: Any, web: Any) -> None:
        noon = dt.datetime(2024, 1, 15, 12, tzinfo=dt.UTC)
        old, new = add(world, self.kind, "old"), add(world, self.kind, "new")
        changed_at(self.kind, old, noon)
        changed_at(self.kind, new, noon + dt.timedelta(days=1))
        for text, wanted in [
            ("2024-01-15", [old, new]), ("2024-01-15 12:00:00", [old, new]), ("2024-01-15T12:00:01Z", [new]),
            ("2024-01-15 12:00:01+00:00", [new]), ("2024-01-15 14:00:00 02:00", [old, new]), ("2024-01-17", []),
        ]:  # fmt: skip
            reply = web.get(self.url, params={"last_change__gte": text}, headers=world.owner.headers)
            assert (numbers(reply), reply.json()["count"]) == (wanted, len(wanted)), text
        # What a list said of a place's last change finds that place again.
        said = web.get(self.url, headers=world.owner.headers).json()["results"][1]["last_change"]
        assert numbers(web.get(self.url, params={"last_change__gte": said}, headers=world.owner.headers)) == [new]

    def test_filters_combine(self, world: Any, web: Any) -> None:
        at: Any = {"latitude": Decimal(1), "longitude": Decimal(2)}
        plain, off = add(world, self.kind, "plain"), add(world, self.kind, "off", is_active=False)
        placed, both = add(world, self.kind, "placed", **at), add(world, self.kind, "both", is_active=False, **at)
        for query, wanted in [
            ("", [plain, off, placed, both]), ("is_active=true", [plain, placed]), ("is_active=0", [off, both]),
            ("have_coordinates=true", [placed, both]), ("have_coordinates=false", [plain, off]),
            ("have_coordinates=true&is_active=false", [both]), ("is_active=&colour=red", [plain, off, placed, both]),
        ]:  # fmt: skip
            reply = web.get(f"{self.url}?{query}", headers=world.owner.headers)
            assert (numbers(reply), reply.json()["count"]) == (wanted, len(wanted)), query

    @pytest.mark.parametrize("person", ["owner", "west"])
    def test_pages(self, world: Any, web: Any, person: str) -> None:
        made = [add(world, self.kind, f"p{number}", organization="acme-west") for number in range(5)]
        url: str | None = f"{self.url}?limit=2&is_active=true"
        pages = []
        while url:
            reply = web.get(url, headers=world.people[person].headers)
            pages.append(numbers(reply))
            url = reply.json()["next"]
            assert url is None or (url.startswith(f"http://testserver{self.url}?") and "is_active=true" in url)
        assert pages == [made[:2], made[2:4], made[4:]]
        back = web.get(reply.json()["previous"], headers=world.people[person].headers)
        assert numbers(back) == made[2:4]
        beyond = web.get(f"{self.url}?offset=100", headers=world.owner.headers).json()
        assert (beyond["count"], beyond["results"], beyond["next"]) == (5, [], None)

    @pytest.mark.parametrize(
        "query", ["last_change__gte=yesterday", "last_change__gte=2024-13-01", "is_active=perhaps", "have_coordinates=2",
                  "limit=0", "limit=x", "offset=-1"],
    )  # fmt: skip
    def test_bad_values_are_refused_by_name(self, world: Any, web: Any, query: str) -> None:
        reply = web.get(f"{self.url}?{query}", headers=world.owner.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (self.refused, {query.partition("=")[0]})

    def test_who_may_not(self, world: Any, web: Any, grant: Any) -> None:
        reply = web.get(self.url)
        assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert web.get(self.url, headers=grant(world.owner, "user:read", f"{self.category}:write")).status_code == 403
        assert web.get(self.url, headers=grant(world.owner, f"{self.category}:read")).status_code == 200
        assert web.post(self.url, json={}, headers=world.owner.headers).status_code == 405
        assert web.get(f"{self.url}12/", headers=world.owner.headers).status_code == 404

    def test_a_subscriber_sees_the_own_organization_and_below_in_the_app_alone(self, world: Any, web: Any) -> None:
        made = [add(world, self.kind, place, organization=place) for place in ("acme-west", "acme-west-cafe")]
        add(world, self.kind, "acme")
        person = {"username": "guest.acme-west", "password": people.PASSWORD}
        token = web.post("/api/v1/portal_login/", json=person).json()["access_token"]
        reply = web.get(self.url, headers={"Authorization": f"Bearer {token}"})
        if self.category.startswith("device_app_"):
            assert numbers(reply) == made
        else:
            assert reply.status_code == 403

    def test_calls_used_up(self, world: Any, web: Any) -> None:
        Organization.unscoped.filter(pk=world.organizations["acme"]).update(max_api_calls=0)
        reply = web.get(self.url, headers=world.owner.headers)
        assert (reply.status_code, reply.json()["code"]) == (429, "api_calls_used_up")
        assert int(reply.headers["Retry-After"]) > 0

    @pytest.mark.parametrize(("error", "status"), [(RuntimeError("secret"), 500), (OperationalError("secret"), 503)])
    def test_faults(self, world: Any, web: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int) -> None:
        def fails(*_: Any, **__: Any) -> None:
            raise error

        monkeypatch.setattr("gate.places.queries.page", fails)
        reply = web.get(self.url, headers=world.owner.headers)
        assert (reply.status_code, "secret" in reply.text) == (status, False)
        assert reply.json()["request_id"] == reply.headers["X-Request-ID"]

    def test_statements_do_not_grow_with_rows(self, world: Any, web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """One for the count, one for the rows: counted where every statement passes, Django's and the fast path's."""
        web.get(self.url, headers=world.owner.headers)
        statements: list[str] = []
        execute = psycopg.Cursor.execute

        def counted(cursor: Any, sql: Any, *args: Any, **more: Any) -> Any:
            # SET ROLE and its end are the test's; within a transaction the tenant is told each time.
            if "ROLE" not in str(sql) and "set_config" not in str(sql):
                statements.append(str(sql))
            return execute(cursor, sql, *args, **more)

        def asked() -> int:
            with monkeypatch.context() as patched:
                patched.setattr(psycopg.Cursor, "execute", counted)
                assert web.get(f"{self.url}?limit=100", headers=world.owner.headers).status_code == 200
            return len(statements)

        assert asked() == 2, statements
        for number in range(10):
            add(world, self.kind, f"more-{number}")
        statements.clear()
        assert asked() == 2, statements
