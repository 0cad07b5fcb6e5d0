"""What fuzzing kept and found is tried again in every run of the tests, with the same changes each time and without atheris.

tests/vectors/fuzz/ has a file for a target, with an input a line, in hexadecimal: those that once broke something, and a few
that reach far (keep.py chose them).
"""

import logging
import random
import time
import tracemalloc
from pathlib import Path

import pytest

from fuzz.feed import Target
from fuzz.targets import TARGETS

VECTORS = Path(__file__).parents[1] / "vectors" / "fuzz"
CHANGED = 250
"""Inputs made of a target's own by small changes."""
MEBIBYTES, SECONDS = 8, 1.0


def _kept(target: Target) -> list[bytes]:
    file = VECTORS / f"{target.name}.txt"
    lines = file.read_text(encoding="ascii").splitlines() if file.exists() else []
    return [bytes.fromhex(line) for line in lines if not line.startswith("#")]


def _changed(inputs: list[bytes], draw: random.Random) -> bytes:
    """One of them with a few octets changed, cut out, doubled, or with the end of another."""
    octets = bytearray(draw.choice(inputs))
    for _ in range(draw.randrange(4)):
        at, size = draw.randrange(len(octets) + 1), draw.randrange(1, 9)
        match draw.randrange(4):
            case 0:
                octets[at : at + 1] = bytes((draw.choice((0, 1, 2, 0x7F, 0x80, 0xFF, draw.randrange(256))),))
            case 1:
                del octets[at : at + size]
            case 2:
                octets[at:at] = octets[at : at + size]
            case _:
                octets[at:] = draw.choice(inputs)[at:]
    return bytes(octets)


@pytest.mark.parametrize("target", TARGETS.values(), ids=str)
def test_only_documented_errors_come_out(target: Target, caplog: pytest.LogCaptureFixture) -> None:
    """In bounded time and memory as well; a finding names its input."""
    caplog.set_level(logging.CRITICAL)
    inputs = [*target.seeds(), *_kept(target)]
    draw = random.Random(target.name)
    target.check(inputs[0])  # what is made once is made before it is measured
    for octets in inputs:
        tracemalloc.start()
        began = time.process_time()
        try:
            _try(target, octets)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert most < MEBIBYTES << 20, f"{most:,} octets of memory for {octets.hex()}"
        assert time.process_time() - began < SECONDS, f"too slow: {octets.hex()}"
    for _ in range(CHANGED):
        _try(target, _changed(inputs, draw)[: target.longest])


def _try(target: Target, octets: bytes) -> None:
    try:
        target.check(octets)
    except Exception as error:
        raise AssertionError(f"{target.name} breaks on {octets.hex()}") from error


def test_every_kept_input_has_a_target() -> None:
    """A target that was renamed takes its inputs along."""
    assert {file.stem for file in VECTORS.glob("*.txt")} <= set(TARGETS)
