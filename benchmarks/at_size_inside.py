"""What GATE itself makes of the rows: the sums of what devices report, and the tokens callers use."""

import hashlib

import django

import at_size_load
import at_size_rows

django.setup()

from django.db import connection  # noqa: E402  Django comes first

from gate.core import clock  # noqa: E402
from gate.database import tallies  # noqa: E402
from gate.organizations import queries as organizations  # noqa: E402
from gate.telemetry import rollups  # noqa: E402
from gate.tokens.models import ApiToken  # noqa: E402

TALLIED = ("users_user", "users_userextra")

with connection.cursor() as cursor:
    for table in TALLIED:
        # They came in past its triggers.
        cursor.execute(tallies.renew(table))
for tenant in (1, at_size_rows.RIVAL):
    scope = organizations.scope_of(tenant, permissions=frozenset({"*"}), actor="command")
    rollups.rebuild(scope, now=clock.now(), tell=lambda *_: None)
for name, organization_id in at_size_load.TOKENS.items():
    plain = at_size_load.token_of(name)
    ApiToken.unscoped.create(
        tenant_id=at_size_rows.RIVAL if organization_id >= at_size_rows.RIVAL else 1,
        organization_id=organization_id,
        name=name,
        prefix=plain[:12],
        digest=hashlib.sha256(plain.encode()).digest(),
        permissions=["*"],
        created=clock.now(),
    )
