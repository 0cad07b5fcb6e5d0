"""Metrics and health of a running server, asked over HTTP."""

import http.client
import os
import re
import secrets
import socket

import psycopg
import pytest

import radius_server
from gate.radiusd import scrape
from people import PASSWORD
from radius_nas import ACCEPT, ACKNOWLEDGED, REJECT, START
from radius_server import until

pytestmark = pytest.mark.django_db

SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\.)*"(,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? [0-9.e+-]+\Z')


@pytest.fixture(scope="module")
def running(committed):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with radius_server.serving(
        committed, GATE_RADIUS_METRICS_PORT=str(port), GATE_METRICS_NETWORKS="127.0.0.1", GATE_RADIUS_PROCESSES="3"
    ) as server:
        assert server.service.monitor.port == port
        yield server


def get(server, path, *, method="GET", source="127.0.0.1"):
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.service.monitor.port, timeout=5, source_address=(source, 0)
    )  # fmt: skip
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def samples(server):
    status, text = get(server, "/metrics")
    assert status == 200
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not SAMPLE.match(line)] == []
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_what_happened_is_counted(server, committed):
    nas, (_, name) = server.nas(), committed.user()
    number = committed.world.nas["acme"]
    short = committed.one("SELECT short_name FROM nas_nas WHERE id = %s", number)
    before = samples(server)
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    assert nas.ask(nas.pap(name, "wrong")).code == REJECT
    assert nas.ask(nas.accounting(START, secrets.token_hex(8), name)).code == ACKNOWLEDGED
    nas.send(b"\1\2\3")
    until(lambda: server.service.store.tallies[number].dropped)
    after = samples(server)
    labels = f'nas="{number}",name="{short}"'
    for sample, by in {
        f'gate_radius_requests_total{{{labels},outcome="accepted"}}': 1,
        f'gate_radius_requests_total{{{labels},outcome="rejected"}}': 1,
        f'gate_radius_requests_total{{{labels},outcome="acknowledged"}}': 1,
        f'gate_radius_requests_total{{{labels},outcome="dropped"}}': 1,
        f'gate_radius_sign_ins_signed_total{{{labels},signed="yes"}}': 2,
        'gate_radius_dropped_total{reason="malformed"}': 1,
        'gate_radius_latency_seconds_count{port="authentication"}': 1,
        'gate_radius_latency_seconds_count{port="accounting"}': 1,
        'gate_radius_batch_size_count{queue="sign-in"}': 2,
        'gate_radius_batch_size_bucket{queue="accounting",le="+Inf"}': 1,
    }.items():
        assert after[sample] - before.get(sample, 0) == by, sample
    assert after["gate_radius_received_total"] == server.metrics["received"]
    assert after["gate_radius_database_up"] == 1
    assert after['gate_radius_queue_length{queue="sign-in"}'] == 0
    assert after['gate_radius_kernel_drops_total{port="accounting"}'] == 0


def test_nas_beyond_the_bound_are_one(server, committed, monkeypatch):
    for name in ("acme", "acme-east"):
        nas = server.nas(name)
        assert nas.ask(nas.pap("nobody", "x")).code == REJECT
    monkeypatch.setattr(scrape, "MOST_NAS", 1)
    counted = [name for name in samples(server) if name.startswith("gate_radius_requests_total")]
    assert len({name.partition('outcome="')[0] for name in counted}) == 2
    assert any('nas="other"' in name for name in counted)


@pytest.mark.parametrize(
    ("path", "method", "source", "status"),
    [
        ("/metrics", "GET", "127.0.0.2", 403), ("/health/live", "GET", "127.0.0.2", 200),
        ("/health/ready", "GET", "127.0.0.1", 200),
        ("/metrics?x=1", "GET", "127.0.0.1", 200), ("/", "GET", "127.0.0.1", 404), ("/metrics", "POST", "127.0.0.1", 405),
        ("/" + "x" * 9000, "GET", "127.0.0.1", 400),
    ],
)  # fmt: skip
def test_pages(server, path, method, source, status):
    assert get(server, path, method=method, source=source)[0] == status


@pytest.mark.parametrize("octets", [b"\r\n\r\n", b"\xff\xfe x y\r\n\r\n", b"GET /metrics"])
def test_what_is_no_request_ends_nothing(server, octets):
    with socket.create_connection(("127.0.0.1", server.service.monitor.port)) as connection:
        connection.sendall(octets)
    assert get(server, "/health/live") == (200, "live\n")


def test_not_ready_while_postgresql_is_away_and_alive_all_along(server, committed):
    name = committed.connection.info.dbname
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            committed.terminate()
            until(lambda: get(server, "/health/ready")[0] == 503)
            assert get(server, "/health/live")[0] == 200
            assert samples(server)["gate_radius_database_up"] == 0
        finally:
            owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    until(lambda: get(server, "/health/ready")[0] == 200)


def test_drops_are_read_from_the_kernel_s_table(tmp_path):
    table = tmp_path / "udp"
    table.write_text(
        "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
        "  100: 0100007F:0714 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 4711 2 0000000000000000 12\n"
    )
    assert scrape.kernel_drops([4711, 4712], (table, tmp_path / "absent")) == [12, 0]
