"""docs/api-coverage.md: which examples of the reference were sent and kept to, which statuses were provoked, what each costs.

`make api-coverage` runs the tests of the API and writes what they saw (tests/described.py) to docs/api-coverage.json and, with
docs/api-timings.json beside it, the page. Times come from benchmarks/at_size.py, on five million rows; where they alone are new,
`make api-coverage-page` makes the page of what is kept.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import contract
import described

ROOT = Path(__file__).resolve().parents[1]
SEEN = ROOT / "docs" / "api-coverage.json"
TIMINGS = ROOT / "docs" / "api-timings.json"
PAGE = ROOT / "docs" / "api-coverage.md"
# Statuses of the reference that no request to the operation can lead to.
NOT_HERE = {"GET /device_app_access_points/": {404}}  # "endpoint not available": what any other address answers


def seen() -> dict[str, Any]:
    """What this run saw, as it is kept."""
    return {
        "endpoints": {endpoint: _seen_of(endpoint) for endpoint in contract.endpoints()},
        "fuzz": dict(described.FUZZ),
        "walks": dict(sorted(described.WALKS.items())),
    }


def _seen_of(endpoint: str) -> dict[str, Any]:
    found = described.SEEN.get(described.normal(endpoint), described.Seen())
    wanted = sum(len(contract.example(described.normal(endpoint), part)) for part in ("requests", "urls"))
    return {
        "examples_sent": len(found.examples),
        "examples": wanted,
        "replies_kept": len(found.compared),
        "replies": len(contract.responses(endpoint)),
        "statuses": sorted(found.statuses),
        "statements": found.statements,
    }


def gaps(endpoint: str, row: dict[str, Any]) -> list[str]:
    """What the tests have not shown of an endpoint."""
    lacking = contract.statuses(endpoint) - NOT_HERE.get(endpoint, set()) - set(row["statuses"])
    problems = [f"{endpoint}: {status} was not provoked" for status in sorted(lacking)]
    if row["examples_sent"] < row["examples"]:
        problems.append(f"{endpoint}: {row['examples_sent']} of {row['examples']} examples were sent")
    if row["replies_kept"] < row["replies"]:
        problems.append(f"{endpoint}: {row['replies_kept']} of {row['replies']} example replies were kept to")
    return problems


def timings() -> dict[str, str]:
    """The slowest case of each list at size, in milliseconds in the server; nothing where it was not measured."""
    if not TIMINGS.exists():
        return {}
    slowest: dict[str, float] = defaultdict(float)
    for timing in json.loads(TIMINGS.read_text(encoding="utf-8"))["timings"]:
        name = described.normal(timing["endpoint"])
        key = name if " " in name else f"GET {name if name.startswith('/') else f'/{name}/'}"
        slowest[key] = max(slowest[key], timing["median_ms"])
    return {endpoint: f"{milliseconds:.1f}" for endpoint, milliseconds in slowest.items()}


def render(kept: dict[str, Any]) -> str:
    """The page."""
    times = timings()
    lines = [
        "# What the tests show of the API",
        "",
        "Made by `make api-coverage`, not by hand. Of each endpoint of the reference: its examples sent and its example replies",
        "kept to (every key, the same types), the statuses provoked (those of the reference in bold), the statements PostgreSQL",
        "is asked by the cheapest good call, and, with a million users and five million sessions and log lines, the slowest",
        "median of its cases in the server, in milliseconds.",
        "",
        "| endpoint | examples sent | replies kept to | statuses provoked | statements | at size, ms |",
        "|---|---|---|---|---|---|",
    ]
    for endpoint, row in kept["endpoints"].items():
        documented = contract.statuses(endpoint)
        cells = [
            f"`{endpoint}`",
            f"{row['examples_sent']} of {row['examples']}",
            f"{row['replies_kept']} of {row['replies']}",
            " ".join(f"**{status}**" if status in documented else str(status) for status in row["statuses"]),
            "" if row["statements"] is None else str(row["statements"]),
            times.get(described.normal(endpoint), ""),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    fuzz, walks = kept["fuzz"], kept["walks"]
    tried = f"{fuzz.get('requests', 0)} requests to {fuzz.get('operations', 0)} operations in {fuzz.get('seconds', 0)} s"
    lines += [
        "",
        f"schemathesis made {tried} and found no status, header or body that is not documented, and no failure.",
        "",
        "Walks as a stranger, each over every operation, which got nothing and changed nothing:",
        "",
        *(f"- {who}: {count} requests" for who, count in walks.items()),
    ]
    return "\n".join(lines) + "\n"


def write() -> None:
    """Keep what this run saw, and make the page."""
    kept = seen()
    SEEN.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(render(kept), encoding="utf-8")


def sent(endpoint: str, body: Any) -> set[str]:
    """The example requests that `body` is: the same fields, ids and names aside that have to exist."""
    return {
        f"request {number}"
        for number, example in enumerate(contract.example(endpoint, "requests"))
        if _fields(_unwrapped(example)) == _fields(body)
    }


def asked(endpoint: str, names: frozenset[str]) -> set[str]:
    """The example addresses whose parameters were all given."""
    return {
        f"url {number}"
        for number, url in enumerate(contract.example(endpoint, "urls"))
        if {part.partition("=")[0] for part in url.partition("?")[2].split("&") if part} <= names
    }


def _unwrapped(example: Any) -> Any:
    from gate.api.body import unwrap

    return unwrap(example)


def _fields(value: Any, where: str = "") -> frozenset[str]:
    if isinstance(value, dict):
        return frozenset().union(*(_fields(part, f"{where}.{name}") | {f"{where}.{name}"} for name, part in value.items()))
    if isinstance(value, list):
        return frozenset().union(*(_fields(part, f"{where}[]") for part in value))
    return frozenset()


if __name__ == "__main__":
    PAGE.write_text(render(json.loads(SEEN.read_text(encoding="utf-8"))), encoding="utf-8")
