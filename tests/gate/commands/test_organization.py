"""For whom a command works."""

from typing import Any

import pytest

from gate.commands.organization import organizations_of, scope_named
from gate.core.errors import NotFound


def test_by_the_short_name_of_a_root_or_any_id(world: Any) -> None:
    west = world.organizations["acme-west"]
    assert scope_named("ACME").organization_ids == world.owner.scope.organization_ids
    assert scope_named(str(west)) == scope_named(f"org_{west}")
    assert {item.short_name for item in organizations_of(scope_named(str(west)))} == {"acme-west", "acme-west-cafe"}


@pytest.mark.parametrize("named", ["acme-west", "nowhere", "999999999", ""])
def test_what_is_not_there_is_said(world: Any, named: str) -> None:
    with pytest.raises(NotFound):
        scope_named(named)
