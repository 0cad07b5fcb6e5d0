"""rules.py decides from what it is told: no framework, no driver, no clock, no environment, directly or by what it imports."""

import pytest

from house.reading import PACKAGE, ROOMS, sources

FORBIDDEN = (
    "django",
    "psycopg",
    "psycopg_pool",
    "ninja",
    "procrastinate",
    "asyncio",
    "os",
    "socket",
    "subprocess",
    "gate.settings",
)
FORBIDDEN_GATE = ("gate.core.tenancy", "gate.core.clock", "gate.core.seal", "gate.database", "gate.protocols")
_BY_MODULE = {source.module: source for source in sources()}
RULES = [f"gate.{room}.rules" for room in ROOMS if (PACKAGE / room / "rules.py").exists()]


def _modules(module: str) -> set[str]:
    """The modules `module` imports, GATE's by their own names."""
    found = set()
    for name in _BY_MODULE[module].imports():
        found.add(name if name in _BY_MODULE else name.rpartition(".")[0] if name.rpartition(".")[0] in _BY_MODULE else name)
    return found


def _reached(module: str) -> dict[str, str]:
    """Everything imported from `module` on, with who imports it."""
    reached: dict[str, str] = {}
    waiting = [module]
    while waiting:
        importer = waiting.pop()
        for name in _modules(importer):
            if name not in reached:
                reached[name] = importer
                if name in _BY_MODULE:
                    waiting.append(name)
    return reached


def _within(name: str, modules: tuple[str, ...]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


@pytest.mark.parametrize("module", RULES)
def test_rules_reach_nothing_impure(module: str) -> None:
    """Followed through GATE's own modules."""
    impure = {
        f"{importer} imports {name}" for name, importer in _reached(module).items() if _within(name, FORBIDDEN + FORBIDDEN_GATE)
    }
    assert impure == set()


@pytest.mark.parametrize("module", RULES)
def test_rules_use_only_the_types_of_a_room(module: str) -> None:
    """Neither rows nor queries nor commands, of their own room or another."""
    shelves = {f"gate.{room}.{shelf}" for room in ROOMS for shelf in ("models", "queries", "commands", "sql", "overview")}
    assert _modules(module) & shelves == set()
