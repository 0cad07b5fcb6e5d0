"""Home servers, pools and realms as people see them: made in order, a secret never shown, strangers kept out."""

from typing import Any

import pytest

from gate.core import clock, seal
from gate.realms.models import Health, HomeServer, Pool, PoolServer, Realm

pytestmark = pytest.mark.django_db
SECRET = "typed-in-by-somebody"


def _server(world: Any, **said: Any) -> dict[str, Any]:
    return {
        "name": "home-1", "organization": world.organizations["acme"], "host": "192.0.2.1", "transport": "udp",
        "auth_port": "1812",
        "acct_port": "1813", "secret": SECRET, "is_active": "on", "message_authenticator": "require", "tls_name": "",
        "timeout": "2", "tries": "2", "health": "status", "zombie_period": "20", "check_interval": "10", "revive_after": "60",
        "description": "",
    } | said  # fmt: skip


def _made(world: Any, browser: Any) -> tuple[HomeServer, Pool, Realm]:
    """One of each, through the forms."""
    acme = world.organizations["acme"]
    assert browser.post("realms/homeserver/add/", **_server(world)).status_code == 302
    pool = {"name": "edu", "organization": acme, "servers": "home-1", "mode": "failover", "reply_attributes": "Class"}
    assert browser.post("realms/pool/add/", **pool, description="").status_code == 302
    held = Pool.unscoped.get()
    realm = {"name": "Example.EDU", "organization": acme, "pool": held.pk, "is_active": "on", "accounting": "on"}
    assert browser.post("realms/realm/add/", **realm, when_dead="reject", description="").status_code == 302
    return HomeServer.unscoped.get(), held, Realm.unscoped.get()


def test_all_three_are_made_by_forms_and_shown(world: Any, desk: Any) -> None:
    """The realm in small letters, the pool with its servers."""
    browser = desk(world.owner)
    server, pool, realm = _made(world, browser)
    assert (
        seal.unseal(bytes(server.secret_sealed), purpose="home-server-secret", row=f"home-server:{server.pk}") == SECRET.encode()
    )
    assert [member.server_id for member in PoolServer.objects.filter(pool=pool)] == [server.pk]
    assert (realm.name, realm.pool_id, realm.strip, realm.when_dead) == ("example.edu", pool.pk, False, "reject")
    assert "192.0.2.1 (1812, 1813)" in browser.get("realms/homeserver/").text
    assert "home-1" in browser.get("realms/pool/").text
    assert "example.edu" in browser.get("realms/realm/").text


def test_the_secret_is_shown_nowhere_and_stays(world: Any, desk: Any) -> None:
    """An empty field leaves it; a short one is refused and not quoted."""
    browser = desk(world.owner)
    server, *_ = _made(world, browser)
    for page in ("", f"{server.pk}/change/", f"{server.pk}/history/"):
        assert SECRET not in browser.get(f"realms/homeserver/{page}").text
    before = bytes(server.secret_sealed)
    assert browser.post(f"realms/homeserver/{server.pk}/change/", **_server(world, secret="", tries="4")).status_code == 302
    server.refresh_from_db()
    assert (server.tries, bytes(server.secret_sealed)) == (4, before)
    refused = browser.post(f"realms/homeserver/{server.pk}/change/", **_server(world, secret="too-short"))
    assert "16 to 128 characters" in refused.text
    assert "too-short" not in refused.text


def test_what_the_radius_server_found_is_shown(world: Any, desk: Any) -> None:
    """As long as it is fresh."""
    browser = desk(world.owner)
    server, *_ = _made(world, browser)
    assert "Not known" in browser.get("realms/homeserver/").text
    now = clock.now()
    Health.objects.create(
        server=server, tenant_id=server.tenant_id, auth_state="dead", acct_state="alive", since=now, last_answer=now, checked=now
    )
    listed = browser.get("realms/homeserver/").text
    assert "Dead" in listed
    assert "Works" in listed
    assert "Not known" not in listed


def test_refusals_stand_at_their_fields(world: Any, desk: Any) -> None:
    """A server nobody has, an attribute nobody knows, a pool that is used."""
    browser = desk(world.owner)
    _, pool, _ = _made(world, browser)
    said = {"name": "p", "organization": world.organizations["acme"], "mode": "failover", "description": ""}
    assert "There is no home server" in browser.post("realms/pool/add/", **said, servers="nobody", reply_attributes="").text
    assert (
        "has no attribute Nonsense"
        in browser.post("realms/pool/add/", **said, servers="home-1", reply_attributes="Nonsense").text
    )
    browser.post(f"realms/pool/{pool.pk}/delete/", post="yes")
    assert Pool.unscoped.filter(pk=pool.pk).exists()


def test_strangers_see_and_change_nothing(world: Any, desk: Any) -> None:
    """Another tenant's owner; and who may not write."""
    server, pool, realm = _made(world, desk(world.owner))
    stranger = desk(world.stranger)
    for kind, row, word in (("homeserver", server, "home-1"), ("pool", pool, "edu"), ("realm", realm, "example.edu")):
        assert word not in stranger.get(f"realms/{kind}/").text
        assert stranger.get(f"realms/{kind}/{row.pk}/change/").status_code in {302, 404}
    stranger.post(f"realms/homeserver/{server.pk}/change/", **_server(world, name="taken"))
    stranger.post(f"realms/realm/{realm.pk}/delete/", post="yes")
    server.refresh_from_db()
    assert server.name == "home-1"
    assert Realm.unscoped.count() == 1
