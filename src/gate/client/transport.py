"""What both clients ask of httpx: how a request looks, what a failure means, where GATE is."""

import platform
import urllib.parse
from typing import Any

import httpx

from gate import __version__
from gate.client.conversation import Failed, Received, Send

USER_AGENT = f"gate-client/{__version__} httpx/{httpx.__version__} python/{platform.python_version()}"
API = "/api/v1"


def api_address(address: str) -> str:
    """`https://gate.example.net/api/v1` for the address of a GATE, with or without the API's path.

    Raises ValueError for what is no http or https address, or has a password or a query in it.
    """
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("give GATE's address with http:// or https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("give GATE's address without user, password, query or fragment")
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path if path.endswith(API) else path + API}"


def request(base: str, step: Send) -> dict[str, Any]:
    """The arguments of httpx's `request`."""
    call = step.call
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    if step.token is not None:
        headers["Authorization"] = f"Bearer {step.token}"
    found: dict[str, Any] = {"method": call.method, "url": base + call.path, "headers": headers}
    if call.query:
        found["params"] = dict(call.query)
    if call.body is not None:
        found["json"] = call.body
    return found


def received(response: httpx.Response) -> Received:
    """A reply, without httpx."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Received(response.status_code, headers, response.content)


def failed(error: httpx.TransportError) -> Failed:
    """No reply, without httpx."""
    unsent = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
    return Failed(f"{type(error).__name__}: {error}".rstrip(": "), unsent)
