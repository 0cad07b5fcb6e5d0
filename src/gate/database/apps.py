"""What follows every migration: grants for the runtime roles, and the partitions of the months ahead."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from gate.core import clock
from gate.database import partitions, walls


class DatabaseConfig(AppConfig):
    """Roles, row-level security, partitions: what is PostgreSQL's own about the schema."""

    name = "gate.database"

    def ready(self) -> None:
        """Ask to be told when a `migrate` is done."""
        post_migrate.connect(_complete, sender=self)


def _complete(*, using: str, **_: Any) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('access_sign_in_hour') IS NOT NULL AND to_regclass('txlog_event') IS NOT NULL"
                       " AND to_regclass('telemetry_period_list') IS NOT NULL"
                       " AND to_regclass('control_request') IS NOT NULL")  # fmt: skip
        if not cursor.fetchone()[0]:
            return  # migrated back to before the tables the grants name
        for statement in walls.GRANTS:
            cursor.execute(statement)
        partitions.ensure_ahead(cursor, now=clock.now())
