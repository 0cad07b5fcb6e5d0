"""What one caller may reach. Pure: rules and the RADIUS server read it without Django; core/tenancy.py narrows queries to it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may reach: an organization and all below it, inside one tenant."""

    tenant_id: int
    """The root organization."""
    organization_id: int
    """The organization the caller belongs to."""
    organization_ids: tuple[int, ...]
    """That organization and every one below it."""
    permissions: frozenset[str] = field(default=frozenset())
    """`category:read` and `category:write`, or `*` for all."""
    actor: str = ""
    """Who, for ledgers and logs: `token:12`, `user:7`, `command`."""
    user_id: int | None = None
    """The person calling, where the bearer is a person's access token."""
    device_id: int | None = None
    """The device that person signed in on, where it is known."""
    own_only: bool = False
    """A subscriber: of people, devices and what they report, the own rows alone."""

    @property
    def whole_tenant(self) -> bool:
        """Whether the caller stands at the root, so that the tenant alone bounds a query."""
        return self.tenant_id == self.organization_id

    def allows(self, permission: str) -> bool:
        """Whether `permission` (`user:write`) is granted."""
        return "*" in self.permissions or permission in self.permissions

    def covers(self, organization_id: int) -> bool:
        """Whether that organization is this one or below it."""
        return organization_id in self.organization_ids

    def condition(self) -> tuple[str, list[Any]]:
        """The first wall as SQL and its values, for hand-written queries on tables that are not behind the second."""
        if self.whole_tenant:
            return "tenant_id = %s", [self.tenant_id]
        return "organization_id = ANY(%s)", [list(self.organization_ids)]
