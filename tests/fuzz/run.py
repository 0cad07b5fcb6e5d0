"""Fuzzes every decoder for so long or with so many inputs, several targets at once: `make fuzz`.

    python tests/fuzz/run.py --seconds 600              all targets together take about ten minutes
    python tests/fuzz/run.py --inputs 10000000          so many inputs, spread over the targets
    python tests/fuzz/run.py --targets packet,eap-talk  only these

Corpora stay in --folder and make the next run begin where this one ended. What is found stays in its `found/` and makes the exit
status 1; `one.py TARGET FILE` shows it again. An input that takes 10 seconds or a gigabyte is a finding as well.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from fuzz.feed import Target  # noqa: E402 - found by the line above
from fuzz.targets import TARGETS  # noqa: E402

SECONDS_AN_INPUT, MEBIBYTES = 10, 1024
MOST_FINDINGS = 3
"""Of a target: after that it has to be mended first."""
_DONE = re.compile(r"^#(\d+)\s+(?:DONE|REDUCE|NEW|pulse|INITED|RELOAD)?.*?cov: (\d+)", re.MULTILINE)
_EXECUTED = re.compile(r"^stat::number_of_executed_units:\s+(\d+)", re.MULTILINE)


@dataclass(slots=True)
class Result:
    """What became of a target."""

    name: str
    inputs: int = 0
    edges: int = 0
    kept: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)
    trouble: str = ""


def main() -> int:
    """Run, tell, and fail where something was found."""
    options = _options()
    names = options.targets.split(",") if options.targets else list(TARGETS)
    chosen = [TARGETS[name] for name in names]
    shares = sum(target.share for target in chosen)
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        results = list(pool.map(lambda target: _fuzz(target, shares=shares, options=options), chosen))
    _tell(results, seconds=time.monotonic() - began)
    return 1 if any(result.findings or result.trouble for result in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Coverage-guided fuzzing of every decoder.")
    parser.add_argument("--seconds", type=int, default=0, help="for all targets together")
    parser.add_argument("--inputs", type=int, default=0, help="for all targets together")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--targets", default="", help=", ".join(TARGETS))
    parser.add_argument("--folder", type=Path, default=HERE.parents[1] / ".fuzz", help="where corpora and findings are kept")
    parser.add_argument("--seed", type=int, default=0, help="of libFuzzer; 0: another one each time")
    options = parser.parse_args()
    unknown = set(filter(None, options.targets.split(","))) - set(TARGETS)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    options.seconds = options.seconds or (0 if options.inputs else 600)
    return options


def _fuzz(target: Target, *, shares: int, options: argparse.Namespace) -> Result:
    corpus, found = options.folder / "corpus" / target.name, options.folder / "found"
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (corpus / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    result = Result(target.name)
    inputs = options.inputs * target.share // shares
    seconds = options.seconds * options.jobs * target.share / shares
    began = time.monotonic()
    while len(result.findings) < MOST_FINDINGS and not result.trouble:
        left = seconds - (time.monotonic() - began)
        if (inputs and result.inputs >= inputs) or (seconds and left < 1):
            break
        bounds = [f"-runs={inputs - result.inputs}"] if inputs else []
        bounds += [f"-max_total_time={int(left)}"] if seconds else []
        _once(target, corpus=corpus, found=found, bounds=bounds, seed=options.seed, result=result)
    result.seconds, result.kept = time.monotonic() - began, sum(1 for _ in corpus.iterdir())
    return result


def _once(target: Target, *, corpus: Path, found: Path, bounds: Sequence[str], seed: int, result: Result) -> None:
    """One process, until its bounds or its first finding."""
    prefix = f"{target.name}-"
    before = {path.name for path in found.glob(f"{prefix}*")}
    command = [
        sys.executable, str(HERE / "one.py"), target.name, *bounds, f"-max_len={target.longest}", f"-timeout={SECONDS_AN_INPUT}",
        f"-rss_limit_mb={MEBIBYTES}", f"-artifact_prefix={found / prefix}", "-print_final_stats=1", "-reload=0", "-verbosity=1",
        f"-seed={seed}", str(corpus),
    ]  # fmt: skip
    log = found.parent / f"{target.name}.log"
    with log.open("wb") as file:
        status = subprocess.run(command, check=False, stdout=file, stderr=subprocess.STDOUT).returncode
    told = log.read_text(encoding="utf-8", errors="replace")
    executed, lines = _EXECUTED.findall(told), _DONE.findall(told)
    result.inputs += int(executed[-1]) if executed else int(lines[-1][0]) if lines else 0
    result.edges = max([result.edges, *(int(edges) for _, edges in lines)])
    new = {path.name for path in found.glob(f"{prefix}*")} - before
    result.findings += sorted(new)
    if status and not new:
        known = re.search(r"Test unit written to (\S+)", told)
        if known is None:
            result.trouble = f"exit status {status}, see {log}"
        else:
            result.findings.append(f"{Path(known[1]).name} (again)")


def _tell(results: Sequence[Result], *, seconds: float) -> None:
    lines = [f"\n{'target':<16}{'inputs':>12}{'a second':>10}{'edges':>8}{'kept':>7}  findings"]
    for one in results:
        rate = one.inputs / one.seconds if one.seconds else 0
        words = ", ".join(one.findings) or one.trouble or "none"
        lines.append(f"{one.name:<16}{one.inputs:>12,}{rate:>10,.0f}{one.edges:>8,}{one.kept:>7,}  {words}")
    total, found = sum(one.inputs for one in results), sum(len(one.findings) for one in results)
    lines.append(f"{'together':<16}{total:>12,}{'':>25}  {found}; {seconds:,.0f} s")
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    sys.exit(main())
