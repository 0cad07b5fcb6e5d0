"""Only core/clock.py reads the time: rules and protocols take `now`, so that tests say when it is."""

import ast

from house.reading import Source, sources, unused

CLOCKS = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns",
    "time.localtime", "time.gmtime", "time.ctime", "time.clock_gettime", "django.utils.timezone.now",
    "django.utils.timezone.localtime", "django.utils.timezone.localdate",
}  # fmt: skip
ALLOWED = {
    "core/clock.py": "the clock",
    "core/logs.py": "the logging module takes the time of each line; this only has it written in UTC",
}


def _read_by(source: Source) -> set[str]:
    read = {f"{name}, line {line}" for name, line in source.uses() if name in CLOCKS}
    # Django reads the clock itself for these.
    for node in ast.walk(source.tree):
        if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            read.add(f"{node.arg}, line {node.value.lineno}")
    return read


def test_modules_read_no_clock() -> None:
    """Neither by calling one nor by handing it on as a default."""
    offenders = {source.path: sorted(_read_by(source)) for source in sources() if source.path not in ALLOWED and _read_by(source)}
    assert offenders == {}


def test_allow_list_is_needed() -> None:
    """Every exception still is one."""
    assert unused(ALLOWED, {source.path for source in sources() if _read_by(source)}) == []
