"""Grants for the runtime roles, renewed after every migration."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from gate.database import walls


class DatabaseConfig(AppConfig):
    """Roles, row-level security, partitions: what is PostgreSQL's own about the schema."""

    name = "gate.database"

    def ready(self) -> None:
        """Renew the grants once all of a `migrate` is done: this app is asked last about tables it does not own."""
        post_migrate.connect(_grant, sender=self)


def _grant(*, using: str, **_: Any) -> None:
    with connections[using].cursor() as cursor:
        for statement in walls.GRANTS:
            cursor.execute(statement)
