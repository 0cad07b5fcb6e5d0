"""For whom a command works: an organization named at a shell of the server."""

import itertools
from collections.abc import Iterator

from gate.core import ids
from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.organizations import queries as organizations
from gate.organizations.types import Organization, OrganizationFilter

_PAGE = 1_000


def scope_named(named: str) -> Scope:
    """All rights in the organization with that root short name or else that id. Raises NotFound."""
    found = organizations.find_root(named)
    if found is None:
        found = ids.parse(named)
    if found is None:
        raise NotFound(f"There is no organization {named!r}; name it by the short name of a root or by its id.")
    return organizations.scope_of(found, permissions=frozenset({"*"}), actor="command")


def organizations_of(scope: Scope) -> Iterator[Organization]:
    """The organization and all below it, also deleted ones."""
    for start in itertools.count(step=_PAGE):
        page = organizations.list_page(scope, OrganizationFilter(), limit=_PAGE, offset=start)
        yield from page
        if len(page) < _PAGE:
            return
