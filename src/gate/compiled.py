"""Whether the modules every packet passes run compiled (`make compile`), and whether they are those of today's sources.

Python takes a compiled module before the source beside it. So one compiled yesterday hides what was changed since, and an
update of GATE would not take place: who serves packets asks here first.
"""

import hashlib
import json
from pathlib import Path

RECORD = "compiled.json"
_PACKAGE = Path(__file__).parent


def is_compiled(package: Path = _PACKAGE) -> bool:
    """Whether there are compiled modules."""
    return (package / RECORD).exists()


def outdated(package: Path = _PACKAGE) -> list[str]:
    """The modules that changed since they were compiled, by their files; none where nothing is compiled."""
    if not is_compiled(package):
        return []
    recorded: dict[str, str] = json.loads((package / RECORD).read_text(encoding="ascii"))
    return [name for name, digest in sorted(recorded.items()) if _digest(package.parent / name) != digest]


def _digest(source: Path) -> str | None:
    return hashlib.sha256(source.read_bytes()).hexdigest() if source.exists() else None
