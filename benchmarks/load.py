"""Driving radload, and what processes cost meanwhile.

Rule of this file: figures only, no opinion; who is measured and what is right is radius.py's business.
"""

import json
import os
import shutil
import socket
import subprocess
from dataclasses import dataclass, fields
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
BUILD = FOLDER / "build"
RESULTS = FOLDER / "results"

_TICKS = os.sysconf("SC_CLK_TCK")


class LoadError(Exception):
    """The generator cannot be built or does not run."""


@dataclass(frozen=True, slots=True)
class Load:
    """What radload measured; times in ms, CPU in seconds, `cpu_share` of one core."""

    window: int
    chains: int
    sent: int
    answered: int
    accepted: int
    rejected: int
    acknowledged: int
    unexpected: int
    lost: int
    retransmitted: int
    bad: int
    duplicates: int
    unbegun: int
    seconds: float
    rate: float
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    cpu_seconds: float
    cpu_share: float


def build() -> Path:
    """The generator, compiled where it is missing or older than its source. Raises LoadError without a compiler."""
    program, sources = BUILD / "radload", (FOLDER / "radload.c", FOLDER / "md5.h")
    if program.exists() and all(program.stat().st_mtime > source.stat().st_mtime for source in sources):
        return program
    compiler = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc")
    if compiler is None:
        raise LoadError("The load generator is C and there is no compiler. On Debian: apt-get install gcc libc6-dev")
    BUILD.mkdir(exist_ok=True)
    subprocess.run([compiler, "-O2", "-std=gnu11", "-o", program, sources[0]], check=True)
    return program


def run(*, program: Path, file: Path, port: int, window: int, seconds: float, loop: bool = False, rate: float = 0) -> Load:
    """One load on 127.0.0.1:`port`; `rate` above 0 is an open loop. Raises LoadError if radload does not finish."""
    command: list[str | Path] = [program, "--file", file, "--port", str(port), "--window", str(window), "--seconds", str(seconds)]
    command += ["--loop"] if loop else []
    command += ["--rate", f"{rate:.0f}"] if rate else []
    # 10 tries of a second each for the last packet of a chain of five, if the worst comes.
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds + 90)
    if done.returncode not in {0, 1}:
        raise LoadError(f"radload: {done.stderr.strip()}")
    values = json.loads(done.stdout)
    return Load(**{field.name: values[field.name] for field in fields(Load)})


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all below it, with children that ended and were waited for."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between the two looks
        parents[int(folder.name)] = int(after_name[1])
        ticks[int(folder.name)] = sum(int(value) for value in after_name[11:15])
    return sum(spent for each, spent in ticks.items() if _below(each, ancestor=pid, parents=parents)) / _TICKS


def _below(pid: int, *, ancestor: int, parents: dict[int, int]) -> bool:
    while pid != ancestor:
        if pid not in parents:
            return False
        pid = parents[pid]
    return True


def free_udp_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 nobody listens on, as of now."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def free_tcp_port() -> int:
    """A port of 127.0.0.1 nobody listens on, as of now."""
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return int(each.getsockname()[1])


def listening_udp(port: int) -> bool:
    """Whether somebody is bound to UDP `port`."""
    ending = f":{port:04X}"
    tables = (Path("/proc/net/udp"), Path("/proc/net/udp6"))
    return any(
        line.split()[1].endswith(ending) for table in tables if table.exists() for line in table.read_text().splitlines()[1:]
    )


def answering_tcp(port: int) -> bool:
    """Whether somebody takes connections on `port` of 127.0.0.1."""
    with socket.socket() as each:
        return each.connect_ex(("127.0.0.1", port)) == 0
