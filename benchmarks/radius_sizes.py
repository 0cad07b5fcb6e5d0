"""Sign-ins and accounting of GATE by the number of users and of stored sessions, each measured alike, relative to the smallest.

    python benchmarks/radius_sizes.py                                          the whole table, about fifteen minutes, 15 GB
    python benchmarks/radius_sizes.py --users 1000,10000 --sessions 100000     small, two minutes

First the users grow among the fewest sessions, then the sessions among the most users, all in one database that is filled up
while GATE is stopped. Every request is of a user drawn from all of them; 64 are in flight. What trials stored is taken away again
before the next size. A wrong answer or a missing session makes the exit status 1, a slow one never does.
"""

import argparse
import contextlib
import json
import os
import platform
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import gate_process
import gate_server
import load
import packets
import radius
import radius_sizes_rows as rows
from gate.database import embedded
from packets import User

WINDOW, DRAWN, PEOPLE = 64, 100_000, 20_000
"""Requests in flight; users drawn for the sign-ins of a round, and for its sessions."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is stored."""

    users: int
    sessions: int


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured at a size."""

    size: Size
    gigabytes: float
    filled_seconds: float
    trials: list[radius.Trial]

    def figure(self, work: str, name: str) -> float:
        """Median over the rounds."""
        some = [trial for trial in self.trials if trial.work == work]
        return statistics.median(getattr(one.load, name) if hasattr(one.load, name) else getattr(one, name) for one in some)


def main() -> int:
    """Measure every size in turn."""
    options = _options()
    fewest, most = options.sessions[0], options.users[-1]
    sizes = [Size(users, fewest) for users in options.users] + [Size(most, sessions) for sessions in options.sessions[1:]]
    needed = sizes[-1].users * 1500 + sizes[-1].sessions * 1300 + 4 * 2**30
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and folders go with us
    program = load.build()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gate-sizes-", dir=options.folder)))
        folder.chmod(0o711)  # as root, PostgreSQL runs as another user and passes through
        if shutil.disk_usage(folder).free < needed:
            raise SystemExit(f"{folder} has not the {needed / 2**30:.0f} GiB this takes; --folder names another place")
        database = stack.enter_context(embedded.start(data=folder / "data", say=_say))
        assert database.pid is not None, "it was started above"
        stamp = format(int(time.time()), "x")
        bench = radius.Bench(program, folder, [], database.url, database.pid, options.seconds, stamp)
        points = [_point(bench=bench, size=size, rounds=options.rounds) for size in sizes]
    _report(points, seconds=options.seconds, rounds=options.rounds)
    return 1 if any(trial.faults for point in points for trial in point.trials) else 0


def _options() -> argparse.Namespace:
    def numbers(text: str) -> list[int]:
        found = [int(word) for word in text.split(",")]
        if found != sorted(set(found)) or found[0] < 1000:
            raise argparse.ArgumentTypeError("takes ascending numbers from 1000 on")
        return found

    parser = argparse.ArgumentParser(description="GATE's RADIUS by the number of users and of stored sessions.")
    parser.add_argument("--users", type=numbers, default="1000,10000,100000,1000000")
    parser.add_argument("--sessions", type=numbers, default="100000,1000000,10000000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each trial")
    parser.add_argument(
        "--folder", type=Path, default=None, help="where the database is made for the time (default: the temporary one)"
    )
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _point(*, bench: radius.Bench, size: Size, rounds: int) -> Point:
    """Fill up to a size, start GATE, measure, stop it."""
    _say(f"== {size.users:,} users, {size.sessions:,} sessions")
    auth_port, acct_port = load.free_udp_ports(2)
    place = bench.folder / f"gate-{size.users}-{size.sessions}"
    began = time.monotonic()
    if not rows.is_begun(bench.database_url):
        # GATE itself makes its tables at its first start.
        with gate_process.running(
            url=bench.database_url, folder=bench.folder / "first", auth_port=auth_port, acct_port=acct_port
        ) as gate:
            gate_server.prepare_gate(environment=gate.environment, secret=radius.SECRET, users=[User("template", "template")])
    first = rows.fill(
        url=bench.database_url, users=size.users, sessions=size.sessions, environment=gate_process.environment(bench.database_url)
    )
    filled = time.monotonic() - began
    with gate_process.running(url=bench.database_url, folder=place, auth_port=auth_port, acct_port=acct_port) as gate:
        peer = radius.Peer(
            "gate", gate.pid, auth_port, acct_port, lambda run: gate_server.stored(url=bench.database_url, run=run, above=first)
        )
        trials = []
        for number in range(rounds + 1):
            trials += _round(bench=bench, peer=peer, size=size, number=number)
    return Point(size, rows.gigabytes(bench.database_url), filled, [trial for trial in trials if trial.round])


def _round(*, bench: radius.Bench, peer: radius.Peer, size: Size, number: int) -> list[radius.Trial]:
    """Sign-ins and accounting of users drawn anew. Round 0 warms up."""
    draw = random.Random(f"{size} {number}")
    people = [rows.person(n) for n in draw.sample(range(1, size.users + 1), min(DRAWN, size.users))]
    ours = radius.Bench(
        bench.program, bench.folder, people[:PEOPLE], bench.database_url, bench.database_pid,
        bench.seconds if number else radius.WARM_SECONDS, bench.stamp,
    )  # fmt: skip
    packets.write_sign_ins(path=bench.folder / "pap", secret=radius.SECRET.encode(), users=people, method="pap")
    run = f"{bench.stamp}-{size.users}-{size.sessions}-{number}"
    session_file = radius.session_file(bench=ours, run=run, seconds=ours.seconds)
    trials = []
    for work, file in (("pap", bench.folder / "pap"), ("accounting", session_file)):
        trials.append(radius.measured(bench=ours, peer=peer, work=work, window=WINDOW, number=number, file=file, run=run))
        told = trials[-1]
        if number:
            _say(
                f"   {work:<11}{told.load.rate:>9,.0f}/s  p99 {told.load.p99_ms:.2f} ms"
                + "".join(f"\n  WRONG: {one}" for one in told.faults)
            )
    return trials


HEAD = ("users", "sessions", "GB", "sign-ins/s", "relative", "p99 ms", "µs", "accounting/s", "relative", "p99 ms", "µs")


def _report(points: Sequence[Point], *, seconds: float, rounds: int) -> None:
    table = [HEAD]
    for point in points:
        cells = [f"{point.size.users:,}", f"{point.size.sessions:,}", f"{point.gigabytes:.1f}"]
        for work in ("pap", "accounting"):
            rate, cpu = point.figure(work, "rate"), point.figure(work, "server_cpu_us") + point.figure(work, "database_cpu_us")
            relative = rate / points[0].figure(work, "rate")
            cells += [f"{rate:,.0f}", f"{relative:.2f}", f"{point.figure(work, 'p99_ms'):.1f}", f"{cpu:.0f}"]
        table.append(tuple(cells))
    widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
    print(
        f"\nGATE, {WINDOW} in flight, {rounds} round(s) of {seconds:g} s, medians; relative: to the first row; µs: CPU a packet"
    )
    print(f"of server and PostgreSQL; {os.cpu_count()} cores for servers, PostgreSQL and generator together.\n")
    for row in table:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    for point in points:
        for trial in point.trials:
            for fault in trial.faults:
                print(f"WRONG: {point.size}, {trial.work}: {fault}")
    load.RESULTS.mkdir(exist_ok=True)
    path = load.RESULTS / f"radius-sizes-{int(time.time())}.json"
    machine = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    path.write_text(
        json.dumps({"machine": machine, "points": [asdict(point) for point in points]}, indent=1) + "\n", encoding="utf-8"
    )
    print(f"\nAll figures: {path}")


if __name__ == "__main__":
    sys.exit(main())
