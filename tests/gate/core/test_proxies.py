"""core/proxies.py: who called, however hard they try to be somebody else."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core import proxies
from strategies import quick

TRUSTED = tuple(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "127.0.0.1/32", "2001:db8:ffff::/48"))
NAMES = ("X_FORWARDED_FOR", "FORWARDED", "X_FORWARDED_PROTO", "X_FORWARDED_HOST")


def restored(peer: str = "10.0.0.1", **headers: str) -> tuple[str, str, str]:
    """Address, scheme and host after the proxies were seen through."""
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "inner:8000"}
    environ |= {f"HTTP_{name}": value for name, value in headers.items()}
    proxies.restore(environ, TRUSTED)
    return environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ["HTTP_HOST"]


@pytest.mark.parametrize("peer", ["192.0.2.9", "2001:db8::1", "::ffff:192.0.2.9", "", "unix:", "9.255.255.255"])
def test_nobody_else_is_believed(peer: str) -> None:
    said = {"X_FORWARDED_FOR": "10.0.0.7", "FORWARDED": "for=10.0.0.7;proto=https;host=evil", "X_FORWARDED_PROTO": "https",
            "X_FORWARDED_HOST": "evil.example"}  # fmt: skip
    assert restored(peer, **said) == (peer, "http", "inner:8000")


@pytest.mark.parametrize(
    ("header", "caller"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1", "192.0.2.1"),  # what the caller wrote stands to the left
        ("6.6.6.6, 192.0.2.1, 10.2.3.4", "192.0.2.1"),
        ("127.0.0.1, 192.0.2.1,10.2.3.4 ,10.0.0.9", "192.0.2.1"),
        ("10.0.0.66, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.66, 10.0.0.67", "10.0.0.66"),  # all are ours: the furthest
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8::5", "2001:db8::5"),
        ("[2001:db8::5]:443", "2001:db8::5"),
        ("6.6.6.6, 2001:db8:ffff::1", "6.6.6.6"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("192.0.2.1, unknown", "10.0.0.1"),  # who cannot be seen through cannot vouch for what is behind
        ("192.0.2.1, 300.1.1.1, 10.2.3.4", "10.2.3.4"),
        ("192.0.2.1,", "10.0.0.1"),
        ("192.0.2.1\x00", "10.0.0.1"),
        ("fe80::1%eth0", "10.0.0.1"),
        ("0x7f.1", "10.0.0.1"),
        ("192.0.2.1'; DROP TABLE users_user; --", "10.0.0.1"),
        (", ".join(["6.6.6.6"] * 50_000) + ", 192.0.2.1", "192.0.2.1"),
        ("1" * 100_000, "10.0.0.1"),
    ],
)
def test_the_caller_is_the_first_from_the_right_that_is_no_proxy(header: str, caller: str) -> None:
    assert restored(X_FORWARDED_FOR=header)[0] == caller
    if "," not in header[:-1] and header.isdigit() is False and len(header) < 30:
        assert restored("127.0.0.1", X_FORWARDED_FOR=header)[0] == caller.replace("10.0.0.1", "127.0.0.1")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("for=192.0.2.1", ("192.0.2.1", "http", "inner:8000")),
        ('For="[2001:db8::5]:4711";Proto=https;by=10.0.0.1;host=gate.example.net', ("2001:db8::5", "https", "gate.example.net")),
        ('for=6.6.6.6;host=evil, for=192.0.2.1;proto=https;host="gate:8443"', ("192.0.2.1", "https", "gate:8443")),
        ("for=192.0.2.1;proto=https, for=10.2.3.4;proto=http", ("192.0.2.1", "https", "inner:8000")),
        ("for=_hidden, for=10.2.3.4", ("10.2.3.4", "http", "inner:8000")),
        ("for=unknown;host=evil", ("10.0.0.1", "http", "inner:8000")),
        ('for="192.0.2.1', ("10.0.0.1", "http", "inner:8000")),
        ('for="6.6.6.6, for=192.0.2.1', ("192.0.2.1", "http", "inner:8000")),
        ('for="6.6.6.6, for="[2001:db8::5]"', ("2001:db8::5", "http", "inner:8000")),
        ("," * 4_000, ("10.0.0.1", "http", "inner:8000")),
        ('for=192.0.2.1;proto=gopher;host="a b/c"', ("192.0.2.1", "http", "inner:8000")),
        ("for=192.0.2.1;host=" + "a" * 5_000, ("10.0.0.1", "http", "inner:8000")),
        ("=;,;=,", ("10.0.0.1", "http", "inner:8000")),
    ],
)
def test_forwarded(header: str, expected: tuple[str, str, str]) -> None:
    assert restored(FORWARDED=header) == expected


def test_two_headers_have_to_agree() -> None:
    assert restored(X_FORWARDED_FOR="192.0.2.1", FORWARDED="for=6.6.6.6;proto=https;host=evil") == (
        "10.0.0.1", "http", "inner:8000",
    )  # fmt: skip
    assert restored(X_FORWARDED_FOR="192.0.2.1", FORWARDED="for=192.0.2.1;proto=https")[:2] == ("192.0.2.1", "https")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("X_FORWARDED_PROTO", "https", ("https", "inner:8000")), ("X_FORWARDED_PROTO", "http, HTTPS", ("https", "inner:8000")),
        ("X_FORWARDED_PROTO", "javascript", ("http", "inner:8000")), ("X_FORWARDED_PROTO", "https\r\n", ("https", "inner:8000")),
        ("X_FORWARDED_HOST", "gate.example.net", ("http", "gate.example.net")),
        ("X_FORWARDED_HOST", "evil, [2001:db8::1]:8443", ("http", "[2001:db8::1]:8443")),
        ("X_FORWARDED_HOST", "evil.example/path", ("http", "inner:8000")),
        ("X_FORWARDED_HOST", "user@evil", ("http", "inner:8000")),
        ("X_FORWARDED_HOST", "a\r\nSet-Cookie: x", ("http", "inner:8000")),
    ],
)  # fmt: skip
def test_scheme_and_host(name: str, value: str, expected: tuple[str, str]) -> None:
    assert restored(**{name: value})[1:] == expected


@quick
@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=200)))
def test_anything_may_be_written(headers: dict[str, str]) -> None:
    address, scheme, host = restored(**headers)
    ipaddress.ip_address(address)
    assert scheme in {"http", "https"}
    assert host == "inner:8000" or (host.isascii() and host.isprintable() and "/" not in host and "@" not in host)
