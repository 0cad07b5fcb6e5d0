"""The question about an API token and the mark that it was used: for web processes (bearer.py) and for the RADIUS server."""

from typing import Any, Final

from gate.core.scope import Scope

ASK: Final = """
SELECT id, tenant_id, organization_id, permissions, networks, expires, revoked, last_used, organization_ids FROM gate_token(%s)
"""
# Other processes use the token too: whoever comes within the same minute writes nothing.
TOUCH: Final = """
UPDATE tokens_apitoken SET last_used = %s WHERE id = %s AND tenant_id = %s AND (last_used IS NULL OR last_used <= %s)
"""


def scope_of(row: Any) -> Scope:
    """What the owner of the token in a row of `ASK` may reach."""
    return Scope(
        tenant_id=row[1],
        organization_id=row[2],
        organization_ids=tuple(row[8]),
        permissions=frozenset(row[3]),
        actor=f"token:{row[0]}",
    )
