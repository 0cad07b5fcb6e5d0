"""A tenant's own CAs for clients' certificates, as they cross the room's border."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A CA whose certificates let devices in by EAP-TLS in this tenant alone."""

    id: int
    tenant_id: int
    name: str
    subject: str
    fingerprint: str
    """SHA-256, hexadecimal."""
    expires: dt.datetime
    has_crl: bool
    crl_updated: dt.datetime | None
    """When the CA made its list of revoked certificates."""
    crl_expires: dt.datetime | None
    """When it has to make the next one; past that nobody is let in by this CA."""
    created: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAuthority:
    """What a file with a CA's certificate says."""

    certificate: str
    """PEM."""
    subject: str
    fingerprint: str
    expires: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCrl:
    """What a file with a list of revoked certificates says."""

    crl: str
    """PEM."""
    updated: dt.datetime
    expires: dt.datetime | None
