"""`gate init`: one first organization, whoever starts first; further tenants by name."""

import pytest

from gate.commands import first
from gate.core.errors import Conflict
from gate.organizations.models import Organization
from gate.users.hashing import check_password
from gate.users.models import User


@pytest.mark.django_db
def test_the_first_start_makes_an_owner_whose_password_works_and_the_second_nothing() -> None:
    made = first.make(name=None, username=None)
    assert made is not None
    assert made.password not in repr(made)
    owner = User.unscoped.get(username_key=made.username)
    assert owner.role == "owner"
    assert check_password(made.password, owner.password)
    assert owner.organization.tenant_id == owner.organization_id == owner.tenant_id
    assert first.make(name=None, username=None) is None
    assert Organization.unscoped.count() == 1


@pytest.mark.django_db
def test_a_further_tenant_is_made_by_name_with_an_owner_of_its_own() -> None:
    first.make(name=None, username=None)
    made = first.make(name="Café Zürich & Söhne", username="zoe")
    assert made is not None
    assert made.organization == "cafe-zurich-sohne"
    assert User.unscoped.get(username_key="zoe").tenant_id != User.unscoped.get(username_key="owner").tenant_id
    with pytest.raises(Conflict):
        first.make(name="Another", username="zoe")  # staff usernames are unique in the install
    assert not Organization.unscoped.filter(name="Another").exists()
