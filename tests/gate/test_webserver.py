"""`gate web` as a process: it serves, it logs in the form asked for in all of its processes, it stops."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from django.db import connection

pytestmark = [pytest.mark.timeout(90), pytest.mark.usefixtures("transactional_db")]


def test_every_line_of_the_log_is_json_where_that_is_asked_for(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = os.environ["DATABASE_URL"].replace("/gate?", f"/{connection.settings_dict['NAME']}?")
    environ = dict(os.environ) | {
        "DATABASE_URL": url,
        "GATE_HTTP_PORT": str(port),
        "GATE_LOG_JSON": "1",
        "GATE_HTTP_WORKERS": "2",
    }
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "gate", "web"], env=environ, stdout=output, stderr=output)
    try:
        base = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 40
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            try:
                live = httpx.get(f"{base}/health/live", timeout=5)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                break
        assert live.status_code == 200
        answer = httpx.get(f"{base}/api/v1/nothing-there/", timeout=5)
        assert answer.status_code == 404
        for _ in range(8):
            # Whichever worker is asked.
            metrics = httpx.get(f"{base}/metrics", timeout=5)
            assert metrics.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert 'gate_web_requests_total{area="api",status="4xx"} 1\n' in metrics.text
            assert "gate_web_database_up 1\n" in metrics.text
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, log.read_text()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (told,) = [line for line in lines if "/api/v1/nothing-there/" in line["message"]]
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert any(line["logger"] == "_granian" for line in lines)
