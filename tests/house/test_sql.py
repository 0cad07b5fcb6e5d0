"""No value is ever written into SQL: statements are constants, values are parameters.

A statement may be a literal, a constant of the module, a constant of an `sql` module, or an f-string of such constants.
What is composed otherwise is listed by function, with how it is made safe.
"""

import ast

from house.reading import Source, sources, unused

RUNNING = {"execute", "executemany", "rows", "raw", "extra", "copy", "stream"}
COMPOSED = {
    "access/overview.py:sign_ins_by_hour": "{where} is one of two constants of Scope.condition; values are parameters",
    "access/overview.py:recent_refusals": "{where} is one of two constants of Scope.condition; values are parameters",
    "accounting/overview.py:open_sessions": "{where} is one of two constants of Scope.condition; values are parameters",
    "accounting/overview.py:busiest_access_points": "{where} is one of two constants of Scope.condition; values are parameters",
    "accounting/overview.py:traffic_by_hour": "{where} is one of two constants of Scope.condition; values are parameters",
    "access/queries.py:_fetch": "composed in this module of columns and conditions it lists; values are parameters",
    "access/dry_run.py:_rows": "runs constants of access/sql.py, one with a condition this module adds; values are parameters",
    "accounting/queries.py:_fetch": "composed in this module of columns it lists and a number of rows; values are parameters",
    "radiusd/proxy/accounting.py:_place": "runs what accounting/placing.py gives, as radiusd/account.py does",
    "radiusd/proxy/forwarding.py:_ask": "runs what the module's own functions pass: constants of realms/sql.py",
    "accounting/bringing.py:_run": "runs what accounting/placing.py gives: constants of accounting/sql.py and its own",
    "radiusd/account.py:_place": "runs what accounting/placing.py gives: constants of accounting/sql.py and its own",
    "places/queries.py:_fetch": "composed in this module of the names of its tables and columns; values are parameters",
    "telemetry/commands.py:_run": "runs what the module's own functions pass: constants of telemetry/sql.py",
    "telemetry/commands.py:_rows": "runs what the module's own functions pass: constants of telemetry/sql.py",
    "telemetry/queries.py:_fetch": "composed in telemetry/sql.py of texts it lists; values are parameters",
    "telemetry/rollups.py:rebuild": "one of two constants of telemetry/sql.py",
    "txlog/queries.py:_fetch": "composed in this module of columns it lists and a number of rows; values are parameters",
    "demo/sessions.py:_settle": "column names PostgreSQL itself told; values are parameters",
    "database/link.py:_connect": "a role's name, quoted by psycopg.sql.Identifier",
    "database/link.py:rows": "runs what its callers pass, and they are looked at",
    "database/apps.py:_complete": "runs the constants of walls.GRANTS",
    "doctor/database.py:_rows": "runs what the module's own functions pass: literals",
}


def _constant(node: ast.expr, source: Source) -> bool:
    """Whether a statement is made of constants alone."""
    match node:
        case ast.Constant():
            return True
        case ast.Name():
            return node.id.lstrip("_").isupper()
        case ast.Attribute():
            return node.attr.isupper() and (source.full_name(node) or "").startswith("gate.")
        case ast.JoinedStr():
            return all(_constant(part, source) for part in node.values)
        case ast.FormattedValue():
            return _constant(node.value, source)
        case ast.BinOp(op=ast.Add()):
            return _constant(node.left, source) and _constant(node.right, source)
        case _:
            return False


def _is_database(call: ast.Call) -> bool:
    """`.execute(…)`, `link.run(…)` and the like; `.copy()` of a dictionary takes no statement."""
    if not isinstance(call.func, ast.Attribute) or not call.args:
        return False
    on_link = call.func.attr == "run" and ast.unparse(call.func.value).endswith("link")
    return on_link or call.func.attr in RUNNING


def _composed(source: Source) -> set[str]:
    """Functions that run a statement which is not made of constants alone."""
    found = set()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    for function in (node for node in ast.walk(source.tree) if isinstance(node, kinds)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call) and _is_database(node)):
            if not _constant(call.args[0], source):
                found.add(f"{source.path}:{function.name}")
    return found


def _all_composed() -> set[str]:
    return {name for source in sources() if not source.is_migration for name in _composed(source)}


def test_statements_are_constants() -> None:
    """Or the function is known, with the reason why it is safe."""
    assert _all_composed() - set(COMPOSED) == set()


def test_no_raw_sql_in_expressions() -> None:
    """`RawSQL`, `.extra` and `Model.objects.raw` are not used in rooms: SQL stands in `sql` modules and cursors."""
    used = {
        source.path
        for source in sources()
        if not source.is_migration and "django.db.models.expressions.RawSQL" in source.imports()
    }
    assert used == set()


def test_constants_are_formatted_by_nobody() -> None:
    """`sql.STORE % …` and `sql.STORE.format(…)` would write values into a statement."""
    offenders = []
    for source in (source for source in sources() if not source.is_migration):
        for node in ast.walk(source.tree):
            head = node.left if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) else None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                head = node.func.value
            if isinstance(head, ast.Attribute) and (source.full_name(head) or "").rpartition(".")[0].endswith(".sql"):
                offenders.append(f"{source.path}:{head.lineno}")
    assert offenders == []


def test_allow_list_is_needed() -> None:
    """Every exception still is one."""
    assert unused(COMPOSED, _all_composed()) == []
