"""Whether the database can be worked with, asked on Django's connection."""

from django.db import DatabaseError, connection

READY, AWAY, EMPTY = "ready", "database away", "not migrated"


def state() -> str:
    """READY, or AWAY where the database does not answer, or EMPTY where it does not hold GATE's tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.organizations_organization') IS NOT NULL")
            return READY if cursor.fetchone()[0] else EMPTY
    except DatabaseError:
        return AWAY
