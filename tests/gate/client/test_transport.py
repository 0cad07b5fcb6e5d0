"""Addresses, and what a request looks like."""

import httpx
import pytest

from gate.client import transport
from gate.client.categories.health import get_health
from gate.client.categories.user import create_user
from gate.client.conversation import Send


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://gate.example.net", "https://gate.example.net/api/v1"),
        ("https://gate.example.net/", "https://gate.example.net/api/v1"),
        ("https://gate.example.net/api/v1/", "https://gate.example.net/api/v1"),
        ("http://[::1]:8000/below", "http://[::1]:8000/below/api/v1"),
    ],
)
def test_addresses(given, base):
    assert transport.api_address(given) == base


@pytest.mark.parametrize("given", ["gate.example.net", "ftp://x", "https://", "https://u:p@x", "https://x/?a=b", "https://x/#a"])
def test_what_is_no_address(given):
    with pytest.raises(ValueError, match="give GATE's address"):
        transport.api_address(given)


def test_a_request():
    made = transport.request("https://x/api/v1", Send(create_user(username="é"), "t"))
    assert (made["method"], made["url"], made["json"]) == ("POST", "https://x/api/v1/user/", {"username": "é"})
    assert made["headers"]["Authorization"] == "Bearer t"
    assert made["headers"]["User-Agent"].startswith("gate-client/")
    assert "Authorization" not in transport.request("https://x/api/v1", Send(get_health(), None))["headers"]


@pytest.mark.parametrize(
    ("kind", "unsent"),
    [
        (httpx.ConnectError, True), (httpx.ConnectTimeout, True), (httpx.PoolTimeout, True), (httpx.ReadTimeout, False),
        (httpx.RemoteProtocolError, False), (httpx.WriteError, False),
    ],
)  # fmt: skip
def test_failures(kind, unsent):
    failed = transport.failed(kind("why"))
    assert (failed.unsent, failed.reason) == (unsent, f"{kind.__name__}: why")
