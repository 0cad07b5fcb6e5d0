"""Trying out addresses before the start."""

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gate import ports, settings
from gate.settings import Settings


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health/live" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as one:
        thread = threading.Thread(target=one.serve_forever, args=(0.01,))
        thread.start()
        yield one
        one.shutdown()
        thread.join()


def of(**environ: str) -> Settings:
    return settings.read({"GATE_DATA": "/nonexistent", **environ})


def test_what_gate_listens_on() -> None:
    assert [(port.number, port.kind) for port in ports.of(of())] == [
        (8000, socket.SOCK_STREAM),
        (1812, socket.SOCK_DGRAM),
        (1813, socket.SOCK_DGRAM),
    ]


@pytest.mark.parametrize("bind", ["127.0.0.1", "0.0.0.0"])
def test_the_web_server_answers(server: http.server.ThreadingHTTPServer, bind: str) -> None:
    assert ports.web_answers(of(GATE_HTTP_BIND=bind, GATE_HTTP_PORT=str(server.server_port)))


def test_a_program_that_is_no_web_server_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = str(stranger.getsockname()[1])
        assert not ports.web_answers(of(GATE_HTTP_PORT=port), timeout=0.05)
    assert not ports.web_answers(of(GATE_HTTP_PORT=port))


def test_a_web_port_taken_on_another_address_is_taken_for_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        number = str(stranger.getsockname()[1])
        web = ports.of(of(GATE_HTTP_BIND="0.0.0.0", GATE_HTTP_PORT=number))[0]
        with pytest.raises(ports.PortInUseError, match=f"TCP port {number} on 0.0.0.0, for the web server, is in use"):
            ports.check(web)
    ports.check(web)


def test_an_address_of_another_machine() -> None:
    web = ports.of(of(GATE_HTTP_BIND="192.0.2.7"))[0]
    with pytest.raises(ports.PortError, match=r"^192\.0\.2\.7 is not an address of this machine: change GATE_HTTP_BIND\.$"):
        ports.check(web)
