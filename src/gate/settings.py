"""What an operator can set, read from the environment once.

Rule of this file: every setting is one field of `Settings`, with its meaning, unit and default; a wrong value raises
`SettingsError` with a sentence that names the variable, so that the start stops there. Nothing else reads the environment.
"""

import functools
import ipaddress
import os
import re
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
# Which part of GATE this process is. It decides the database role (docs/tenancy.md): `web` is bound by row-level security,
# `system` (RADIUS, worker, commands) passes the tenant explicitly, `owner` migrates.
Part = Literal["web", "system", "owner"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1"))

T = TypeVar("T")


class SettingsError(Exception):
    """A setting has a value GATE cannot work with; the text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can set. See docs/settings.md, which a test keeps equal to this class."""

    data: Path
    """GATE_DATA: folder of the private PostgreSQL and of the secret key."""
    database_url: str | None = field(repr=False)
    """DATABASE_URL: a PostgreSQL to use in place of the private one."""
    secret_key: str | None = field(repr=False)
    """GATE_SECRET_KEY: at least 32 characters; unset, one is made and kept in GATE_DATA."""
    http_bind: str
    """GATE_HTTP_BIND: address the web server listens on."""
    http_port: int
    """GATE_HTTP_PORT"""
    http_workers: int
    """GATE_HTTP_WORKERS: web server processes."""
    public_url: str
    """GATE_PUBLIC_URL: how browsers reach GATE, without a slash at the end."""
    trusted_proxies: tuple[Network, ...] | None
    """GATE_TRUSTED_PROXIES: networks of the proxies in front of the web server; what they say of a caller is believed."""
    api_rate: int
    """GATE_API_RATE: API calls a token may make a minute."""
    api_rate_address: int
    """GATE_API_RATE_ADDRESS: API calls without a valid token an address may make a minute."""
    radius_bind: str
    """GATE_RADIUS_BIND: address the RADIUS sockets listen on."""
    radius_auth_port: int
    """GATE_RADIUS_AUTH_PORT (RFC 2865: 1812)"""
    radius_acct_port: int
    """GATE_RADIUS_ACCT_PORT (RFC 2866: 1813)"""
    radius_coa_port: int
    """GATE_RADIUS_COA_PORT (RFC 5176: 3799): the port on which NAS take Disconnect and CoA."""
    radius_processes: int
    """GATE_RADIUS_PROCESSES: RADIUS server processes sharing the ports."""
    radius_reject_delay: float
    """GATE_RADIUS_REJECT_DELAY: seconds from an Access-Request to its Access-Reject."""
    radius_interim_interval: int
    """GATE_RADIUS_INTERIM_INTERVAL: seconds between a session's updates, where it has not told so itself; 0: none come."""
    radius_nas_rate: int
    """GATE_RADIUS_NAS_RATE: packets a second taken from a NAS on each port, unless it has a limit of its own; 0: any."""
    radius_guesses: int
    """GATE_RADIUS_GUESSES: different wrong passwords a minute for one user name; 0: any number."""
    radius_forward_days: int
    """GATE_RADIUS_FORWARD_DAYS: days for which accounting waits for a home server to take it, then it is given up."""
    radius_eap_methods: tuple[str, ...]
    """GATE_RADIUS_EAP_METHODS: EAP methods to offer, the first one first: peap, ttls, tls, md5."""
    radius_tls_cert: Path | None
    """GATE_RADIUS_TLS_CERT: PEM file of the RADIUS server's certificate and its chain."""
    radius_tls_key: Path | None
    """GATE_RADIUS_TLS_KEY: PEM file of its key."""
    radius_tls_ca: Path | None
    """GATE_RADIUS_TLS_CA: PEM file of the CAs that sign clients' certificates."""
    radius_tls_crl: Path | None
    """GATE_RADIUS_TLS_CRL: PEM file of those CAs' lists of revoked certificates."""
    dictionary: Path | None
    """GATE_DICTIONARY: folder of RADIUS dictionary files, read on top of the attributes GATE knows itself."""
    radsec_bind: str
    """GATE_RADSEC_BIND: address RadSec is served on."""
    radsec_port: int
    """GATE_RADSEC_PORT (RFC 6614: TCP 2083)"""
    radsec_cert: Path | None
    """GATE_RADSEC_CERT: PEM file of the server's certificate for RadSec and its chain."""
    radsec_key: Path | None
    """GATE_RADSEC_KEY: PEM file of its key."""
    radsec_ca: Path | None
    """GATE_RADSEC_CA: PEM file of the CAs that sign the certificates of NAS."""
    radsec_crl: Path | None
    """GATE_RADSEC_CRL: PEM file of those CAs' lists of revoked certificates."""
    radsec_home_cert: Path | None
    """GATE_RADSEC_HOME_CERT: PEM file of the certificate GATE shows to home servers it reaches by TLS."""
    radsec_home_key: Path | None
    """GATE_RADSEC_HOME_KEY: PEM file of its key."""
    radsec_home_ca: Path | None
    """GATE_RADSEC_HOME_CA: PEM file of the CAs that sign the certificates of home servers."""
    radsec_connections: int
    """GATE_RADSEC_CONNECTIONS: RadSec connections a process holds."""
    keep_accounting: int
    """GATE_KEEP_ACCOUNTING: days for which sessions that ended are kept; 0: for ever, here and below."""
    keep_sign_ins: int
    """GATE_KEEP_SIGN_INS: days for which each sign-in and its trace are kept."""
    keep_txlog: int
    """GATE_KEEP_TXLOG: days for which the transaction log is kept."""
    keep_connections: int
    """GATE_KEEP_CONNECTIONS: days for which connections that devices reported are kept; their sums stay."""
    keep_test_reports: int
    """GATE_KEEP_TEST_REPORTS: days for which test reports of devices are kept."""
    keep_control: int
    """GATE_KEEP_CONTROL: days for which requests to NAS about live sessions are kept."""
    keep_portal_sessions: int
    """GATE_KEEP_PORTAL_SESSIONS: days for which sessions of portals are kept after they ended."""
    radius_metrics_bind: str
    """GATE_RADIUS_METRICS_BIND: address of the RADIUS server's metrics and health."""
    radius_metrics_port: int | None
    """GATE_RADIUS_METRICS_PORT: TCP port of them; None: none."""
    freeradius_bind: str
    """GATE_FREERADIUS_BIND: address on which the RADIUS server takes what a FreeRADIUS asks over HTTP."""
    freeradius_port: int | None
    """GATE_FREERADIUS_PORT: TCP port of that; None: it is not taken."""
    metrics_networks: tuple[Network, ...]
    """GATE_METRICS_NETWORKS: who may read /metrics, of the web server and of the RADIUS server."""
    log_level: LogLevel
    """GATE_LOG_LEVEL"""
    log_json: bool
    """GATE_LOG_JSON: one JSON object a line in place of text."""
    debug: bool
    """GATE_DEBUG: for work on GATE itself, never in production."""
    part: Part
    """GATE_PART: set by the `gate` command for the processes it starts, not by operators."""

    @property
    def api_url(self) -> str:
        """Address of the REST API, as printed for people."""
        return f"{self.public_url}/api/v1"


def _text(value: str) -> str:
    return value


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        raise ValueError("a port number from 1 to 65535")
    return int(value)


def _processes(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 256:
        raise ValueError("a number from 1 to 256")
    return int(value)


def _rate(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 1_000_000:
        raise ValueError("a number from 1 to 1000000")
    return int(value)


def _connections(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 100_000:
        raise ValueError("a number from 1 to 100000")
    return int(value)


def _limit(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 1_000_000:
        raise ValueError("a number from 0 (no limit) to 1000000")
    return int(value)


def _eap_methods(value: str) -> tuple[str, ...]:
    words = tuple(part.strip().lower() for part in value.split(",") if part.strip())
    if not words or not set(words) <= {"peap", "ttls", "tls", "md5"} or len(set(words)) != len(words):
        raise ValueError("some of peap, ttls, tls, md5, each once, separated by commas")
    return words


def _days(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", value, re.ASCII) or not 1 <= int(value) <= 365:
        raise ValueError("days from 1 to 365")
    return int(value)


def _delay(value: str) -> float:
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", value, re.ASCII) or float(value) > 5:
        raise ValueError("seconds from 0 to 5, for example 1 or 0.5")
    return float(value)


def _interval(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 86_400:
        raise ValueError("a number of seconds from 0 to 86400")
    return int(value)


def _kept(value: str) -> int:
    # Reports come in late, and the worker moves closed sessions after a day: less than two months would drop what is on its way.
    if not value.isascii() or not value.isdigit() or not (int(value) == 0 or 62 <= int(value) <= 36_500):
        raise ValueError("a number of days from 62 to 36500, or 0 (for ever)")
    return int(value)


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError:
        raise ValueError("addresses or networks separated by commas, for example 127.0.0.1, 10.0.0.0/8") from None


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError("an IPv4 or IPv6 address, for example 127.0.0.1 or 0.0.0.0") from None


def _flag(value: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in words:
        raise ValueError("one of 1, 0, true, false, yes, no, on, off")
    return words[value.lower()]


def _level(value: str) -> LogLevel:
    match value.upper():
        case "DEBUG" | "INFO" | "WARNING" | "ERROR" as level:
            return level
        case _:
            raise ValueError("one of DEBUG, INFO, WARNING, ERROR")


def _part(value: str) -> Part:
    match value:
        case "web" | "system" | "owner":
            return value
        case _:
            raise ValueError("one of web, system, owner")


def _secret_key(value: str) -> str:
    if len(value) < 32:
        raise ValueError("at least 32 characters long (unset it, and GATE makes one and keeps it in GATE_DATA)")
    return value


def _database_url(value: str) -> str:
    scheme = urllib.parse.urlsplit(value).scheme
    if scheme not in {"postgresql", "postgres"} or "/" not in value.partition("://")[2]:
        raise ValueError("of the form postgresql://user:password@host:5432/database")
    return value


def _public_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^/?#\s]+", value.rstrip("/")):
        raise ValueError("of the form https://gate.example.net, without a path")
    return value.rstrip("/")


def _folder(value: str) -> Path:
    path = Path(value).expanduser()
    if not path.is_absolute():
        raise ValueError("an absolute path")
    return path


def read(environ: Mapping[str, str]) -> Settings:
    """Settings from `environ`; an empty variable counts as unset. Raises SettingsError naming the first wrong variable."""

    def take(name: str, convert: Callable[[str], T], default: T) -> T:
        value = environ.get(name, "").strip()
        if not value:
            return default
        try:
            return convert(value)
        except ValueError as error:
            shown = "the value given" if name in {"GATE_SECRET_KEY", "DATABASE_URL"} else repr(value)
            raise SettingsError(f"{name} must be {error}; {shown} is not.") from None

    http_bind = take("GATE_HTTP_BIND", _address, "127.0.0.1")
    http_port = take("GATE_HTTP_PORT", _port, 8000)
    auth_port = take("GATE_RADIUS_AUTH_PORT", _port, 1812)
    acct_port = take("GATE_RADIUS_ACCT_PORT", _port, 1813)
    radius_bind = take("GATE_RADIUS_BIND", _address, "0.0.0.0")  # noqa: S104  a RADIUS server serves the network
    if auth_port == acct_port:
        raise SettingsError("GATE_RADIUS_AUTH_PORT and GATE_RADIUS_ACCT_PORT must differ.")
    # What a browser on this machine uses to reach a server bound to every address.
    plain = f"[{http_bind}]" if ":" in http_bind else http_bind
    local = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(plain, plain)  # noqa: S104
    return Settings(
        data=take("GATE_DATA", _folder, _default_data(environ)),
        database_url=take("DATABASE_URL", _database_url, None),
        secret_key=take("GATE_SECRET_KEY", _secret_key, None),
        http_bind=http_bind,
        http_port=http_port,
        http_workers=take("GATE_HTTP_WORKERS", _processes, 2),
        public_url=take("GATE_PUBLIC_URL", _public_url, f"http://{local}:{http_port}"),
        trusted_proxies=take("GATE_TRUSTED_PROXIES", _networks, None),
        api_rate=take("GATE_API_RATE", _rate, 6_000),
        api_rate_address=take("GATE_API_RATE_ADDRESS", _rate, 120),
        radius_bind=radius_bind,
        radius_auth_port=auth_port,
        radius_acct_port=acct_port,
        radius_coa_port=take("GATE_RADIUS_COA_PORT", _port, 3799),
        radius_processes=take("GATE_RADIUS_PROCESSES", _processes, 1),
        radius_reject_delay=take("GATE_RADIUS_REJECT_DELAY", _delay, 1.0),
        radius_interim_interval=take("GATE_RADIUS_INTERIM_INTERVAL", _interval, 600),
        radius_nas_rate=take("GATE_RADIUS_NAS_RATE", _limit, 0),
        radius_guesses=take("GATE_RADIUS_GUESSES", _limit, 20),
        radius_forward_days=take("GATE_RADIUS_FORWARD_DAYS", _days, 14),
        radius_eap_methods=take("GATE_RADIUS_EAP_METHODS", _eap_methods, ("peap", "ttls", "tls")),
        radius_tls_cert=take("GATE_RADIUS_TLS_CERT", _folder, None),
        radius_tls_key=take("GATE_RADIUS_TLS_KEY", _folder, None),
        radius_tls_ca=take("GATE_RADIUS_TLS_CA", _folder, None),
        radius_tls_crl=take("GATE_RADIUS_TLS_CRL", _folder, None),
        dictionary=take("GATE_DICTIONARY", _folder, None),
        radsec_bind=take("GATE_RADSEC_BIND", _address, radius_bind),
        radsec_port=take("GATE_RADSEC_PORT", _port, 2083),
        radsec_cert=take("GATE_RADSEC_CERT", _folder, None),
        radsec_key=take("GATE_RADSEC_KEY", _folder, None),
        radsec_ca=take("GATE_RADSEC_CA", _folder, None),
        radsec_crl=take("GATE_RADSEC_CRL", _folder, None),
        radsec_home_cert=take("GATE_RADSEC_HOME_CERT", _folder, None),
        radsec_home_key=take("GATE_RADSEC_HOME_KEY", _folder, None),
        radsec_home_ca=take("GATE_RADSEC_HOME_CA", _folder, None),
        radsec_connections=take("GATE_RADSEC_CONNECTIONS", _connections, 1_000),
        keep_accounting=take("GATE_KEEP_ACCOUNTING", _kept, 0),
        keep_sign_ins=take("GATE_KEEP_SIGN_INS", _kept, 90),
        keep_txlog=take("GATE_KEEP_TXLOG", _kept, 0),
        keep_connections=take("GATE_KEEP_CONNECTIONS", _kept, 400),
        keep_test_reports=take("GATE_KEEP_TEST_REPORTS", _kept, 400),
        keep_control=take("GATE_KEEP_CONTROL", _kept, 90),
        keep_portal_sessions=take("GATE_KEEP_PORTAL_SESSIONS", _kept, 400),
        radius_metrics_bind=take("GATE_RADIUS_METRICS_BIND", _address, "127.0.0.1"),
        radius_metrics_port=take("GATE_RADIUS_METRICS_PORT", _port, None),
        freeradius_bind=take("GATE_FREERADIUS_BIND", _address, "127.0.0.1"),
        freeradius_port=take("GATE_FREERADIUS_PORT", _port, None),
        metrics_networks=take("GATE_METRICS_NETWORKS", _networks, _LOOPBACK),
        log_level=take("GATE_LOG_LEVEL", _level, "INFO"),
        log_json=take("GATE_LOG_JSON", _flag, False),
        debug=take("GATE_DEBUG", _flag, False),
        part=take("GATE_PART", _part, "system"),
    )


def _default_data(environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME") or str(Path.home())
    return Path(home) / ".local" / "share" / "gate"


@functools.cache
def current() -> Settings:
    """The settings of this process, read on first use."""
    return read(os.environ)
