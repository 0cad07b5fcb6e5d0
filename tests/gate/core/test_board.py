"""Counts of the web server's workers, told by any of them."""

import os
import threading

from gate.core.board import PARTS, Board
from gate.core.exposition import render


def test_every_worker_s_counts_are_told():
    board = Board()
    for path, status, seconds in (
        ("/api/v1/user/", 200, 0.002), ("/api/v1/user/", 429, 0.0001), ("/api/v1/user/", 404, 0.3), ("/console/", 302, 0.02),
        ("/console/", 503, 60.0), ("/health/live", 200, 0.0), ("/api", 101, 0.0),
    ):  # fmt: skip
        board.count(path, status=status, seconds=seconds)
    child = os.fork()
    if not child:
        board.count("/api/v1/user/", status=201, seconds=0.002)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    text = render(board.families())
    for sample in (
        'gate_web_requests_total{area="api",status="2xx"} 2', 'gate_web_requests_total{area="api",status="429"} 1',
        'gate_web_requests_total{area="api",status="4xx"} 1', 'gate_web_requests_total{area="console",status="3xx"} 1',
        'gate_web_requests_total{area="console",status="5xx"} 1', 'gate_web_requests_total{area="other",status="2xx"} 2',
        'gate_web_request_seconds_bucket{area="api",le="0.001"} 1', 'gate_web_request_seconds_bucket{area="api",le="0.0025"} 3',
        'gate_web_request_seconds_count{area="api"} 4', 'gate_web_request_seconds_sum{area="console"} 60.02',
        "gate_web_workers_seen 2",
    ):  # fmt: skip
        assert f"{sample}\n" in text


def test_threads_lose_no_count():
    board = Board()
    threads = [
        threading.Thread(target=lambda: [board.count("/x", status=200, seconds=0.1) for _ in range(2_000)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 'gate_web_request_seconds_count{area="other"} 8000\n' in render(board.families())


def test_more_workers_than_parts_still_count(monkeypatch):
    board = Board()
    for number in range(PARTS + 5):
        monkeypatch.setattr("os.getpid", lambda number=number: number + 1)
        board.count("/x", status=200, seconds=0.1)
    assert 'gate_web_request_seconds_count{area="other"} 69\n' in render(board.families())
