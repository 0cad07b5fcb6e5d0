"""The REST API's accounting list: GATE against Django REST framework, turn by turn in one run, on one PostgreSQL and its rows.

    python benchmarks/accounting_list.py           the whole table, about three minutes
    python benchmarks/accounting_list.py --quick   one short round

Rules of this file: before anything is measured both servers are walked through page by page, and every field of every session
has to be the same. While measuring, every answer has to be the one known from there. A wrong answer makes the exit status 1, a
slow one never does. Both servers stay up all the time, and only one is spoken to.
"""

import argparse
import contextlib
import http.client
import json
import os
import platform
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

import drf_server
import gate_process
import http_load
import load
from gate.database import embedded
from gate.database.errors import DatabaseStartError
from http_load import HttpLoad, Order

HISTORY, LIVE = 200_000, 5_000
ROWS = 50
FIELDS = 38
DEEP = 120
"""Pages walked: beyond the 5,000 sessions of the live table, into the partitions."""
WARM_SECONDS = 1.5
PATH = "/api/v1/aaa_accounting/"
HEAD = (
    "page", "connections", "server", "requests/s", "ratio", "p50 ms", "p99 ms", "web ms", "database ms", "generator", "wrong",
)  # fmt: skip


class DifferenceError(Exception):
    """The two servers do not answer the same."""


@dataclass(frozen=True, slots=True)
class Page:
    """An address, and the answer known to be right."""

    target: str
    body: str


@dataclass(frozen=True, slots=True)
class Server:
    """One of the two."""

    name: str
    pid: int
    port: int
    pages: dict[str, Page]


@dataclass(frozen=True, slots=True)
class Trial:
    """One load on one server. CPU in ms a request."""

    server: str
    page: str
    connections: int
    round: int
    load: HttpLoad
    web_cpu_ms: float
    database_cpu_ms: float


def main() -> int:
    arguments = _arguments()
    connections = [int(word) for word in arguments.connections.split(",")]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and folders go with us
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gate-benchmark-")))
        folder.chmod(0o711)  # as root, PostgreSQL runs as another user and passes through
        database = stack.enter_context(embedded.start(data=folder / "data", say=_say))
        assert database.pid is not None, "it was started above"
        _say("Starting GATE")
        auth_port, acct_port = load.free_udp_ports(2)
        gate = stack.enter_context(
            gate_process.running(url=database.url, folder=folder / "gate", auth_port=auth_port, acct_port=acct_port)
        )
        _say(f"Storing {HISTORY + LIVE:,} sessions")
        script = Path(__file__).with_name("accounting_data.py")
        order = {"history": HISTORY, "live": LIVE}
        token = gate_process.run_inside(script=script, order=order, environment=gate.environment).strip()
        drf_server.prepare_database(url=database.url)
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
        _say("Starting Django REST framework")
        peer = stack.enter_context(drf_server.running(url=database.url, folder=folder))
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        _say(f"Comparing {DEEP} pages")
        pages = compare(ports={"gate": gate.http_port, "drf": peer.http_port}, headers=headers)
        servers = [
            Server("gate", gate.pid, gate.http_port, pages["gate"]),
            Server("drf", peer.pid, peer.http_port, pages["drf"]),
        ]
        trials = _rounds(
            servers=servers,
            database_pid=database.pid,
            headers=headers,
            connections=connections,
            rounds=arguments.rounds,
            seconds=arguments.seconds,
        )
    _report(trials=trials, connections=connections, rounds=arguments.rounds, seconds=arguments.seconds)
    return 1 if any(trial.load.wrong for trial in trials) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="GATE's accounting list against Django REST framework's on this machine.")
    parser.add_argument("--connections", default="1,8", help="each has one request at a time")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each trial")
    parser.add_argument("--quick", action="store_true", help="one round of 1.5 s trials: noisy")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, 1.5
    return arguments


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def compare(*, ports: dict[str, int], headers: dict[str, str]) -> dict[str, dict[str, Page]]:
    """Walk both servers from the first page on; their first and last pages. Raises DifferenceError."""
    targets = {name: f"{PATH}?limit={ROWS}" if name == "gate" else PATH for name in ports}
    seen: dict[str, dict[str, Page]] = {name: {} for name in ports}
    for number in range(DEEP + 1):
        bodies = {name: _get(port=ports[name], target=targets[name], headers=headers) for name in ports}
        answers = {name: json.loads(body) for name, body in bodies.items()}
        _check(number=number, **answers)
        for name, body in bodies.items():
            if number in {0, DEEP}:
                seen[name]["deep" if number else "first"] = Page(targets[name], body)
            # Links are absolute; the address asked is one's own.
            targets[name] = answers[name]["next"].partition(f":{ports[name]}")[2]
    return seen


def _check(*, number: int, gate: dict[str, Any], drf: dict[str, Any]) -> None:
    if gate.keys() != drf.keys():
        raise DifferenceError(f"page {number}: GATE has {list(gate)}, Django REST framework {list(drf)}")
    if len(gate["results"]) != ROWS or len(drf["results"]) != ROWS:
        raise DifferenceError(f"page {number}: {len(gate['results'])} and {len(drf['results'])} sessions")
    for ours, theirs in zip(gate["results"], drf["results"], strict=True):
        if len(ours) != FIELDS or ours != theirs:
            odd = {key: (ours.get(key), theirs.get(key)) for key in ours | theirs if ours.get(key) != theirs.get(key)}
            raise DifferenceError(f"page {number}: GATE and Django REST framework differ in {odd}")
    if gate["next"] is None or drf["next"] is None or (gate["previous"] is None) != (drf["previous"] is None):
        raise DifferenceError(f"page {number}: the links do not match")


def _get(*, port: int, target: str, headers: dict[str, str]) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
    finally:
        connection.close()
    if answer.status != 200:
        raise DifferenceError(f"{target} on port {port}: {answer.status} {body[:500]}")
    return body


def _rounds(
    *,
    servers: Sequence[Server],
    database_pid: int,
    headers: dict[str, str],
    connections: Sequence[int],
    rounds: int,
    seconds: float,
) -> list[Trial]:
    trials: list[Trial] = []
    total = rounds * len(connections) * 2 * len(servers)
    for number in range(rounds + 1):  # round 0: connections, plans and caches become what they are in daily work
        for page in ("first", "deep"):
            for count in connections:
                # Who comes first changes from round to round.
                for server in servers if number % 2 else servers[::-1]:
                    before = load.cpu_seconds(server.pid), load.cpu_seconds(database_pid)
                    result = http_load.run(
                        Order(
                            port=server.port,
                            target=server.pages[page].target,
                            headers=headers,
                            connections=count,
                            seconds=seconds if number else WARM_SECONDS,
                            expected=server.pages[page].body,
                        )
                    )
                    each = 1000 / max(1, result.answered)
                    web = (load.cpu_seconds(server.pid) - before[0]) * each
                    database = (load.cpu_seconds(database_pid) - before[1]) * each
                    if number:
                        trials.append(Trial(server.name, page, count, number, result, web, database))
                        _say(f"{len(trials)}/{total} {server.name}, {page} page, {count}: {result.rate:.0f} requests/s")
    return trials


def _report(*, trials: Sequence[Trial], connections: Sequence[int], rounds: int, seconds: float) -> None:
    rows = [HEAD]
    for page in ("first", "deep"):
        for count in connections:
            rows += _rows(page=page, count=count, trials=[t for t in trials if t.page == page and t.connections == count])
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    print(f"\nAccounting list, {ROWS} of {HISTORY + LIVE:,} sessions a page, {rounds} round(s) of {seconds:g} s, medians;")
    print(f"ms: latency, and CPU a request; {os.cpu_count()} cores for servers, PostgreSQL and generator together.\n")
    for row in rows:
        print(
            "  ".join(
                cell.ljust(width) if i in {0, 2} else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
    wrong = sum(trial.load.wrong for trial in trials)
    print(f"\nWRONG: {wrong} answers" if wrong else "\nEvery answer was the right one.")
    load.RESULTS.mkdir(exist_ok=True)
    path = load.RESULTS / f"accounting-list-{int(time.time())}.json"
    machine = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    path.write_text(json.dumps({"machine": machine, "trials": [asdict(trial) for trial in trials]}, indent=1) + "\n")
    print(f"All figures: {path}")


def _rows(*, page: str, count: int, trials: Sequence[Trial]) -> list[tuple[str, ...]]:
    rates = {name: [t.load.rate for t in trials if t.server == name] for name in ("gate", "drf")}
    # Neighbours in time are compared, so that what else the machine does meets both.
    ratio = statistics.median(ours / theirs for ours, theirs in zip(rates["gate"], rates["drf"], strict=True))
    rows = []
    for name in ("gate", "drf"):
        some = [trial for trial in trials if trial.server == name]
        rows.append(
            (
                page,
                str(count),
                name,
                f"{statistics.median(rates[name]):,.0f}",
                f"{ratio:.2f}" if name == "gate" else "",
                f"{statistics.median(t.load.p50_ms for t in some):.2f}",
                f"{statistics.median(t.load.p99_ms for t in some):.2f}",
                f"{statistics.median(t.web_cpu_ms for t in some):.2f}",
                f"{statistics.median(t.database_cpu_ms for t in some):.2f}",
                f"{statistics.median(t.load.cpu_share for t in some):.0%}",
                str(sum(t.load.wrong for t in some)),
            )
        )
    return rows


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (
        gate_process.GateError,
        drf_server.DrfError,
        http_load.HttpLoadError,
        DifferenceError,
        DatabaseStartError,
    ) as problem:
        sys.exit(str(problem))
