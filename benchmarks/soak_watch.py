"""Looks at a GATE that runs: memory and open files of its processes, queues and counts of its metrics; and what they come to.

Rule of this file: it reads /proc and /metrics and knows nothing of the load.
"""

import statistics
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#8e5ea2", "#b8860b", "#444444")
GAUGES = (
    "gate_radius_queue_length{queue=\"sign-in\"}", "gate_radius_queue_length{queue=\"accounting\"}", "gate_radius_rejects_held",
    "gate_radius_kernel_drops_total{port=\"authentication\"}", "gate_radius_kernel_drops_total{port=\"accounting\"}",
    "gate_radius_received_total", "gate_radius_answered_total", "gate_radius_database_answer_seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. Memory in MiB by process, of PostgreSQL the private part of all its processes together."""

    seconds: float
    memory: Mapping[str, float]
    files: Mapping[str, int]
    pids: Mapping[str, int]
    gauges: Mapping[str, float]


@dataclass(slots=True)
class Watch:
    """Looks every so often until stopped."""

    gate_pid: int
    database_pid: int
    metrics_port: int
    every: float = 10.0
    samples: list[Sample] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look_often, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _look_often(self) -> None:
        began = time.monotonic()
        while not self._stop.wait(max(0.0, began + len(self.samples) * self.every - time.monotonic())):
            self.samples.append(self.look(time.monotonic() - began))

    def look(self, seconds: float) -> Sample:
        """One look, now."""
        memory, files, pids = {}, {}, {}
        for name, pid in {"supervisor": self.gate_pid, **_parts(self.gate_pid)}.items():
            status = _status(pid)
            memory[name], files[name], pids[name] = status.get("VmRSS", 0) / 1024, _files(pid), pid
        backends = [self.database_pid, *_below(self.database_pid)]
        memory["postgresql"] = sum(_status(pid).get("RssAnon", 0) for pid in backends) / 1024
        files["postgresql"], pids["postgresql"] = sum(map(_files, backends)), self.database_pid
        return Sample(seconds, memory, files, pids, _gauges(self.metrics_port))


def _parts(gate_pid: int) -> dict[str, int]:
    """GATE's processes by their word: `gate web` may have workers, which are `web-1` and so on."""
    found: dict[str, int] = {}
    for pid in _below(gate_pid):
        words = _words(pid)
        name = (
            next((word for word in ("radius", "worker", "web") if word in words), None) if "gate" in words else "web"
        )  # Granian names its workers otherwise
        if name is None:
            continue
        alike = sum(1 for other in found if other.partition("-")[0] == name)
        found[f"{name}-{alike}" if alike else name] = pid
    return found


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def _below(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between the two looks
    found, above = [], {pid}
    while above:
        above = {child for child, parent in parents.items() if parent in above}
        found += sorted(above)
    return found


def _status(pid: int) -> dict[str, int]:
    """Kibibytes of proc(5)'s status."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}


def _files(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _gauges(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
        lines = reply.read().decode().splitlines()
    told = dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(told.get(name, "nan")) for name in GAUGES}


# --- what it comes to


@dataclass(frozen=True, slots=True)
class Growth:
    """A process over the last two thirds: MiB at first and last by the line of least squares, and what is allowed."""

    name: str
    first: float
    last: float
    allowed: float

    @property
    def is_flat(self) -> bool:
        """Whether it grew by no more than is allowed."""
        return self.last - self.first <= self.allowed


def growth(samples: Sequence[Sample], *, share: float, mebibytes: float) -> list[Growth]:
    """Each process: what it may grow by is `share` of its middle size, and `mebibytes` beside."""
    late = samples[len(samples) // 3 :]
    found = []
    for name in late[-1].memory:
        points = [(one.seconds, one.memory[name]) for one in late if name in one.memory]
        line = statistics.linear_regression([x for x, _ in points], [y for _, y in points])
        ends = [line.intercept + line.slope * x for x in (points[0][0], points[-1][0])]
        found.append(Growth(name, *ends, allowed=share * statistics.median(y for _, y in points) + mebibytes))
    return found


def drawing(samples: Sequence[Sample]) -> str:
    """Memory over time as SVG, a line for each process."""
    width, height, left, top = 900, 420, 60, 20
    longest = max(samples[-1].seconds, 1.0)
    most = max(value for one in samples for value in one.memory.values()) * 1.05
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + left + 160}" height="{height + top + 50}"']
    parts[0] += ' font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
    for step in range(6):
        x, y = left + width * step / 5, top + height - height * step / 5
        parts.append(f'<path d="M{left} {y:.0f}h{width}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.0f}" text-anchor="end">{most * step / 5:.0f}</text>')
        parts.append(f'<text x="{x:.0f}" y="{top + height + 18}" text-anchor="middle">{longest * step / 300:.0f}</text>')
    parts.append(f'<text x="{left}" y="12">MiB</text>')
    parts.append(f'<text x="{left + width}" y="{top + height + 36}" text-anchor="end">minutes</text>')
    for number, name in enumerate(samples[-1].memory):
        looks = [(one.seconds, one.memory[name]) for one in samples if name in one.memory]
        points = [(left + width * seconds / longest, top + height - height * size / most) for seconds, size in looks]
        colour, line = COLOURS[number % len(COLOURS)], " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        place = f'x="{left + width + 6}" y="{points[-1][1] + 4:.0f}" fill="{colour}"'
        parts.append(f"<text {place}>{name} {looks[-1][1]:.0f}</text>")
    return "\n".join([*parts, "</svg>\n"])
