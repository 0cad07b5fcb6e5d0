"""For whom a command works: an organization named at a shell of the server."""

from gate.core import ids
from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.organizations import queries as organizations


def scope_named(named: str) -> Scope:
    """All rights in the organization with that root short name or else that id. Raises NotFound."""
    found = organizations.find_root(named)
    if found is None:
        found = ids.parse(named)
    if found is None:
        raise NotFound(f"There is no organization {named!r}; name it by the short name of a root or by its id.")
    return organizations.scope_of(found, permissions=frozenset({"*"}), actor="command")
