"""The REST API: GATE against Django REST framework, turn by turn in one run, on one PostgreSQL and its rows.

    python benchmarks/rest_api.py           the whole table, about six minutes
    python benchmarks/rest_api.py --quick   one short round

Two lists (the accounting list, the log of the portals) and two writes (a device's connection, a device's test report). Rules of
this file: before anything is measured both servers are walked through page by page, every field of every row has to be the
same, and so has each answer to a write. While measuring, every answer of a list has to be the one known from there, and after
each load of writes the table must have exactly the rows acknowledged. A wrong answer makes the exit status 1, a slow one never
does. Both servers stay up all the time, and only one is spoken to.
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

HISTORY, LIVE, EVENTS = 200_000, 5_000, 200_000
ROWS = 50
WARM_SECONDS = 1.5
API = "/api/v1/"
HEAD = (
    "case", "connections", "server", "requests/s", "ratio", "p50 ms", "p99 ms", "web ms", "database ms", "generator", "wrong",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class List:
    """A list, walked `deep` pages in before measuring."""

    category: str
    fields: int
    deep: int


@dataclass(frozen=True, slots=True)
class Write:
    """Something posted again and again; `table` is where each makes a row."""

    category: str
    table: str
    body: dict[str, Any]


LISTS = (
    # Beyond the 5,000 sessions of the live table, into the partitions.
    List("aaa_accounting", fields=38, deep=120),
    List("txlog_portal", fields=33, deep=120),
)
WRITES = (
    Write(
        "device_app_connection_log",
        table="telemetry_connection_log",
        body={
            "network_name": "Lobby", "network_type": "wi", "network_security": "wp2", "frequency": 5.0, "authentication": "eap",
            "bssid": "02:00:00:00:01:5e", "roaming": False, "latitude": "40.712800", "longitude": "-74.006000",
            "inbytes": 1_048_576, "outbytes": 524_288, "link_speed": 150.0, "quality_metric": "rssi", "quality_value": -45.0,
        },
    ),
    Write(
        "device_app_test_report",
        table="telemetry_test_report",
        body={
            "network_name": "Lobby", "network_type": "wi", "test_type": "dl", "destination": "speed.example.net", "value": 95.7,
            "count": 3, "unit": "Kbps",
        },
    ),
)  # fmt: skip
# Each answer to a write has its own.
OWN = frozenset({"id", "timestamp"})


class DifferenceError(Exception):
    """The two servers do not answer the same."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked, and the answer known to be right."""

    target: str
    expected: str | None = None
    body: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """One of the two."""

    name: str
    pid: int
    port: int
    pages: dict[str, Page]


@dataclass(frozen=True, slots=True)
class Trial:
    """One load on one server. CPU in ms a request; `wrong` counts wrong answers, and rows that are missing or too many."""

    server: str
    case: str
    connections: int
    round: int
    load: HttpLoad
    web_cpu_ms: float
    database_cpu_ms: float
    wrong: int


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
        _say(f"Storing {HISTORY + LIVE:,} sessions and {EVENTS:,} events")
        script = Path(__file__).with_name("rest_data.py")
        order = {"history": HISTORY, "live": LIVE, "events": EVENTS}
        token = gate_process.run_inside(script=script, order=order, environment=gate.environment).strip()
        drf_server.prepare_database(url=database.url)
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
        _say("Starting Django REST framework")
        peer = stack.enter_context(drf_server.running(url=database.url, folder=folder))
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        pages = compare(ports={"gate": gate.http_port, "drf": peer.http_port}, headers=headers)
        servers = [
            Server("gate", gate.pid, gate.http_port, pages["gate"]),
            Server("drf", peer.pid, peer.http_port, pages["drf"]),
        ]
        trials = _rounds(
            servers=servers,
            database=database,
            headers=headers,
            connections=connections,
            rounds=arguments.rounds,
            seconds=arguments.seconds,
        )
    _report(trials=trials, connections=connections, rounds=arguments.rounds, seconds=arguments.seconds)
    return 1 if any(trial.wrong for trial in trials) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="GATE's REST API against Django REST framework on this machine.")
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
    """What to ask each server for each case, once both were found to answer the same. Raises DifferenceError."""
    seen: dict[str, dict[str, Page]] = {name: {} for name in ports}
    for wanted in LISTS:
        _say(f"Comparing {wanted.deep} pages of {wanted.category}")
        _walk(wanted, ports=ports, headers=headers, seen=seen)
    for write in WRITES:
        _say(f"Comparing the answers of {write.category}")
        body = json.dumps(write.body)
        answers = {
            name: json.loads(_ask(port=port, target=f"{API}{write.category}/", headers=headers, body=body))
            for name, port in ports.items()
        }
        ours, theirs = ({key: value for key, value in answer.items() if key not in OWN} for answer in answers.values())
        if ours != theirs or answers["gate"].keys() != answers["drf"].keys():
            raise DifferenceError(f"{write.category}: GATE answers {ours}, Django REST framework {theirs}")
        for pages in seen.values():
            pages[write.category] = Page(f"{API}{write.category}/", body=body, table=write.table)
    return seen


def _walk(wanted: List, *, ports: dict[str, int], headers: dict[str, str], seen: dict[str, dict[str, Page]]) -> None:
    path = f"{API}{wanted.category}/"
    targets = {name: f"{path}?limit={ROWS}" if name == "gate" else path for name in ports}
    for number in range(wanted.deep + 1):
        bodies = {name: _ask(port=ports[name], target=targets[name], headers=headers) for name in ports}
        answers = {name: json.loads(body) for name, body in bodies.items()}
        _check(where=f"{wanted.category}, page {number}", fields=wanted.fields, **answers)
        for name, body in bodies.items():
            if number in {0, wanted.deep}:
                seen[name][f"{wanted.category} {'deep' if number else 'first'}"] = Page(targets[name], expected=body)
            # Links are absolute; the address asked is one's own.
            targets[name] = answers[name]["next"].partition(f":{ports[name]}")[2]


def _check(*, where: str, fields: int, gate: dict[str, Any], drf: dict[str, Any]) -> None:
    if gate.keys() != drf.keys():
        raise DifferenceError(f"{where}: GATE has {list(gate)}, Django REST framework {list(drf)}")
    if len(gate["results"]) != ROWS or len(drf["results"]) != ROWS:
        raise DifferenceError(f"{where}: {len(gate['results'])} and {len(drf['results'])} rows")
    for ours, theirs in zip(gate["results"], drf["results"], strict=True):
        if len(ours) != fields or ours != theirs:
            odd = {key: (ours.get(key), theirs.get(key)) for key in ours | theirs if ours.get(key) != theirs.get(key)}
            raise DifferenceError(f"{where}: GATE ({len(ours)} fields) and Django REST framework differ in {odd}")
    if gate["next"] is None or drf["next"] is None or (gate["previous"] is None) != (drf["previous"] is None):
        raise DifferenceError(f"{where}: the links do not match")


def _ask(*, port: int, target: str, headers: dict[str, str], body: str | None = None) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        if body is None:
            connection.request("GET", target, headers=headers)
        else:
            connection.request("POST", target, headers=headers | {"Content-Type": "application/json"}, body=body)
        answer = connection.getresponse()
        told = answer.read().decode()
    finally:
        connection.close()
    if answer.status != (200 if body is None else 201):
        raise DifferenceError(f"{target} on port {port}: {answer.status} {told[:500]}")
    return told


def _rounds(
    *,
    servers: Sequence[Server],
    database: embedded.Server,
    headers: dict[str, str],
    connections: Sequence[int],
    rounds: int,
    seconds: float,
) -> list[Trial]:
    trials: list[Trial] = []
    cases = list(servers[0].pages)
    total = rounds * len(connections) * len(cases) * len(servers)
    for number in range(rounds + 1):  # round 0: connections, plans and caches become what they are in daily work
        for case in cases:
            for count in connections:
                # Who comes first changes from round to round.
                for server in servers if number % 2 else servers[::-1]:
                    trial = _trial(
                        server=server, case=case, connections=count, round_=number, database=database, headers=headers,
                        seconds=seconds if number else WARM_SECONDS,
                    )  # fmt: skip
                    if number:
                        trials.append(trial)
                        _say(f"{len(trials)}/{total} {server.name}, {case}, {count}: {trial.load.rate:.0f} requests/s")
    return trials


def _trial(
    *,
    server: Server,
    case: str,
    connections: int,
    round_: int,
    database: embedded.Server,
    headers: dict[str, str],
    seconds: float,
) -> Trial:
    page = server.pages[case]
    assert database.pid is not None, "it was started by us"
    rows = _rows_of(database.url, page.table)
    before = load.cpu_seconds(server.pid), load.cpu_seconds(database.pid)
    result = http_load.run(
        Order(
            port=server.port,
            target=page.target,
            headers=headers,
            connections=connections,
            seconds=seconds,
            expected=page.expected,
            body=page.body,
        )
    )
    each = 1000 / max(1, result.answered)
    web = (load.cpu_seconds(server.pid) - before[0]) * each
    database_ms = (load.cpu_seconds(database.pid) - before[1]) * each
    stored = _rows_of(database.url, page.table) - rows
    wrong = result.wrong + (abs(stored - result.answered) if page.table else 0)
    return Trial(server.name, case, connections, round_, result, web, database_ms, wrong)


def _rows_of(url: str, table: str | None) -> int:
    if table is None:
        return 0
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None, "an aggregate has one row"
    return int(row[0])


def _report(*, trials: Sequence[Trial], connections: Sequence[int], rounds: int, seconds: float) -> None:
    rows: list[tuple[str, ...]] = [HEAD]
    for case in dict.fromkeys(trial.case for trial in trials):
        for count in connections:
            rows += _rows(case=case, count=count, trials=[t for t in trials if t.case == case and t.connections == count])
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    print(f"\nPages of {ROWS} out of {HISTORY + LIVE:,} sessions and {EVENTS:,} events, and writes;")
    print(f"{rounds} round(s) of {seconds:g} s, medians;")
    print(f"ms: latency, and CPU a request; {os.cpu_count()} cores for servers, PostgreSQL and generator together.\n")
    for row in rows:
        print(
            "  ".join(
                cell.ljust(width) if i in {0, 2} else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
    wrong = sum(trial.wrong for trial in trials)
    print(f"\nWRONG: {wrong} answers" if wrong else "\nEvery answer was the right one.")
    load.RESULTS.mkdir(exist_ok=True)
    path = load.RESULTS / f"rest-api-{int(time.time())}.json"
    machine = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    path.write_text(json.dumps({"machine": machine, "trials": [asdict(trial) for trial in trials]}, indent=1) + "\n")
    print(f"All figures: {path}")


def _rows(*, case: str, count: int, trials: Sequence[Trial]) -> list[tuple[str, ...]]:
    rates = {name: [t.load.rate for t in trials if t.server == name] for name in ("gate", "drf")}
    # Neighbours in time are compared, so that what else the machine does meets both.
    ratio = statistics.median(ours / theirs for ours, theirs in zip(rates["gate"], rates["drf"], strict=True))
    rows: list[tuple[str, ...]] = []
    for name in ("gate", "drf"):
        some = [trial for trial in trials if trial.server == name]
        rows.append(
            (
                case,
                str(count),
                name,
                f"{statistics.median(rates[name]):,.0f}",
                f"{ratio:.2f}" if name == "gate" else "",
                f"{statistics.median(t.load.p50_ms for t in some):.2f}",
                f"{statistics.median(t.load.p99_ms for t in some):.2f}",
                f"{statistics.median(t.web_cpu_ms for t in some):.2f}",
                f"{statistics.median(t.database_cpu_ms for t in some):.2f}",
                f"{statistics.median(t.load.cpu_share for t in some):.0%}",
                str(sum(t.wrong for t in some)),
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
