"""One target under atheris, in a process of its own: `one.py TARGET LIBFUZZER-OPTIONS… CORPUS…`; run.py starts it.

GATE is imported with instrumentation, which is why nothing here may import it before.
"""

import logging
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> None:
    """Fuzz until the options say to end, or until something is found."""
    name, arguments = sys.argv[1], sys.argv[2:]
    logging.disable()
    with atheris.instrument_imports(include=["gate"]):
        from fuzz.targets import TARGETS
    atheris.Setup([sys.argv[0], *arguments], TARGETS[name].check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
