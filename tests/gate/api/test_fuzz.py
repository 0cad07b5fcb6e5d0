"""schemathesis makes requests, good and bad, from the OpenAPI document, and holds every reply to it.

They go to `gate web` over a socket: a process of its own, as the web role, behind row-level security. `make fuzz-api` does the
same for longer.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection

import described
import people
import sessions
from gate.users.models import User

SEED = 20240115
SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))
pytestmark = [pytest.mark.timeout(SECONDS + 180)]


@contextmanager
def web(folder: Path) -> Iterator[str]:
    """The address of a `gate web` on this test's database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = os.environ["DATABASE_URL"].replace("/gate?", f"/{connection.settings_dict['NAME']}?")
    environ = dict(os.environ) | {"DATABASE_URL": url, "GATE_HTTP_PORT": str(port), "GATE_HTTP_WORKERS": "1"}
    log = folder / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "gate", "web"], env=environ, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        while not _answers(f"http://127.0.0.1:{port}/health/live"):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _configuration(world: people.World) -> str:
    """What schemathesis is told beside the document: ids and names that exist, so that it gets past 404."""
    bound = {parameter["name"] for one in described.operations() for parameter in one.parameters("path")}
    ids = [f'"{number}"' for number in range(1, 80)] + [f'"user_{number}"' for number in range(1, 40)]
    names = [
        f'"{name}"' for name in User.unscoped.filter(tenant_id=world.owner.scope.tenant_id).values_list("username", flat=True)
    ]
    parameters = [
        f'"path.{name}" = {{ dictionary = "{"names" if name == "username" else "ids"}", probability = 0.8 }}'
        for name in sorted(bound)
    ]
    return f"""
seed = {SEED}
continue-on-failure = true
max-failures = 100

[checks]
# Good values are refused for what a schema cannot say: names that must exist, cursors that must be signed.
positive_data_acceptance.enabled = false

[generation]
database = "none"
no-shrink = true

[generation.dictionaries]
integer = {{ dictionary = "numbers", probability = 0.3 }}

[dictionaries]
ids.values = [{", ".join(ids)}]
names.values = [{", ".join(names)}]
numbers.values = [{", ".join(str(number) for number in range(1, 80))}]

[parameters]
{chr(10).join(parameters)}
"""


def _more_users(world: people.World) -> None:
    """Some to be changed and deleted."""
    mould = User.unscoped.get(pk=world.users["acme"])
    for number in range(30):
        mould.pk, mould.username, mould.username_key = None, f"fuzz.{number}", f"fuzz.{number}"
        mould._state.adding = True
        mould.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_no_request_leads_to_a_reply_that_is_not_documented(tmp_path: Path, capsys: Any) -> None:
    world = people.make_world()
    _more_users(world)
    sessions.add(world)
    told, configuration = tmp_path / "report.json", tmp_path / "schemathesis.toml"
    configuration.write_text(_configuration(world), encoding="utf-8")
    with web(tmp_path) as address:
        run = subprocess.run(
            [
                sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration),
                "run", f"{address}/api/v1/openapi.json", "--header", f"Authorization:Bearer {world.owner.token}",
                "--max-time", str(SECONDS), "--report", "json", "--report-json-path", str(told), "--no-color",
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=SECONDS + 120,
        )  # fmt: skip
    failed = run.stdout[run.stdout.find("= FAILURES") :] if "= FAILURES" in run.stdout else run.stdout
    faults = [line for line in (tmp_path / "web.log").read_text().splitlines() if "Error" in line or "/gate/" in line]
    assert run.returncode == 0, "\n".join([failed[:30_000], run.stderr[-2_000:], *faults[:60]])
    report = json.loads(told.read_text(encoding="utf-8"))
    tried = len(described.operations())
    requests = report["test_cases"]["generated"]
    described.FUZZ.update(operations=tried, requests=requests, seconds=SECONDS, seed=SEED)
    with capsys.disabled():
        sys.stdout.write(f"\nschemathesis: {tried} operations, {requests} requests in {SECONDS} s, seed {SEED}, nothing found\n")
    assert requests > tried * 10
    assert report["stop_reason"] in {"completed", "max_time"}
