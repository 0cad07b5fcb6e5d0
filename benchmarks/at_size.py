"""GATE at size: fills a private PostgreSQL with a million users and five million sessions and log rows, then measures every list.

`.venv/bin/python benchmarks/at_size.py` (`make at-size`). The data stays in --data, so that the second run measures at once;
--load fills it anew. A wrong answer fails the command, a slow one never does.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import at_size_load
from gate.database import embedded

HERE = Path(__file__).resolve().parent
_SECRET_KEY = "only for measuring: 32 characters or more"
# Nothing of it is worth keeping until it is whole.
_LOADING = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "16GB", "autovacuum": "off"}


def main() -> int:
    """Load where there is nothing, then measure."""
    options = _options()
    sizes = at_size_load.Sizes(
        users=options.users, sessions=options.sessions, events=options.events, reports=options.reports, sign_ins=options.sign_ins
    )
    filled = options.data / "at-size.filled"
    if options.load or not filled.exists():
        filled.unlink(missing_ok=True)
        _fill(options.data, sizes, jobs=options.jobs)
        filled.write_text(f"{sizes}\n", encoding="utf-8")
    elif filled.read_text(encoding="utf-8").strip() != str(sizes):
        print(f"{options.data} holds {filled.read_text(encoding='utf-8').strip()}; --load fills it anew", file=sys.stderr)
    if options.measure:
        with embedded.start(data=options.data / "database") as server:
            _migrate(server.url)
            order = [str(HERE / "at_size_measure.py"), "--out", str(options.out), "--times", str(options.times)]
            order += ["--only", options.only] if options.only else []
            return subprocess.run([sys.executable, *order], env=_environment(server.url, part="web"), check=False).returncode
    return 0


def _fill(data: Path, sizes: at_size_load.Sizes, *, jobs: int) -> None:
    began = time.monotonic()
    with embedded.start(data=data / "database", options=_LOADING) as server:
        at_size_load.empty(server.url)
        _migrate(server.url)
        at_size_load.fill(server.url, sizes, jobs=jobs)
        subprocess.run([sys.executable, HERE / "at_size_inside.py"], env=_environment(server.url, part="system"), check=True)
        at_size_load.settle(server.url)
    print(f"filled in {time.monotonic() - began:,.0f} s", file=sys.stderr)


def _migrate(url: str) -> None:
    environment = _environment(url, part="owner")
    subprocess.run([sys.executable, "-m", "gate", "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)


def _environment(url: str, *, part: str) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return kept | {
        "DATABASE_URL": url, "GATE_SECRET_KEY": _SECRET_KEY, "GATE_PART": part, "GATE_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "gate.django_settings",
    }  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=HERE / "build" / "at-size", help="where the database is kept")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--sessions", type=int, default=5_000_000)
    parser.add_argument("--events", type=int, default=5_000_000, help="rows of the transaction log")
    parser.add_argument("--reports", type=int, default=1_000_000, help="connections reported by devices, and half as many tests")
    parser.add_argument("--sign-ins", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=2, help="connections that fill a table at once")
    parser.add_argument("--load", action="store_true", help="empty and fill the database, whatever is there")
    parser.add_argument("--measure", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--times", type=int, default=15, help="how often each case is asked")
    parser.add_argument("--only", help="cases whose name holds this")
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs" / "api-timings.json")
    options = parser.parse_args()
    options.data = options.data.resolve()
    options.data.mkdir(parents=True, exist_ok=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    return options


if __name__ == "__main__":
    sys.exit(main())
