"""What `gate radius` tells Prometheus: its counts, made into families when they are asked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from gate.core import clock
from gate.core.exposition import Family, Histogram, counter, gauge, histogram
from gate.protocols.radius.codes import Code
from gate.radiusd.tallies import Tally

if TYPE_CHECKING:
    from gate.radiusd.request import Request
    from gate.radiusd.service import Service


class Queue(Protocol):
    """Requests that wait, whatever stands behind each of them."""

    sizes: Histogram

    def __len__(self) -> int: ...

    @property
    def first(self) -> "tuple[Request, *tuple[object, ...]]":
        """What waits longest."""


MOST_NAS: Final = 1_000
"""NAS told apart; the others are summed up as `other`, the busiest first."""
_OUTCOMES: Final = {
    "accepted": Code.ACCESS_ACCEPT,
    "rejected": Code.ACCESS_REJECT,
    "challenged": Code.ACCESS_CHALLENGE,
    "acknowledged": Code.ACCOUNTING_RESPONSE,
}
_UDP: Final = (Path("/proc/net/udp"), Path("/proc/net/udp6"))
_INODE, _DROPS = 9, -1


def families(service: "Service") -> Iterator[Family]:
    """Everything, of this process."""
    metrics = service.metrics
    yield counter("gate_radius_received_total", "Datagrams received.", [({}, metrics["received"])])
    yield counter("gate_radius_answered_total", "Answers sent, copies apart.", [({}, metrics["answered"])])
    yield counter("gate_radius_dropped_total", "Packets not answered, by reason.", _named(metrics, "dropped", "reason"))
    yield counter("gate_radius_duplicates_total", "Copies, by what was known.", _named(metrics, "duplicates", "state"))
    events = [({"event": name}, float(metrics[name])) for name in sorted(metrics) if name.split(".")[0] not in _TOLD]
    yield counter("gate_radius_events_total", "Other counts of the log line a minute, by name.", events)
    yield from _by_nas(service)
    latencies = [
        *zip(("authentication", "accounting"), service.listener.latencies, strict=True),
        ("radsec", service.radsec.latency),
    ]
    yield histogram(
        "gate_radius_latency_seconds",
        "Seconds from a packet's arrival to its answer, Access-Rejects apart, by port.",
        [({"port": name}, held) for name, held in latencies],
    )
    queues: dict[str, Queue] = {"sign-in": service.authenticator.queue, "accounting": service.accountant.queue}
    yield histogram(
        "gate_radius_batch_size",
        "Packets that shared a round trip to PostgreSQL.",
        [({"queue": n}, q.sizes) for n, q in queues.items()],
    )
    yield gauge(
        "gate_radius_queue_length", "Packets that wait for PostgreSQL.", [({"queue": n}, len(q)) for n, q in queues.items()]
    )
    now = clock.unix()
    ages = [({"queue": name}, 0.0 if not len(queue) else max(now - queue.first[0].at, 0.0)) for name, queue in queues.items()]
    yield gauge("gate_radius_queue_age_seconds", "Age of the oldest of them.", ages)
    yield gauge("gate_radius_rejects_held", "Access-Rejects that wait for their time.", [({}, len(service.listener.holding))])
    drops = zip(("authentication", "accounting"), kernel_drops(service.listener.inodes()), strict=True)
    yield counter(
        "gate_radius_kernel_drops_total",
        "Datagrams the kernel dropped since the start, the socket's buffer being full.",
        [({"port": name}, count) for name, count in drops],
    )
    yield from service.radsec.families()
    yield from service.proxy.families()
    yield gauge("gate_radius_database_up", "1 while PostgreSQL can be worked with.", [({}, float(not service.pulse.is_away))])
    yield gauge("gate_radius_database_answer_seconds", "Seconds PostgreSQL took for its last answer.", [({}, service.pulse.lag)])


_TOLD: Final = frozenset({"received", "answered", "dropped", "duplicates"})


def _named(metrics: "dict[str, int]", family: str, label: str) -> list[tuple[dict[str, str], float]]:
    start = f"{family}."
    return [({label: name.removeprefix(start)}, metrics[name]) for name in sorted(metrics) if name.startswith(start)]


def _by_nas(service: "Service") -> Iterator[Family]:
    tallies = sorted(service.store.tallies.items(), key=lambda entry: (-_busy(entry[1]), entry[0]))
    store = service.store
    names = store.bindings.names() | {client.nas_id: client.name for client in store.clients.all()}
    shown = [({"nas": str(nas_id), "name": names.get(nas_id, "")}, [tally]) for nas_id, tally in tallies[:MOST_NAS]]
    if len(tallies) > MOST_NAS:
        shown.append(({"nas": "other", "name": ""}, [tally for _, tally in tallies[MOST_NAS:]]))
    requests = []
    for labels, held in shown:
        for outcome, code in _OUTCOMES.items():
            requests.append(({**labels, "outcome": outcome}, float(sum(tally.sent[code] for tally in held))))
        requests.append(({**labels, "outcome": "dropped"}, float(sum(tally.dropped for tally in held))))
        requests.append(({**labels, "outcome": "limited"}, float(sum(tally.limited for tally in held))))
    yield counter("gate_radius_requests_total", "Requests by NAS and outcome.", [entry for entry in requests if entry[1]])
    signed = [({**labels, "signed": "yes"}, float(sum(tally.signed for tally in held))) for labels, held in shown]
    bare = [({**labels, "signed": "no"}, float(sum(tally.unsigned for tally in held))) for labels, held in shown]
    yield counter(
        "gate_radius_sign_ins_signed_total",
        "Access-Requests without EAP, by whether they carried Message-Authenticator.",
        [entry for entry in (*signed, *bare) if entry[1]],
    )


def _busy(tally: Tally) -> int:
    return sum(tally.sent) + tally.dropped + tally.limited


def kernel_drops(inodes: list[int], tables: tuple[Path, ...] = _UDP) -> list[int]:
    """Of each socket, the datagrams the kernel dropped (proc(5)); 0 where it does not tell."""
    found: dict[int, int] = {}
    for table in tables:
        if table.exists():
            rows = [line.split() for line in table.read_text(encoding="ascii").splitlines()[1:]]
            found |= {int(row[_INODE]): int(row[_DROPS]) for row in rows}
    return [found.get(inode, 0) for inode in inodes]
