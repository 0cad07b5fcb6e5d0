"""Which realm a user name belongs to, and what may be stored."""

import pytest

from gate.core.errors import Invalid, Missing
from gate.realms import rules
from gate.realms.types import HomeServerDraft, PoolDraft, RealmDraft


@pytest.mark.parametrize(
    ("username", "found"),
    [
        ("ann@example.edu", "exact"), ("ann@EXAMPLE.edu", "exact"), ("ann@cs.example.edu", "cs"), ("x@a.cs.example.edu", "cs"),
        ("ann@other.edu", "edu"), ("ann@edu", "default"), ("ann@example.com", "default"), ("ann@here.org", "here"),
        ("ann", None), ("ann@", None), ("a@example.edu@far.org", "above"), ("@example.edu", "exact"),
        ("ann@badexample.edu", "edu"),
    ],
)  # fmt: skip
def test_find(username: str, found: str | None) -> None:
    """The nearest organization first; there the whole name, the longest wildcard, DEFAULT."""
    own = {"example.edu": "exact", "*.edu": "edu", "*.example.edu": "cs", "here.org": "here"}
    above = {"far.org": "above", "other.edu": "never", "DEFAULT": "default"}
    assert rules.Table([own, above]).find(username) == found


def test_default_of_the_nearest_hides_what_stands_above() -> None:
    """An organization that gives everything away gives everything away."""
    assert rules.Table([{"DEFAULT": "own"}, {"example.edu": "above"}]).find("ann@example.edu") == "own"


def test_stripped() -> None:
    """The last realm alone goes."""
    assert [rules.stripped(name) for name in (b"ann@example.edu", b"a@b@c", b"ann")] == [b"ann", b"a@b", b"ann"]


def test_what_some_name_leads_to() -> None:
    """What a nearer realm stands before is out of reach; a longer realm leaves something of a shorter one."""
    near = {"example.edu": "a", "*.org": "b"}
    above = {"example.edu": "hidden", "*.example.edu": "c", "*.edu": "d", "x.org": "hidden", "*.cs.org": "hidden", "DEFAULT": "e"}
    assert sorted(rules.Table([near, above, {"far.net": "hidden", "DEFAULT": "hidden"}]).reachable()) == ["a", "b", "c", "d", "e"]
    assert list(rules.Table([{"DEFAULT": "own"}, {"example.edu": "above"}]).reachable()) == ["own"]


@pytest.mark.parametrize(
    ("given", "stored"), [("Example.EDU", "example.edu"), ("@a.b", "a.b"), ("default", "DEFAULT"), ("*.EDU", "*.edu")]
)
def test_realm_names(given: str, stored: str) -> None:
    """In small letters, but DEFAULT."""
    assert rules.checked_realm(RealmDraft(organization_id=1, name=given)).name == stored


@pytest.mark.parametrize("name", ["*", "*edu", "a b", "a@b", "a..b", "x.*.edu", "a" * 254, "a,b"])
def test_realm_names_refused(name: str) -> None:
    """What no user name can end with."""
    with pytest.raises(Invalid) as refused:
        rules.checked_realm(RealmDraft(organization_id=1, name=name))
    assert set(refused.value.fields or {}) == {"name"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host": "192.0.2.300"}, "host"), ({"host": "a b"}, "host"), ({"auth_port": 0}, "auth_port"), ({"tries": 0}, "tries"),
        ({"timeout": 0.0}, "timeout"),
       ({"name": "a b"}, "name"), ({"transport": "tcp"}, "transport"),
        ({"tls_name": "a b"}, "tls_name"),
        ({"timeout": float("nan")}, "timeout"),
    ],
)  # fmt: skip
def test_servers_refused(change: dict[str, object], field: str) -> None:
    """Each fault at its field."""
    with pytest.raises(Invalid) as refused:
        rules.checked_server(HomeServerDraft(**{"organization_id": 1, "name": "one", "host": "192.0.2.1", **change}))  # type: ignore[arg-type]
    assert set(refused.value.fields or {}) == {field}


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "[2001:db8::1]", "radius.example.edu"])
def test_hosts(host: str) -> None:
    """Addresses and names."""
    assert rules.checked_server(HomeServerDraft(organization_id=1, name="one", host=host)).host == host.strip("[]")


def test_secrets() -> None:
    """As long as a NAS's; by TLS the one everybody has."""
    assert rules.checked_secret("x" * 16, transport="udp") == "x" * 16
    assert rules.checked_secret("", transport="tls") == "radsec"
    for secret in ("x" * 15, "x" * 129, "y" * 16 + " ", ""):
        with pytest.raises(Invalid) as refused:
            rules.checked_secret(secret, transport="udp")
        assert not secret or secret not in str(refused.value)


def test_pools() -> None:
    """A pool has servers, each once, and attributes have names."""
    kept = rules.checked_pool(
        PoolDraft(organization_id=1, name="p", servers=("a", "b"), reply_attributes="Class,  Reply-Message")
    )
    assert kept.reply_attributes == "Class,Reply-Message"
    for wrong, field in (
        (PoolDraft(organization_id=1, name="p"), "servers"),
        (PoolDraft(organization_id=1, name="p", servers=("a", "A")), "servers"),
        (PoolDraft(organization_id=1, name="p", servers=("a",), reply_attributes="a;b"), "reply_attributes"),
    ):
        with pytest.raises(Invalid) as refused:
            rules.checked_pool(wrong)
        assert set(refused.value.fields or {}) == {field}
    with pytest.raises(Missing):
        rules.checked_pool(PoolDraft(organization_id=1, name=" ", servers=("a",)))
