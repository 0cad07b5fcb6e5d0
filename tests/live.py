"""GATE's real WSGI application behind a real socket on loopback, and a server that answers what a test wants it to.

Requests are served by a thread that borrows the test's database connection, so that what a test made and never commits is
there, and is gone afterwards. They come one at a time, as the connection wants it.
"""

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any, ClassVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections

import people


class _Server(WSGIServer):
    def server_bind(self) -> None:
        HTTPServer.server_bind(self)  # WSGIServer's would ask for the host's name
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        raise  # noqa: PLE0704  called from an except clause


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the standard library's name
        """Nothing."""


@contextmanager
def gate() -> Iterator[str]:
    """The address of a GATE that sees the test's transaction."""
    from gate.wsgi import application

    shared = connections["default"]

    def as_web_process(environ: dict[str, Any], start_response: Any) -> Any:
        connections["default"] = shared
        # Servers of real use end the body where it ends (PEP 3333); the standard library's would wait for more.
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        with people.as_web_process():
            return application(environ, start_response)

    server = _Server(("127.0.0.1", 0), _Handler)
    server.set_app(as_web_process)
    shared.inc_thread_sharing()
    # They would close the connection the test's transaction lives on.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    try:
        with _running(server):
            yield f"http://127.0.0.1:{server.server_port}"
    finally:
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)
        shared.dec_thread_sharing()


@contextmanager
def _running(server: HTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


Reply = tuple[int, dict[str, str], bytes] | None
"""Status, headers, body; None cuts the connection without a word."""


class Scripted:
    """A server that gives the replies it was told, one a request, and keeps what it was asked. The last is given for ever."""

    def __init__(self, replies: list[Reply] | Callable[[str, str, str | None], Reply]) -> None:
        self.asked: list[tuple[str, str, str | None, bytes]] = []
        """Method, path with query, token, body."""
        self._replies = replies
        self._lock = threading.Lock()
        self.address = ""

    def reply(self, method: str, path: str, token: str | None, body: bytes) -> Reply:
        with self._lock:
            self.asked.append((method, path, token, body))
            if callable(self._replies):
                return self._replies(method, path, token)
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


@contextmanager
def scripted(replies: list[Reply] | Callable[[str, str, str | None], Reply]) -> Iterator[Scripted]:
    """A Scripted on loopback."""
    script = Scripted(replies)

    class Handler(BaseHTTPRequestHandler):
        protocol_version: ClassVar[str] = "HTTP/1.1"  # type: ignore[misc]  # an instance variable in name alone

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = script.reply(
                self.command, self.path, (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None, body
            )
            self.close_connection = True
            if reply is None:
                return
            status, headers, content = reply
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content)), "Connection": "close"} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            # Who asked may have given up.
            with suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  the standard library's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.address = f"http://127.0.0.1:{server.server_port}"
    with _running(server):
        yield script


class TokenServer:
    """Takes the newest access token alone; each refresh token works once."""

    def __init__(self, otherwise: Reply) -> None:
        self.otherwise = otherwise
        self.serial = 0
        self.refreshes = 0

    def __call__(self, method: str, path: str, token: str | None) -> Reply:  # noqa: ARG002  as Scripted calls it
        if path.endswith("/refresh/"):
            self.refreshes += 1
            self.serial += 1
            tokens = {
                "access_token": f"access-{self.serial}", "refresh_token": f"refresh-{self.serial}", "token_type": "Bearer",
                "expires_in": 3600, "token_expires_at": "2024-01-15T18:30:00Z", "refresh_expires_at": "2024-01-15T18:30:00Z",
                "session_id": "sess_1",
            }  # fmt: skip
            return 200, {}, json.dumps(tokens).encode()
        if token != f"access-{self.serial}":
            return 401, {}, b'{"detail": "The token is expired.", "code": "unauthenticated"}'
        return self.otherwise
