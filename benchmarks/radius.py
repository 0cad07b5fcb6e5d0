"""RADIUS: GATE against FreeRADIUS + SQL, turn by turn in one run, on one PostgreSQL and with the same packets.

    python benchmarks/radius.py                        the whole table, about ten minutes
    python benchmarks/radius.py --quick                one short round
    python benchmarks/radius.py --servers tuned,stock  FreeRADIUS alone

Rules of this file: every trial starts with a checkpoint and ends with a look at the database; a wrong result (an answer lost,
wrong or not to be believed, a session missing, doubled or with other octets than acknowledged) makes the exit status 1, a slow
one never does. Both servers stay up all the time, and only one is spoken to.
"""

import argparse
import contextlib
import json
import os
import platform
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import psycopg

import freeradius
import gate_process
import gate_server
import load
import packets
from gate.database import embedded
from gate.database.errors import DatabaseStartError
from packets import Usage, User

Work = Literal["pap", "chap", "accounting"]

SECRET = "benchmark-secret"
USERS = 5000
WARM_SECONDS = 1.0
MOST_PACKETS = 60_000
"""A second: more than any server here stores, so that the file of sessions outlasts the trial."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One of the servers measured."""

    name: str
    pid: int
    auth_port: int
    acct_port: int
    stored: Callable[[str], freeradius.Stored]
    """The sessions of a run, as its database has them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One load on one server. `rate` is what was aimed at with an open loop, 0 with a window. CPU in µs a packet."""

    server: str
    work: Work
    window: int
    round: int
    target_rate: float
    load: load.Load
    server_cpu_us: float
    database_cpu_us: float
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bench:
    """What all trials share."""

    program: Path
    folder: Path
    users: Sequence[User]
    database_url: str
    database_pid: int
    seconds: float
    stamp: str


def main() -> int:
    arguments = _arguments()
    windows = [int(word) for word in arguments.windows.split(",")]
    works: list[Work] = arguments.works.split(",")
    names = arguments.servers.split(",")
    program = load.build()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and folders go with us
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gate-benchmark-")))
        folder.chmod(0o711)  # as root, PostgreSQL runs as another user and passes through
        database = stack.enter_context(embedded.start(data=folder / "data", say=_say))
        assert database.pid is not None, "it was started above"
        users = packets.users(count=USERS)
        for method in ("pap", "chap"):
            packets.write_sign_ins(path=folder / method, secret=SECRET.encode(), users=users, method=method)
        peers = [_start(stack=stack, name=name, url=database.url, users=users, folder=folder) for name in names]
        stamp = format(int(time.time()), "x")
        bench = Bench(program, folder, users, database.url, database.pid, arguments.seconds, stamp)
        _warm(bench=bench, peers=peers, works=works)
        trials = _rounds(bench=bench, peers=peers, works=works, windows=windows, rounds=arguments.rounds)
        if arguments.half_load:
            trials += _half_load(bench=bench, peers=peers, works=works, trials=trials)
    _report(trials=trials, names=names, works=works, windows=windows, seconds=arguments.seconds, rounds=arguments.rounds)
    return 1 if any(trial.faults for trial in trials) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="GATE against FreeRADIUS + SQL on this machine.")
    parser.add_argument("--servers", default="gate,tuned", help="of gate, tuned, stock (the last two are FreeRADIUS)")
    parser.add_argument("--works", default="pap,chap,accounting")
    parser.add_argument("--windows", default="1,16,64,256", help="requests in flight")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each trial")
    parser.add_argument("--no-half-load", dest="half_load", action="store_false", help="leave out latency at half load")
    parser.add_argument("--quick", action="store_true", help="one round of 1.5 s trials: noisy")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, 1.5
    return arguments


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _start(*, stack: contextlib.ExitStack, name: str, url: str, users: Sequence[User], folder: Path) -> Peer:
    auth_port, acct_port = load.free_udp_ports(2)
    if name == "gate":
        _say("Starting GATE")
        pid = stack.enter_context(
            gate_server.running(
                url=url, secret=SECRET, users=users, auth_port=auth_port, acct_port=acct_port, folder=folder / "gate"
            )
        )
        return Peer(name, pid, auth_port, acct_port, lambda run: gate_server.stored(url=url, run=run))
    if name not in {"tuned", "stock"}:
        raise SystemExit(f"There is no server called {name}.")
    variant: freeradius.Variant = "tuned" if name == "tuned" else "stock"
    freeradius.install(say=_say)
    _say(f"Starting FreeRADIUS, {variant}")
    own = freeradius.prepare_database(url=url, users=users, name=f"freeradius_{variant}")
    server = stack.enter_context(
        freeradius.running(variant=variant, url=own, secret=SECRET, auth_port=auth_port, acct_port=acct_port)
    )
    return Peer(name, server.pid, auth_port, acct_port, lambda run: freeradius.stored(url=own, run=run))


def session_file(*, bench: Bench, run: str, seconds: float) -> Path:
    """More sessions of `run` than any server takes in so many seconds."""
    path = bench.folder / "accounting"
    count = int(MOST_PACKETS * seconds / (packets.INTERIMS + 2)) + packets.STAGGERED
    packets.write_sessions(path=path, secret=SECRET.encode(), users=bench.users, run=run, count=count, ended=int(time.time()))
    return path


def _warm(*, bench: Bench, peers: Sequence[Peer], works: Sequence[Work]) -> None:
    """Connections, plans and caches as they are in daily work."""
    for work in works:
        for peer in peers:
            _say(f"Warming up: {peer.name}, {work}")
            file = bench.folder / work
            run = f"{bench.stamp}-warm"
            if work == "accounting":
                file = session_file(bench=bench, run=run, seconds=WARM_SECONDS)
            trial = measured(bench=bench, peer=peer, work=work, window=64, number=0, file=file, run=run, seconds=WARM_SECONDS)
            if trial.faults:
                raise SystemExit(f"{peer.name} already fails while warming up, {work}: {'; '.join(trial.faults)}\n{trial.load}")


def _rounds(*, bench: Bench, peers: Sequence[Peer], works: Sequence[Work], windows: Sequence[int], rounds: int) -> list[Trial]:
    trials: list[Trial] = []
    total = rounds * len(works) * len(windows) * len(peers)
    for number in range(1, rounds + 1):
        for work in works:
            for window in windows:
                run = f"{bench.stamp}-{number}-{window}"
                file = bench.folder / work
                if work == "accounting":
                    file = session_file(bench=bench, run=run, seconds=bench.seconds)
                # Who comes first changes from round to round.
                for peer in peers if number % 2 else peers[::-1]:
                    trial = measured(bench=bench, peer=peer, work=work, window=window, number=number, file=file, run=run)
                    trials.append(trial)
                    _say(_progress(trial=trial, place=f"{len(trials)}/{total}"))
    return trials


def _half_load(*, bench: Bench, peers: Sequence[Peer], works: Sequence[Work], trials: Sequence[Trial]) -> list[Trial]:
    """Each server at half of its own best median rate, requests coming as they do in life: without waiting for answers."""
    done: list[Trial] = []
    for work in works:
        for peer in peers:
            windows = {trial.window for trial in trials}
            rate = max(_median(_pick(trials, peer.name, work, window), "rate") for window in windows) / 2
            run = f"{bench.stamp}-half-{peer.name}"
            file = bench.folder / work
            if work == "accounting":
                file = session_file(bench=bench, run=run, seconds=bench.seconds)
            trial = measured(bench=bench, peer=peer, work=work, window=2048, number=1, file=file, run=run, rate=rate)
            done.append(trial)
            _say(_progress(trial=trial, place="half load"))
    return done


def measured(
    *,
    bench: Bench,
    peer: Peer,
    work: Work,
    window: int,
    number: int,
    file: Path,
    run: str,
    seconds: float | None = None,
    rate: float = 0,
) -> Trial:
    """One trial, checked against the database."""
    with psycopg.connect(bench.database_url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")  # nobody writes the pages another one made dirty
    port = peer.acct_port if work == "accounting" else peer.auth_port
    server, database = load.cpu_seconds(peer.pid), load.cpu_seconds(bench.database_pid)
    result = load.run(
        program=bench.program,
        file=file,
        port=port,
        window=window,
        seconds=seconds or bench.seconds,
        loop=work != "accounting",
        rate=rate,
    )
    server, database = load.cpu_seconds(peer.pid) - server, load.cpu_seconds(bench.database_pid) - database
    faults = _faults(result=result, work=work, stored=peer.stored(run) if work == "accounting" else None)
    packet = 1e6 / max(1, result.answered)
    return Trial(peer.name, work, window, number, rate, result, server * packet, database * packet, faults)


def _faults(*, result: load.Load, work: Work, stored: freeradius.Stored | None) -> list[str]:
    """What is wrong, in words; slowness is not."""
    counted = {"lost": result.lost, "not to be believed": result.bad, "unexpected": result.unexpected}
    faults = [f"{number} answers {word}" for word, number in counted.items() if number]
    if not result.answered:
        faults.append("no answer at all")
    good = result.acknowledged if work == "accounting" else result.accepted
    if good != result.answered:
        faults.append(f"{result.answered - good} answers of the wrong kind")
    if stored is None or result.lost:
        return faults
    # Every chain begun was finished, so what was acknowledged is exactly these sessions in their last state.
    finals = [packets.final_usage(index=index) for index in range(result.chains)]
    expected = Usage(
        sum(each.seconds for each in finals),
        sum(each.input_octets for each in finals),
        sum(each.output_octets for each in finals),
    )
    if stored.sessions != result.chains:
        faults.append(f"{result.chains} sessions acknowledged, {stored.sessions} stored")
    if stored.open_sessions:
        faults.append(f"{stored.open_sessions} sessions still open")
    if stored.total != expected:
        faults.append(f"stored {stored.total}, acknowledged {expected}")
    return faults


def _pick(trials: Sequence[Trial], server: str, work: Work, window: int) -> list[Trial]:
    found = [each for each in trials if (each.server, each.work, each.window) == (server, work, window)]
    assert found, "each server meets each work in each window"
    return found


def _median(trials: Sequence[Trial], name: str) -> float:
    """Median over the rounds of a figure of the load or of the trial."""
    values = [getattr(trial.load, name) if hasattr(trial.load, name) else getattr(trial, name) for trial in trials]
    return float(statistics.median(values))


def _progress(*, trial: Trial, place: str) -> str:
    how = f"{trial.target_rate:,.0f}/s asked for" if trial.target_rate else f"{trial.window} in flight"
    words = f"{trial.server:>6} {trial.work:<10} {how:<16}"
    figures = f"{trial.load.rate:>8,.0f}/s  p99 {trial.load.p99_ms:.2f} ms  generator {trial.load.cpu_share:.0%} of a core"
    return f"[{place}] {words}  {figures}" + "".join(f"\n    WRONG: {fault}" for fault in trial.faults)


HEAD = (
    "work",
    "in flight",
    "server",
    "rate/s",
    "ratio",
    "p50 ms",
    "p99 ms",
    "server µs",
    "database µs",
    "generator",
    "lost",
    "again",
)


def _report(
    *, trials: Sequence[Trial], names: Sequence[str], works: Sequence[Work], windows: Sequence[int], seconds: float, rounds: int
) -> None:
    rows = [HEAD, *_rows(trials=trials, names=names, works=works, windows=windows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    print(f"\nRADIUS, {rounds} round(s) of {seconds:g} s, medians; ratio: rate against {names[-1]}; µs: CPU a packet;")
    print(f"{os.cpu_count()} cores for servers, PostgreSQL and generator together.\n")
    for row in rows:
        print(
            "  ".join(
                cell.ljust(width) if i in {0, 2} else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
    wrong = [trial for trial in trials if trial.faults]
    for trial in wrong:
        print(f"WRONG: {trial.server}, {trial.work}, {trial.window} in flight: {'; '.join(trial.faults)}")
    print("\nEvery acknowledged session is in the database, once and with its octets." if not wrong else "")
    load.RESULTS.mkdir(exist_ok=True)
    path = load.RESULTS / f"radius-{int(time.time())}.json"
    machine = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    path.write_text(json.dumps({"machine": machine, "trials": [asdict(trial) for trial in trials]}, indent=1) + "\n")
    print(f"All figures: {path}")


def _rows(
    *, trials: Sequence[Trial], names: Sequence[str], works: Sequence[Work], windows: Sequence[int]
) -> Iterator[tuple[str, ...]]:
    for work in works:
        kinds = [(f"{window}", [each for each in trials if not each.target_rate], window) for window in windows]
        if any(each.target_rate for each in trials):
            kinds.append(("half load", [each for each in trials if each.target_rate], 2048))
        for label, some, window in kinds:
            peer_rate = _median(_pick(some, names[-1], work, window), "rate")
            for name in names:
                picked = _pick(some, name, work, window)
                rate = _median(picked, "rate")
                yield (
                    work,
                    label,
                    name,
                    f"{rate:,.0f}",
                    f"{rate / peer_rate:.2f}" if name != names[-1] and label != "half load" else "",
                    f"{_median(picked, 'p50_ms'):.2f}",
                    f"{_median(picked, 'p99_ms'):.2f}",
                    f"{_median(picked, 'server_cpu_us'):.0f}",
                    f"{_median(picked, 'database_cpu_us'):.0f}",
                    f"{_median(picked, 'cpu_share'):.0%}",
                    str(sum(each.load.lost for each in picked)),
                    str(sum(each.load.retransmitted for each in picked)),
                )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (freeradius.BaselineError, gate_process.GateError, load.LoadError, DatabaseStartError) as problem:
        sys.exit(str(problem))
