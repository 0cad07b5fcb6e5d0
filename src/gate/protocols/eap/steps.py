"""What comes out of a method, and out of a conversation: events, which the caller acts upon.

A method never knows whether somebody is let in. It asks: `NeedPassword` and `NeedSecret` wait for `answer(right=…)`, and `Done`
says only that the peer proved to be `identity`, whose account the caller still has to look at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Tie:
    """Who a TLS session to resume belongs to."""

    identity: str
    method: str
    mark: object = None
    """The caller's own, for instance the version of the password then: it is handed back, and never looked at here."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this as the method's data in the next Request."""

    data: bytes


@dataclass(frozen=True, slots=True)
class NeedPassword:
    """Is this the password of this user? Answer with `answer(right=…)`."""

    identity: str
    password: bytes = field(repr=False)
    method: str


@dataclass(frozen=True, slots=True)
class NeedSecret:
    """Only the password itself can tell: `verify(secret)` says whether the peer knows it. Answer with `answer(right=…)`.

    Where there is no such secret, the answer is `right=False`.
    """

    identity: str
    verify: Callable[[bytes], bool] = field(repr=False)
    method: str


@dataclass(frozen=True, slots=True)
class Done:
    """The peer is `identity`, or another of `names`."""

    identity: str
    method: str
    msk: bytes = field(repr=False, default=b"")
    """64 octets of key material (RFC 5247), or none."""
    names: tuple[str, ...] = ()
    """All names of a client's certificate, `identity` among them."""
    labels: tuple[str, ...] = ()
    """All URIs of a client's certificate."""
    expires: dt.datetime | None = None
    """When a client's certificate ends: OpenSSL looked at it in the whole handshake, and not when that was resumed."""
    resumed: Tie | None = None
    """Set where an earlier session stood in for the proof: the caller holds it against the account of today."""
    session_key: bytes = field(repr=False, default=b"")
    """What `Sessions.keep` takes, so that the TLS session may be resumed; empty where it may not."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The method failed. `reason` is for operators."""

    reason: str
    identity: str | None = None
    method: str = ""
    is_established: bool | None = None
    """Whether the tunnel was there by then; None where the method had begun none."""


Step: TypeAlias = Send | NeedPassword | NeedSecret | Done | Failed
