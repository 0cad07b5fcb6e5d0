"""users/rules.py"""

import dataclasses
import itertools

import pytest

from gate.core.errors import Forbidden, Invalid
from gate.core.tenancy import Scope
from gate.users import rules
from gate.users.models import Role

SCOPE = Scope(tenant_id=1, organization_id=1, organization_ids=(1,))


def test_every_role_has_permissions_and_every_permission_a_category() -> None:
    assert set(rules.ROLE_PERMISSIONS) == set(Role.values)
    assert len(rules.REFERENCE_CATEGORIES) == 20
    for role, granted in rules.ROLE_PERMISSIONS.items():
        assert granted == {"*"} if role == "owner" else granted <= rules.PERMISSIONS
    assert not any(permission.endswith(":write") for permission in rules.ROLE_PERMISSIONS["viewer"])
    assert all(permission.startswith("device_app_") for permission in rules.ROLE_PERMISSIONS["device_user"])


def test_roles_grow() -> None:
    order = ["device_user", "operator", "admin", "owner"]
    reached = [rules.expand(rules.ROLE_PERMISSIONS[role]) for role in order]
    assert all(less <= more for less, more in itertools.pairwise(reached))
    assert rules.expand(frozenset({"*:read", "user:write"})) == {f"{c}:read" for c in rules.CATEGORIES} | {"user:write"}
    assert rules.expand(frozenset({"nonsense"})) == frozenset()


@pytest.mark.parametrize("name", ["john", "a.b@c-d+e:f_g", "Ünïcode", "用户", "0", "x" * 150])
def test_good_usernames(name: str) -> None:
    assert rules.username_problem(name) is None


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "a\nb", "a\x00", "a%", "'--", "e\u0301", "x" * 151, "ß" * 76, "½", "😀"])
def test_bad_usernames(name: str) -> None:
    assert rules.username_problem(name) is not None


def test_case_does_not_count() -> None:
    assert rules.username_key("Straße") == rules.username_key("STRASSE")


@pytest.mark.parametrize("email", ["", "a@b", "a.b+c@example.net", "用户@例子.网络"])
def test_plausible_emails(email: str) -> None:
    rules.check({"email": email})


@pytest.mark.parametrize("email", ["a", "@b", "a@", "a@b@c", "a b@c", "a@b..c", f"{'x' * 65}@b", f"a@{'x' * 260}"])
def test_implausible_emails(email: str) -> None:
    with pytest.raises(Invalid) as caught:
        rules.check({"email": email})
    assert set(caught.value.fields) == {"email"}


@pytest.mark.parametrize(
    ("permissions", "role", "may"),
    [
        ({"*"}, "owner", True),
        ({"user:write"}, "device_user", True),
        ({"user:write"}, "viewer", False),
        ({"*:read", "user:write"}, "viewer", True),
        ({"*:read", "*:write"}, "admin", True),
        ({"*:read", "*:write"}, "owner", False),
        ({"user:write"}, "owner", False),
    ],
)
def test_staff_are_managed_by_their_equals(permissions: set[str], role: str, may: bool) -> None:
    scope = dataclasses.replace(SCOPE, permissions=frozenset(permissions))
    if may:
        rules.check_may_manage(scope, role)
    else:
        with pytest.raises(Forbidden):
            rules.check_may_manage(scope, role)
