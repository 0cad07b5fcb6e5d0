"""The page of sign-ins: what it shows, to whom, and that nothing in it is believed."""

import re
from typing import Any

from django.db import connection

from gate.access import sql
from gate.access.rules import decide
from gate.access.types import Facts, Item, ProfileFacts, Proof, UserFacts
from gate.core import clock
from gate.radiusd.journal import SignIn, columns


def add(world: Any, place: str, *, username: str, device: str = "0A-0B-0C-0D-0E-0F", wanted: str = "Virtual") -> None:
    now = clock.now()
    check = Item("NAS-Port-Type", "==", wanted)
    profile = ProfileFacts(id=world.profiles["acme"], short_name="guests", checks=(check,), replies=())
    who = UserFacts(
        id=world.users[place], organization_id=world.organizations[place], organization_active=True, is_active=True,
        expiration=None, credit=None, klass=None, profiles=(profile,),
    )  # fmt: skip
    facts = Facts(user=who, proof=Proof.RIGHT, request={"NAS-Port-Type": ["<i>Ethernet</i>"]})
    decision = decide(facts, now)
    tenant = world.organizations["rival" if place == "rival" else "acme"]
    refused = "" if not hasattr(decision, "reason") else f"{decision.reason} {decision.detail}"
    entry = SignIn(
        now.timestamp(), tenant, world.organizations[place], world.nas[place], world.users[place], None, username, device, None,
        "PAP", not refused, refused, facts, decision,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql.LOG, columns([entry]))


def listed(text: str) -> int:
    return len(re.findall(r'data-trace="(\d+)"', text))


def test_each_sees_the_own_organization_and_below_with_the_reason(world: Any, desk: Any) -> None:
    add(world, "acme", username="<b>eve</b>")
    add(world, "acme-west", username="west")
    add(world, "rival", username="theirs")
    text = desk(world.owner).get("sign-ins/").text
    assert listed(text) == 2
    assert "&lt;b&gt;eve" in text
    assert "check-failed: guests: NAS-Port-Type == Virtual" in text
    assert "is &lt;i&gt;Ethernet" in text
    assert "<b>eve" not in text
    assert "theirs" not in text
    assert listed(desk(world.west).get("sign-ins/").text) == 1
    assert listed(desk(world.stranger).get("sign-ins/").text) == 1


def test_filters_and_the_link_from_the_user(world: Any, desk: Any) -> None:
    add(world, "acme", username="one")
    add(world, "acme-west", username="two", device="02-00-00-00-00-02", wanted="<i>Ethernet</i>")
    browser = desk(world.owner)
    for query, found in (
        ({"verdict": "bad"}, 1), ({"verdict": "good"}, 1), ({"mac": "02:00:00:00:00:02"}, 1), ({"mac": "x"}, 0),
        ({"user": world.users["acme"]}, 1), ({"nas": world.nas["acme-west"]}, 1), ({"username": "nobody"}, 0),
        ({"since": "2999-01-01"}, 0), ({"until": "2001-01-01"}, 0), ({"cursor": "x"}, 2),
    ):  # fmt: skip
        assert listed(browser.get("sign-ins/", **query).text) == found, query
    page = browser.get(f"users/user/{world.users['acme']}/change/").text
    assert f"sign-ins/?user={world.users['acme']}" in page
