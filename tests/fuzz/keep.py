"""Takes of each corpus the few small inputs that reach what no other does, into tests/vectors/fuzz/, for test_replay.py.

    python tests/fuzz/keep.py .fuzz

Inputs already there stay: some of them once broke something.
"""

import logging
import sys
from pathlib import Path
from types import FrameType
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from fuzz.feed import Target  # noqa: E402 - found by the line above
from fuzz.targets import TARGETS  # noqa: E402

VECTORS = HERE.parent / "vectors" / "fuzz"
LONGEST, MOST = 160, 40
"""Octets of an input, inputs of a target."""
Steps = set[tuple[str, int, int]]


def main() -> None:
    """Keep, target by target."""
    logging.disable()
    VECTORS.mkdir(exist_ok=True)
    for target in TARGETS.values():
        file = VECTORS / f"{target.name}.txt"
        held = file.read_text(encoding="ascii").splitlines() if file.exists() else []
        reached: Steps = set()
        for octets in [*target.seeds(), *(bytes.fromhex(line) for line in held if not line.startswith("#"))]:
            reached |= _steps(target, octets)
        corpus = Path(sys.argv[1]) / "corpus" / target.name
        found = sorted({one.read_bytes()[: target.longest] for one in corpus.iterdir()}, key=lambda octets: (len(octets), octets))
        for octets in found:
            new = _steps(target, octets) - reached if len(octets) <= LONGEST and len(held) < MOST else set()
            if new:
                reached |= new
                held.append(octets.hex())
        if held:
            file.write_text("\n".join([*held, ""]), encoding="ascii")
        sys.stdout.write(f"{target.name:<16}{len(held):>4} kept of {len(found)}\n")


def _steps(target: Target, octets: bytes) -> Steps:
    """From which line to which line of GATE an input leads."""
    steps: Steps = set()
    last: dict[FrameType, int] = {}

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if "/gate/" not in name:
            return None
        if event == "line":
            steps.add((name, last.get(frame, 0), frame.f_lineno))
            last[frame] = frame.f_lineno
        return trace

    sys.settrace(trace)
    try:
        target.check(octets)
    finally:
        sys.settrace(None)
    return steps


if __name__ == "__main__":
    main()
