"""Request files for radload.c: PAP and CHAP sign-ins, and accounting sessions of Start, three Interims and Stop.

Rule of this file: it knows RADIUS from the RFCs alone and imports nothing of GATE, so that the benchmark does not test GATE
with GATE. radload.c says how the file is laid out, and writes identifiers and signatures itself.
"""

import hashlib
import ipaddress
import random
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Method = Literal["pap", "chap"]

ACCESS_REQUEST, ACCESS_ACCEPT, ACCESS_REJECT, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE = 1, 2, 3, 4, 5
START, STOP, INTERIM = 1, 2, 3

INTERIMS = 3
INTERVAL = 300
"""Seconds between two packets of a session."""
STAGGERED = 256
"""So many sessions at the beginning of a file have 0, 1, 2 or 3 Interims in turn. Sessions that all begin together and are
equally long would stay in step, all Starts, then all Interims, which no network does."""

_WIRELESS_802_11 = struct.pack("!I", 19)
_FRAMED_USER = struct.pack("!I", 2)
_BY_RADIUS = struct.pack("!I", 1)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a session comes to: seconds, and octets in both directions with the gigawords counted in."""

    seconds: int
    input_octets: int
    output_octets: int


def users(*, count: int) -> list[User]:
    """The same `count` users each time, with passwords of 8 to 16 characters as people are given."""
    draw = random.Random(2865)
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return [User(f"guest{i:05d}", "".join(draw.choices(letters, k=8 + i % 9))) for i in range(count)]


def session_id(*, run: str, index: int) -> str:
    """Acct-Session-Id of session `index` of `run`."""
    return f"{run}-{index:08x}"


def interims(*, index: int) -> int:
    """How many Interims session `index` has."""
    return index % (INTERIMS + 1) if index < STAGGERED else INTERIMS


def usage(*, index: int, position: int) -> Usage:
    """Counters of session `index` in its packet number `position` (0 is Start). Every 16th passes 4 GiB on its way."""
    rate = 5_000_000_000 if index % 16 == 0 else 1_000_000
    return Usage(INTERVAL * position, (rate + index) * position, (2 * rate + 7 * index) * position)


def final_usage(*, index: int) -> Usage:
    """Counters of session `index` in its Stop."""
    return usage(index=index, position=interims(index=index) + 1)


def write_sign_ins(*, path: Path, secret: bytes, users: Sequence[User], method: Method, expect: int = ACCESS_ACCEPT) -> None:
    """One Access-Request for each user, in random order, each with Message-Authenticator, all to be answered by `expect`."""
    draw = random.Random(len(users))
    order = draw.sample(range(len(users)), len(users))
    chains = ([(expect, _sign_in(draw=draw, secret=secret, user=users[i], device=i, method=method))] for i in order)
    _write(path=path, secret=secret, chains=chains, count=len(users))


def write_sessions(*, path: Path, secret: bytes, users: Sequence[User], run: str, count: int, ended: int) -> None:
    """`count` sessions of `run`; `ended`, in seconds since 1970, is when the long ones stop."""
    chains = (
        _session(user=users[i % len(users)], run=run, index=i, began=ended - INTERVAL * (INTERIMS + 1)) for i in range(count)
    )
    _write(path=path, secret=secret, chains=chains, count=count)


def _attribute(code: int, value: bytes) -> bytes:
    return bytes((code, len(value) + 2)) + value


def _place(*, index: int) -> bytes:
    """Where and on what somebody is: access point `index` mod 16, a device of one's own, 802.11."""
    access_point = f"02-1A-11-00-00-{index % 16:02X}:Guests"
    device = "-".join(f"{octet:02X}" for octet in (6, 0, *struct.pack("!I", index)))
    return (
        _attribute(4, ipaddress.IPv4Address("127.0.0.1").packed)  # NAS-IP-Address
        + _attribute(32, b"benchmark")  # NAS-Identifier
        + _attribute(30, access_point.encode())  # Called-Station-Id
        + _attribute(31, device.encode())  # Calling-Station-Id
        + _attribute(61, _WIRELESS_802_11)  # NAS-Port-Type
        + _attribute(6, _FRAMED_USER)  # Service-Type
        + _attribute(77, b"CONNECT 433Mbps 802.11ac")  # Connect-Info
    )


def _sign_in(*, draw: random.Random, secret: bytes, user: User, device: int, method: Method) -> bytes:
    authenticator = draw.randbytes(16)
    if method == "pap":
        credentials = _attribute(2, _hide(user.password.encode(), secret=secret, authenticator=authenticator))
    else:
        # The challenge goes in an attribute of its own (RFC 2865 section 5.40), so that radload may renew the authenticator.
        challenge, identifier = draw.randbytes(16), draw.randbytes(1)
        response = hashlib.md5(identifier + user.password.encode() + challenge, usedforsecurity=False).digest()
        credentials = _attribute(3, identifier + response) + _attribute(60, challenge)
    message_authenticator = _attribute(80, bytes(16))
    attributes = message_authenticator + _attribute(1, user.name.encode()) + credentials + _place(index=device)
    return struct.pack("!BBH", ACCESS_REQUEST, 0, 20 + len(attributes)) + authenticator + attributes


def _hide(password: bytes, *, secret: bytes, authenticator: bytes) -> bytes:
    """User-Password as sent (RFC 2865 section 5.2)."""
    padded = password.ljust(-(-len(password) // 16) * 16 or 16, b"\0")
    hidden, previous = b"", authenticator
    for start in range(0, len(padded), 16):
        key = hashlib.md5(secret + previous, usedforsecurity=False).digest()
        previous = bytes(a ^ b for a, b in zip(padded[start : start + 16], key, strict=True))
        hidden += previous
    return hidden


def _session(*, user: User, run: str, index: int, began: int) -> Iterator[tuple[int, bytes]]:
    address = ipaddress.IPv4Address("10.0.0.0") + index % 2**24
    who = (
        _attribute(1, user.name.encode())
        + _attribute(44, session_id(run=run, index=index).encode())
        + _attribute(8, address.packed)  # Framed-IP-Address
        + _place(index=index)
        + _attribute(45, _BY_RADIUS)  # Acct-Authentic
    )
    last = interims(index=index) + 1
    for position in range(last + 1):
        status = START if position == 0 else STOP if position == last else INTERIM
        attributes = who + _counters(status=status, usage=usage(index=index, position=position), began=began)
        yield ACCOUNTING_RESPONSE, struct.pack("!BBH16x", ACCOUNTING_REQUEST, 0, 20 + len(attributes)) + attributes


def _counters(*, status: int, usage: Usage, began: int) -> bytes:
    """Acct-Status-Type, Event-Timestamp and, but in a Start, what was used, each as type, length 6 and a 32 bit number."""
    values = [(40, status), (55, began + usage.seconds)]
    if status != START:
        input_high, input_low = divmod(usage.input_octets, 2**32)
        output_high, output_low = divmod(usage.output_octets, 2**32)
        values += [(46, usage.seconds), (42, input_low), (43, output_low), (52, input_high), (53, output_high)]
        values += [(47, usage.input_octets // 900 % 2**32), (48, usage.output_octets // 900 % 2**32)]  # packets
    if status == STOP:
        values.append((49, 1))  # Acct-Terminate-Cause: User-Request
    return b"".join(struct.pack("!BBI", code, 6, value) for code, value in values)


def _write(*, path: Path, secret: bytes, chains: Iterable[Iterable[tuple[int, bytes]]], count: int) -> None:
    with path.open("wb", buffering=1 << 20) as file:
        file.write(b"RADLOAD1" + struct.pack("!H", len(secret)) + secret + struct.pack("!I", count))
        for chain in chains:
            requests = list(chain)
            file.write(struct.pack("!H", len(requests)))
            file.writelines(bytes((expect,)) + request for expect, request in requests)
