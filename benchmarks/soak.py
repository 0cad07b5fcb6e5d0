"""GATE under a steady mixed load for a long time: whether its memory stays, and all that was acknowledged is there in the end.

    python benchmarks/soak.py --minutes 30              at a quarter of what this machine can
    python benchmarks/soak.py --minutes 30 --rate 1500  so many packets a second, whatever it can

`gate up` runs whole on its own PostgreSQL. Load: PAP, CHAP, devices by their MAC address, wrong passwords, accounting of ever
new sessions; beside it, slowly, EAP with whole handshakes, requests sent three times and sessions in disorder. Fails if memory
or open files of a process grow beyond the bound, a process was started anew, an answer is lost or wrong, a session is missing.
"""

import argparse
import contextlib
import csv
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg

import gate_process
import gate_server
import load
import packets
import soak_watch
from gate.database import embedded
from packets import Usage, User
from soak_peers import Peers

SECRET = "benchmark-secret"
USERS, DEVICES, LIARS = 5000, 1000, 200
SEGMENT = 60.0
"""Seconds: so long runs a generator before the next one begins with new sessions."""
SHARES = {"pap": 0.29, "chap": 0.15, "mac": 0.05, "wrong": 0.01, "accounting": 0.5}
"""Of the rate of packets."""
GROWTH_SHARE, GROWTH_MEBIBYTES, MORE_FILES = 0.03, 2.0, 8
"""What a process may grow by in the last two thirds: 3 % of its size and 2 MiB beside, and 8 open files."""


@dataclass(slots=True)
class Sent:
    """What the generators sent and got, by work."""

    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    worst_ms: dict[str, float] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)
    """Sessions acknowledged to the last packet, by run."""
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Soak, tell, and fail where something is wrong."""
    options = _options()
    program = load.build()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and folders go with us
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gate-soak-")))
        folder.chmod(0o711)  # as root, PostgreSQL runs as another user and passes through
        database = stack.enter_context(embedded.start(data=folder / "data", say=_say))
        assert database.pid is not None, "it was started above"
        users = packets.users(count=USERS)
        devices = [User(name, name) for name in (f"02-50-00-00-{i >> 8:02x}-{i & 255:02x}" for i in range(DEVICES))]
        auth_port, acct_port = load.free_udp_ports(2)
        metrics = load.free_tcp_port()
        gate = stack.enter_context(
            gate_process.running(url=database.url, folder=folder / "gate", auth_port=auth_port, acct_port=acct_port,
                                 more={"GATE_RADIUS_METRICS_PORT": str(metrics)})
        )  # fmt: skip
        gate_server.prepare_gate(environment=gate.environment, secret=SECRET, users=[*users, *devices])
        subprocess.run(
            [sys.executable, "-m", "gate", "radius", "certs"], check=True, env=gate.environment, stdout=subprocess.DEVNULL
        )
        run = format(int(time.time()), "x")
        soak = Soak(program=program, folder=folder, auth_port=auth_port, acct_port=acct_port, users=users, word=run)
        soak.prepare(devices=devices)
        rates = _rates(options=options, soak=soak)
        output = folder / "gate" / "output"
        begun = output.stat().st_size  # before there was its secret, the NAS was told of as unusable
        _say("Packets a second: " + ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items()))
        peers = Peers(SECRET.encode(), auth_port, acct_port, users, f"{run}odd")
        with soak_watch.Watch(gate.pid, database.pid, metrics, every=options.every) as watch:
            peers.start(eap_rate=options.eap, odd_rate=2.0)
            soak.run(rates=rates, seconds=options.minutes * 60)
            peers.stop()
            time.sleep(3)
        sample = watch.look(watch.samples[-1].seconds)
        soak.sent.sessions[f"{run}odd"] = peers.sessions
        faults = [
            *soak.sent.faults,
            *peers.faults,
            *_missing(url=database.url, sent=soak.sent),
            *_restless(watch.samples, sample),
        ]
        told = output.read_bytes()[begun:].decode(errors="replace")
    faults += [f"the log says: {line[:200]}" for line in told.splitlines() if "ERROR" in line or "Traceback" in line][:5]
    _report(watch.samples, sent=soak.sent, peers=peers, faults=faults, rates=rates)
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="GATE under a steady mixed load for a long time.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=0.0, help="packets a second in all; 0: a quarter of what this machine can")
    parser.add_argument("--eap", type=float, default=1.0, help="EAP sign-ins a second, each with a handshake")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two looks")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(slots=True)
class Soak:
    """The generators."""

    program: Path
    folder: Path
    auth_port: int
    acct_port: int
    users: Sequence[User]
    word: str
    """What the ids of its sessions begin with."""
    sent: Sent = field(default_factory=Sent)

    def prepare(self, *, devices: Sequence[User]) -> None:
        """The files of sign-ins, which are read again and again."""
        secret = SECRET.encode()
        packets.write_sign_ins(path=self.folder / "pap", secret=secret, users=self.users, method="pap")
        packets.write_sign_ins(path=self.folder / "chap", secret=secret, users=self.users, method="chap")
        packets.write_sign_ins(path=self.folder / "mac", secret=secret, users=devices, method="pap")
        liars = [User(user.name, "not-" + user.password) for user in self.users[:LIARS]]
        packets.write_sign_ins(path=self.folder / "wrong", secret=secret, users=liars, method="pap", expect=packets.ACCESS_REJECT)

    def capacity(self, work: str) -> float:
        """Answers a second with 64 in flight, for 5 seconds."""
        return self._finished(work, self._start(work, run=f"{self.word}c{work}", seconds=5, window=64))["rate"]

    def run(self, *, rates: dict[str, float], seconds: float) -> None:
        """Segment after segment."""
        began, number = time.monotonic(), 0
        while (left := began + seconds - time.monotonic()) > 1:
            number += 1
            run = f"{self.word}s{number:04d}"
            started = {
                work: self._start(work, run=run, seconds=min(SEGMENT, left), window=2048, rate=rate)
                for work, rate in rates.items()
            }
            for work, process in started.items():
                self._finished(work, process, run=run)
            told = self.sent.totals["accounting"]
            _say(f"{(time.monotonic() - began) / 60:5.1f} min: {told['answered']:,} accounting packets acknowledged, "
                 f"{len(self.sent.faults)} faults")  # fmt: skip

    def _start(self, work: str, *, run: str, seconds: float, window: int, rate: float = 0.0) -> subprocess.Popen[str]:
        file, port, ended = self.folder / work, self.auth_port, int(time.time())
        if work == "accounting":
            port = self.acct_port
            count = int((rate or 30_000) * seconds / (packets.INTERIMS + 2)) + packets.STAGGERED
            packets.write_sessions(path=file, secret=SECRET.encode(), users=self.users, run=run, count=count, ended=ended)
        # Refusals come a second late: what is wrong is sent a second time meanwhile, as impatient NAS do.
        patience = "0.6" if work == "wrong" else "1"
        command = [str(self.program), "--file", str(file), "--port", str(port), "--window", str(window)]
        command += ["--seconds", f"{seconds:.0f}", "--timeout", patience]
        command += ["--rate", f"{rate:.0f}"] if rate else []
        command += [] if work == "accounting" else ["--loop"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def _finished(self, work: str, process: subprocess.Popen[str], *, run: str = "") -> dict[str, float]:
        output, trouble = process.communicate()
        if process.returncode not in {0, 1}:
            raise load.LoadError(f"radload, {work}: {trouble.strip()}")
        told: dict[str, float] = json.loads(output)
        totals = self.sent.totals.setdefault(work, {})
        for name in (
            "answered",
            "accepted",
            "rejected",
            "acknowledged",
            "retransmitted",
            "duplicates",
            "lost",
            "bad",
            "unexpected",
        ):
            totals[name] = totals.get(name, 0) + int(told[name])
            if name in {"lost", "bad", "unexpected"} and told[name]:
                self.sent.faults.append(f"{work}, {run}: {told[name]} answers {name}")
        self.sent.worst_ms[work] = max(self.sent.worst_ms.get(work, 0.0), told["p99_ms"])
        if work == "accounting" and run and not told["lost"]:
            self.sent.sessions[run] = int(told["chains"])
        return told


def _rates(*, options: argparse.Namespace, soak: Soak) -> dict[str, float]:
    """Packets a second by work. Half of a quarter for sign-ins, half for accounting, of what each comes to alone."""
    if options.rate:
        return {work: options.rate * share for work, share in SHARES.items()}
    halves = {"pap": soak.capacity("pap") / 8, "accounting": soak.capacity("accounting") / 8}
    return {work: 2 * share * halves["accounting" if work == "accounting" else "pap"] for work, share in SHARES.items()}


def _missing(*, url: str, sent: Sent) -> Iterator[str]:
    """What was acknowledged and is not in the tables as it was told."""
    columns = "split_part(acctsessionid, '-', 1) AS run, acctstoptime, acctsessiontime, acctinputoctets, acctoutputoctets"
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT run, count(*), count(*) FILTER (WHERE acctstoptime IS NULL), sum(acctsessiontime)::bigint,"
            " sum(acctinputoctets)::bigint, sum(acctoutputoctets)::bigint FROM"
            f" (SELECT {columns} FROM accounting_live UNION ALL SELECT {columns} FROM accounting_history) AS sessions"
            " GROUP BY run"
        ).fetchall()
        logged = dict(connection.execute("SELECT accepted, count(*) FROM access_sign_in GROUP BY accepted").fetchall())
    found = {row[0]: row[1:] for row in rows}
    for run, count in sent.sessions.items():
        sessions, still_open, *used = found.get(run, (0, 0, 0, 0, 0))
        if run.endswith("odd"):
            expected = [900 * count, 900_000 * count, 1_800_000 * count]
        else:
            finals = [packets.final_usage(index=index) for index in range(count)]
            expected = list(_sum(finals))
        if (sessions, still_open, used) != (count, 0, expected):
            yield f"run {run}: {count} sessions acknowledged with {expected}, stored {sessions} with {used}, {still_open} open"
    for word, accepted in (("accepted", True), ("rejected", False)):
        told = sum(totals[word] for totals in sent.totals.values())
        if logged.get(accepted, 0) < told:
            yield f"{told} sign-ins {word}, {logged.get(accepted, 0)} in the log"


def _sum(usages: Sequence[Usage]) -> tuple[int, int, int]:
    return (sum(one.seconds for one in usages), sum(one.input_octets for one in usages), sum(one.output_octets for one in usages))


def _restless(samples: Sequence[soak_watch.Sample], last: soak_watch.Sample) -> Iterator[str]:
    """What grew, came anew or did not come to rest."""
    for one in soak_watch.growth(samples, share=GROWTH_SHARE, mebibytes=GROWTH_MEBIBYTES):
        if not one.is_flat:
            yield f"{one.name} grew from {one.first:.1f} to {one.last:.1f} MiB, {one.allowed:.1f} are allowed"
    third = max(1, len(samples) // 3)
    for name in last.files.keys() - {"postgresql"}:  # which opens what it needs, up to a bound of its own
        early = max(one.files.get(name, 0) for one in samples[:third])
        if last.files[name] > early + MORE_FILES:
            yield f"{name} has {last.files[name]} open files, and had {early} at most in the first third"
    if samples[0].pids != last.pids:
        yield f"processes were {dict(samples[0].pids)} and are {dict(last.pids)}"
    waiting = {name: value for name, value in last.gauges.items() if name.startswith("gate_radius_queue_length") and value}
    if waiting:
        yield f"the load is over, and {waiting} wait"


def _report(
    samples: Sequence[soak_watch.Sample], *, sent: Sent, peers: Peers, faults: Sequence[str], rates: dict[str, float]
) -> None:
    grown = soak_watch.growth(samples, share=GROWTH_SHARE, mebibytes=GROWTH_MEBIBYTES)
    first, third, last = samples[0], samples[len(samples) // 3], samples[-1]
    print(f"\n{last.seconds / 60:.0f} minutes, {len(samples)} looks; MiB (resident; of PostgreSQL the private part)\n")
    print(f"{'process':<12}{'begin':>8}{'a third':>9}{'end':>8}{'grown':>8}{'allowed':>9}  {'open files':>10}")
    for one in grown:
        sizes = [look.memory.get(one.name, 0.0) for look in (first, third, last)]
        print(f"{one.name:<12}{sizes[0]:>8.1f}{sizes[1]:>9.1f}{sizes[2]:>8.1f}{one.last - one.first:>+8.1f}", end="")
        print(f"{one.allowed:>9.1f}  {first.files.get(one.name, 0):>4} to {last.files[one.name]}")
    print(f"\n{'load':<12}{'a second':>9}{'answered':>12}{'again':>9}{'copies':>9}{'lost':>6}{'worst p99 ms':>14}")
    for work, totals in sent.totals.items():
        print(f"{work:<12}{rates.get(work, 0):>9.0f}{totals['answered']:>12,}{totals['retransmitted']:>9,}", end="")
        print(f"{totals['duplicates']:>9,}{totals['lost']:>6}{sent.worst_ms[work]:>14.1f}")
    print(", ".join(f"{count:,} {word}" for word, count in sorted(peers.counts.items())))
    print("\n" + "\n".join(f"most {name} {max(one.gauges[name] for one in samples):g}" for name in soak_watch.GAUGES))
    print(f"\n{sum(sent.sessions.values()):,} sessions acknowledged")
    for fault in faults:
        print(f"WRONG: {fault}")
    print("Memory is flat and everything acknowledged is there." if not faults else "")
    load.RESULTS.mkdir(exist_ok=True)
    base = load.RESULTS / f"soak-{int(time.time())}"
    _keep(base, samples)
    summary = {"totals": sent.totals, "worst_p99_ms": sent.worst_ms, "peers": peers.counts, "rates": rates}
    summary |= {"faults": list(faults), "growth": [asdict(one) for one in grown]}
    base.with_suffix(".json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(f"All figures: {base}.csv, .svg, .json")


def _keep(base: Path, samples: Sequence[soak_watch.Sample]) -> None:
    names = list(samples[-1].memory)
    with base.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["seconds", *(f"{name} MiB" for name in names), *(f"{name} files" for name in names), *soak_watch.GAUGES])
        for one in samples:
            memory = [f"{one.memory.get(name, 0):.2f}" for name in names]
            files = [one.files.get(name, 0) for name in names]
            writer.writerow([f"{one.seconds:.1f}", *memory, *files, *(one.gauges[name] for name in soak_watch.GAUGES)])
    base.with_suffix(".svg").write_text(soak_watch.drawing(samples), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
