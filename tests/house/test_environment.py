"""Only settings.py reads the environment; what starts processes may hand it on."""

from house.reading import Source, sources, unused

ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "os.unsetenv"}
ALLOWED = {
    "settings.py": "reads it, once",
    "cli.py": "tells Django and its own settings the database and the part of GATE this process is",
    "supervisor.py": "hands it on to the processes it starts",
    "processes.py": "how `gate up` speaks to its children: no settings of operators",
    "radiusd/main.py": "hands it on to the processes that share the ports",
    "database/home.py": "XDG_RUNTIME_DIR, where a short path for a socket may be made: the system's variable, no setting of GATE",
}


def _reads(source: Source) -> set[str]:
    return {f"{name}, line {line}" for name, line in source.uses() if name in ENVIRONMENT}


def test_modules_leave_the_environment_alone() -> None:
    """A setting is a field of `Settings`."""
    offenders = {source.path: sorted(_reads(source)) for source in sources() if source.path not in ALLOWED and _reads(source)}
    assert offenders == {}


def test_allow_list_is_needed() -> None:
    """Every exception still is one."""
    assert unused(ALLOWED, {source.path for source in sources() if _reads(source)}) == []
