"""How many statements each list asks PostgreSQL: pinned in tests/vectors/api_statements.json, the same for few rows and many.

A list that asks more has to say so here: `PIN=1 python -m pytest tests/gate/api/test_statements.py` writes the file anew.
"""

import json
import os
from pathlib import Path
from typing import Any

import described
import people
import sessions
from gate.nas.models import Nas
from gate.organizations.models import Organization
from gate.places.models import AccessPoint, Location
from gate.profiles.models import Profile
from gate.tokens import bearer, meter
from gate.users.models import User, UserProfile

PINNED = Path(__file__).parents[2] / "vectors" / "api_statements.json"
LISTS = [
    one for one in described.operations() if one.method == "GET" and not one.parameters("path") and one.details.get("security")
]
MANY = 25
COPIED = (User, Profile, Location, AccessPoint, Nas)


def _copies(world: people.World) -> None:
    """Of each row of acme's many more, by the models, and of what only the API makes, through it."""
    for model in COPIED:
        mould = model.unscoped.filter(organization_id=world.organizations["acme"]).order_by("-id").first()
        assert mould is not None
        for number in range(MANY):
            mould.pk = None
            mould._state.adding = True
            for name in ("username", "username_key", "short_name", "name"):
                if hasattr(mould, name):
                    setattr(mould, name, f"copy.{model.__name__.lower()}.{number}")
            if isinstance(mould, AccessPoint):
                mould.mac_addr = f"02:00:00:00:01:{number:02X}"
            if isinstance(mould, Nas):
                mould.address = f"127.0.9.{number}/32"
            mould.save(force_insert=True)
            if isinstance(mould, User):
                UserProfile.objects.create(
                    tenant_id=mould.tenant_id, user_id=mould.pk, profile_id=world.profiles["acme"], position=0
                )
    above = Organization.unscoped.get(pk=world.organizations["acme"])
    for number in range(MANY):
        child = Organization.unscoped.create(
            name="Copy", short_name=f"copy-{number}", parent=above, tenant=above.tenant, path=above.path,
            created=world.now, updated=world.now, country_code="US",
        )  # fmt: skip
        child.path = f"{above.path}.{child.pk}"
        child.save(update_fields=["path"])
        sessions.add(world)


def _extras(web: Any, world: people.World) -> None:
    ids = User.unscoped.filter(organization_id=world.organizations["acme"], role="device_user").values_list("pk", flat=True)
    for number in ids:
        reply = web.post(f"{described.BASE}/user_extra/", json={"parent": number}, headers=world.owner.headers)
        assert reply.status_code == 201, reply.text


def _asked(web: Any, world: people.World) -> dict[str, tuple[int, int]]:
    """Statements and rows, by list."""
    found = {}
    for one in LISTS:
        query = {"limit": "100"} | ({"balance": "true"} if any(p["name"] == "balance" for p in one.parameters("query")) else {})
        web.get(f"{described.BASE}{one.path}", params=query, headers=world.owner.headers)
        with described.statements() as asked:
            reply = web.get(f"{described.BASE}{one.path}", params=query, headers=world.owner.headers)
        assert reply.status_code == 200, reply.text
        found[one.path] = asked(), len(reply.json().get("results", []))
    return found


def test_the_number_of_statements_does_not_grow_with_the_rows(world: Any, web: Any, monkeypatch: Any) -> None:
    for bound in ("FLUSH_SECONDS", "FLUSH_CALLS"):  # calls are written down by the clock
        monkeypatch.setattr(meter, bound, float("inf"))
    sessions.add(world)
    _extras(web, world)
    few = _asked(web, world)
    _copies(world)
    bearer.forget()  # the organizations below the token's are more than they were
    many = _asked(web, world)
    assert {path: count for path, (count, _) in many.items()} == {path: count for path, (count, _) in few.items()}
    grown = [path for path in many if many[path][1] > few[path][1]]
    assert len(grown) >= len(COPIED), grown
    counted = {path: count for path, (count, _) in few.items()}
    if os.environ.get("PIN"):
        PINNED.write_text(json.dumps(counted, indent=1) + "\n", encoding="utf-8")
    assert counted == json.loads(PINNED.read_text(encoding="utf-8"))
