"""Recoverable passwords go when their organization switches them off, and only those."""

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from gate.organizations.models import Organization
from gate.users import commands
from gate.users.models import User

NAME = "gate.jobs.forget_recoverable_passwords.forget_recoverable_passwords"


@pytest.fixture(autouse=True)
def _imported():
    """As the worker does before it starts."""
    app.perform_import_paths()


def kept(world):
    return {name for name, number in world.users.items() if User.unscoped.get(pk=number).password_sealed is not None}


@pytest.mark.django_db
def test_a_switch_turned_off_forgets_what_was_kept(world):
    User.unscoped.filter(pk__in=world.users.values()).update(password_sealed=b"sealed")
    Organization.unscoped.filter(pk=world.organizations["acme-west"]).update(recoverable_passwords=True)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        app.tasks[NAME](timestamp=0)
        cursor.execute("RESET ROLE")
    assert kept(world) == {"acme-west"}


@pytest.mark.django_db
def test_many_are_forgotten_a_few_at_a_time(world):
    User.unscoped.filter(pk__in=world.users.values()).update(password_sealed=b"sealed")
    assert commands.forget_recoverable(limit=1) == len(world.users)
    assert kept(world) == set()
    assert commands.forget_recoverable() == 0
