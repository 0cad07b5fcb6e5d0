"""Rooms keep their rows: nobody imports another room's models, and every question and order says for whom."""

import ast

from house.reading import ROOMS, Source, sources, unused

SHELVES = ("queries", "commands", "overview")
# For whom, where it is not a scope.
WITHOUT_SCOPE = {
    "organizations.queries.organization_of": "makes a dataclass of a row the caller has",
    "profiles.queries.profile_of": "makes a dataclass of a row the caller has",
    "organizations.queries.scope_of": "for the system, which knows the organization already: this makes the scope",
    "organizations.queries.find_root": "for the commands at a shell of the server: roots have no tenant above them",
    "organizations.queries.list_roots": "for the commands at a shell of the server that work on every tenant",
    "devices.queries.device_of": "makes a dataclass of a row the room has",
    "organizations.commands.create_root": "for the system: there is no tenant before this one",
    "accounting.overview.first_hour": "reckons, and reads nothing",
    "accounting.commands.close": "what is closed is what the caller, a part of the system, found to be over; crosses tenants",
    "accounting.commands.close_silent": "the worker's; crosses tenants",
    "accounting.commands.move_closed": "for the worker: crosses tenants",
    "access.commands.end_over": "for the worker: crosses tenants",
    "portals.commands.end_due": "for the worker: crosses tenants",
    "portals.commands.end_sessions": "for who found the sessions already, in a scope or as the worker: crosses tenants",
    "users.commands.forget_recoverable": "for the worker: crosses tenants",
    "credit.queries.check": "for the system: crosses tenants",
    "control.commands.end_found": "for the worker: crosses tenants",
    "control.commands.claim": "for the worker: crosses tenants",
    "control.commands.settle": "for the worker: crosses tenants",
    "control.commands.put_back": "for the worker: crosses tenants",
    "control.commands.renew_found": "for the worker: crosses tenants",
    "control.commands.prune": "for the worker: crosses tenants",
    "portals.commands.prune": "for the worker: crosses tenants",
}
# Who may use Django's rows of a room from outside, and why.
MODELS = {
    "commands/first.py": "names the role of the first owner, reads no row",
    "demo/fill.py": "prints the demo NAS's shared secret again; no query gives one away",
}
# Who may go round the first wall from outside a room, and why.
UNSCOPED = {
    "console/backend.py": "who signs in has no scope yet: the tenant is named in each query, and row-level security stands",
}
# Django's own admin and sign-in work on rows; they see them through `Scoped.objects` and row-level security.
CONSOLE = "console/"


def _room(source: Source) -> str | None:
    head = source.path.partition("/")[0]
    return head if head in ROOMS else None


def _foreign_models(source: Source) -> set[str]:
    mine = _room(source)
    models = {f"gate.{room}.models" for room in ROOMS if room != mine}
    return {name for name in source.imports() if any(name == held or name.startswith(f"{held}.") for held in models)}


def test_rows_stay_in_their_room() -> None:
    """Others get frozen dataclasses from its `types`."""
    allowed = {
        source.path for source in sources() if source.path in MODELS or source.path.startswith(CONSOLE) or source.is_migration
    }
    offenders = {source.path: sorted(_foreign_models(source)) for source in sources() if source.path not in allowed}
    assert {path: names for path, names in offenders.items() if names} == {}


def _unscoped(source: Source) -> list[int]:
    return [node.lineno for node in ast.walk(source.tree) if isinstance(node, ast.Attribute) and node.attr == "unscoped"]


def test_no_way_in_goes_round_the_first_wall() -> None:
    """`Model.unscoped` is for a room's own bookkeeping."""
    used = {source.path: _unscoped(source) for source in sources() if _room(source) is None and not source.is_migration}
    assert {path: lines for path, lines in used.items() if lines and path not in UNSCOPED} == {}


def _public(source: Source) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in source.tree.body if isinstance(node, kinds) and not node.name.startswith("_")]


def _takes_scope(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    positional = function.args.posonlyargs + function.args.args
    if not positional or positional[0].arg != "scope" or positional[0].annotation is None:
        return False
    return ast.unparse(positional[0].annotation).rpartition(".")[2] == "Scope"


_SHELVES = [source for source in sources() if _room(source) and source.path.partition("/")[2].removesuffix(".py") in SHELVES]


def _unbounded(source: Source) -> set[str]:
    return {
        f"{source.module.removeprefix('gate.')}.{function.name}" for function in _public(source) if not _takes_scope(function)
    }


def test_scope_comes_first() -> None:
    """Every public function of a room's shelves takes `scope: Scope` first, or is listed with its reason."""
    assert {name for source in _SHELVES for name in _unbounded(source)} - set(WITHOUT_SCOPE) == set()


def test_there_is_something_to_look_at() -> None:
    """Rooms were found where they are looked for."""
    assert {source.path.partition("/")[0] for source in _SHELVES} >= set(ROOMS) - {"access"}


def test_allow_lists_are_needed() -> None:
    """Every exception still is one."""
    assert unused(WITHOUT_SCOPE, {name for source in _SHELVES for name in _unbounded(source)}) == []
    assert unused(MODELS, {source.path for source in sources() if _foreign_models(source)}) == []
    assert unused(UNSCOPED, {source.path for source in sources() if _unscoped(source)}) == []
