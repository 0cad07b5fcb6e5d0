"""Models and migrations say the same, and no two people's migrations collide."""

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("gate.")}


def test_no_migration_is_missing() -> None:
    """What `makemigrations --check` asks, without a database."""
    loader = MigrationLoader(None)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
    assert {label: [step.operations for step in steps] for label, steps in changes.items() if label in OURS} == {}


def test_no_two_migrations_end_an_app() -> None:
    """Two branches with a 0003 each need a decision which comes first."""
    assert MigrationLoader(None).detect_conflicts() == {}


def test_numbers_are_given_once() -> None:
    """Two files with one number sort by accident."""
    names = [(label, name[:4]) for label, name in MigrationLoader(None).disk_migrations if label in OURS]
    assert len(set(names)) == len(names)
