"""Asks every list of the REST API inside the server: the WSGI application in this process, as a web process's role.

Rule of this file: what is measured is what a worker of `gate web` does between taking a request and giving the reply away:
bearer, call metering, query, JSON. Not measured: the network and the web server. Each case is asked once to warm up, then
`--times` times twice: *counting* with the kept counts forgotten before each call, and *kept* as a program that pages sees it.
"""

import argparse
import io
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import django

import at_size_cases
import at_size_load

django.setup()

from gate.api import lists  # noqa: E402  Django comes first
from gate.wsgi import application  # noqa: E402

TARGET_MS = 50.0


@dataclass(frozen=True, slots=True)
class Timing:
    """One case: milliseconds in the server."""

    endpoint: str
    case: str
    caller: str
    rows: int
    count: int | None
    least_ms: float
    median_ms: float
    p95_ms: float
    counting_median_ms: float
    counting_p95_ms: float


def main() -> int:
    """Every case; 1 where a reply was not 200 or had no rows where there are some."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--times", type=int, required=True)
    parser.add_argument("--only")
    options = parser.parse_args()
    wrong, timings = 0, []
    _head()
    for case in at_size_cases.all_cases(_get):
        if options.only and options.only not in f"{case.endpoint} {case.name} {case.caller}":
            continue
        try:
            timing = _measure(case, times=options.times)
        except WrongReply as reply:
            wrong += 1
            print(f"WRONG {case.endpoint} {case.name} ({case.caller}): {reply}", flush=True)
            continue
        timings.append(timing)
        _line(timing)
    slow = [timing for timing in timings if timing.median_ms >= TARGET_MS or timing.counting_median_ms >= TARGET_MS]
    print(f"\n{len(timings)} cases, {len(slow)} of them at {TARGET_MS:g} ms or more, {wrong} wrong")
    if not options.only:
        options.out.write_text(_written(timings), encoding="utf-8")
    return 1 if wrong else 0


class WrongReply(Exception):
    """Not the reply the case is about."""


def _measure(case: at_size_cases.Case, *, times: int) -> Timing:
    status, body, _ = _call(case.caller, case.path)
    if status != 200:
        raise WrongReply(f"{status} {body[:300]!r}")
    told = json.loads(body)
    if case.some and not told["results"]:
        raise WrongReply("no rows")
    counting = list(_times(case, times=times, before=_forget_counts))
    kept = list(_times(case, times=times, before=lambda: None))
    return Timing(
        endpoint=case.endpoint, case=case.name, caller=case.caller, rows=len(told["results"]), count=told.get("count"),
        least_ms=_rounded(min(kept + counting)), median_ms=_rounded(statistics.median(kept)), p95_ms=_rounded(_p95(kept)),
        counting_median_ms=_rounded(statistics.median(counting)), counting_p95_ms=_rounded(_p95(counting)),
    )  # fmt: skip


def _times(case: at_size_cases.Case, *, times: int, before: Callable[[], None]) -> Iterator[float]:
    for _ in range(times):
        before()
        status, _, seconds = _call(case.caller, case.path)
        if status != 200:
            raise WrongReply(str(status))
        yield seconds * 1000


def _forget_counts() -> None:
    lists.counts = type(lists.counts)()


def _call(caller: str, path: str) -> tuple[int, bytes, float]:
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "testserver", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "HTTP_HOST": "testserver", "HTTP_AUTHORIZATION": f"Bearer {at_size_load.token_of(caller)}",
    }  # fmt: skip
    answered: list[str] = []

    def start_response(status: str, *_: Any) -> Callable[[bytes], None]:
        answered.append(status)
        return lambda _: None

    began = time.perf_counter()
    reply = application(environ, start_response)
    body = b"".join(reply)
    ended = time.perf_counter() - began
    # Django ends the request here; the web server does so after the reply is on its way.
    getattr(reply, "close", lambda: None)()
    return int(answered[0][:3]), body, ended


def _get(caller: str, path: str) -> Any:
    status, body, _ = _call(caller, path)
    if status != 200:
        raise WrongReply(f"{path}: {status} {body[:300]!r}")
    return json.loads(body)


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 1)


def _written(timings: list[Timing]) -> str:
    """JSON with a line for each case, so that two runs can be compared."""
    head = json.dumps({"machine": _machine(), "target_ms": TARGET_MS, "rows": _sizes()})[:-1]
    cases = ",\n".join(json.dumps(asdict(timing)) for timing in timings)
    return f'{head},\n"timings": [\n{cases}\n]}}\n'


def _head() -> None:
    figures = " ".join(f"{name:>8}" for name in ("least", "median", "p95", "counting", "p95"))
    print(f"{'endpoint':<30} {'case':<40} {'caller':<7} {'count':>9} {figures}")


def _line(timing: Timing) -> None:
    count = "" if timing.count is None else f"{timing.count:,}"
    measured = (timing.least_ms, timing.median_ms, timing.p95_ms, timing.counting_median_ms, timing.counting_p95_ms)
    figures = " ".join(f"{milliseconds:>8.1f}" for milliseconds in measured)
    mark = "  SLOW" if max(timing.median_ms, timing.counting_median_ms) >= TARGET_MS else ""
    print(f"{timing.endpoint:<30} {timing.case:<40} {timing.caller:<7} {count:>9} {figures}{mark}", flush=True)


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _sizes() -> dict[str, int]:
    from django.db import connection

    tables = (
        "organizations_organization", "users_user", "accounting_live", "accounting_history", "txlog_event", "access_sign_in",
        "telemetry_connection_log", "telemetry_test_report", "devices_device", "places_location", "places_accesspoint",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(i.inhparent, c.oid)::regclass::text, sum(c.reltuples)::bigint FROM pg_class c"
            " LEFT JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.relkind = 'r' AND c.reltuples > 0 GROUP BY 1"
        )
        found = dict(cursor.fetchall())
    return {table: int(found.get(table, 0)) for table in tables}


if __name__ == "__main__":
    sys.exit(main())
