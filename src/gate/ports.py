"""The addresses GATE listens on, tried out before anything is started."""

import errno
import http.client
import ipaddress
import socket
from dataclasses import dataclass

from gate.settings import Settings


class PortError(Exception):
    """GATE cannot listen on an address; the text is one sentence that names the setting to change."""


class PortInUseError(PortError):
    """Some program listens there already."""


@dataclass(frozen=True, slots=True)
class Port:
    """One address GATE listens on, and the names of its settings."""

    use: str
    bind: str
    number: int
    kind: socket.SocketKind
    bind_setting: str
    port_setting: str


def of(settings: Settings) -> tuple[Port, ...]:
    """The addresses `gate up` listens on."""
    web = ("GATE_HTTP_BIND", "GATE_HTTP_PORT")
    auth = ("GATE_RADIUS_BIND", "GATE_RADIUS_AUTH_PORT")
    acct = ("GATE_RADIUS_BIND", "GATE_RADIUS_ACCT_PORT")
    datagram = socket.SOCK_DGRAM
    usual = (
        Port("the web server", settings.http_bind, settings.http_port, socket.SOCK_STREAM, *web),
        Port("RADIUS authentication", settings.radius_bind, settings.radius_auth_port, datagram, *auth),
        Port("RADIUS accounting", settings.radius_bind, settings.radius_acct_port, datagram, *acct),
    )
    if settings.freeradius_port is None:
        return usual
    door = ("GATE_FREERADIUS_BIND", "GATE_FREERADIUS_PORT")
    return (*usual, Port("FreeRADIUS", settings.freeradius_bind, settings.freeradius_port, socket.SOCK_STREAM, *door))


def check(port: Port) -> None:
    """Listen on `port` for a moment. Raises PortInUseError, PortError."""
    family = socket.AF_INET6 if ":" in port.bind else socket.AF_INET
    protocol = "TCP" if port.kind is socket.SOCK_STREAM else "UDP"
    where = f"{protocol} port {port.number} on {port.bind}, for {port.use},"
    with socket.socket(family, port.kind) as trial:
        if port.kind is socket.SOCK_STREAM:
            # Connections of a server that has just ended do not count.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((port.bind, port.number))
            if port.kind is socket.SOCK_STREAM:
                trial.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUseError(
                    f"{where} is in use by another program: end that one, or set {port.port_setting} to a free port."
                ) from None
            if error.errno == errno.EADDRNOTAVAIL:
                raise PortError(f"{port.bind} is not an address of this machine: change {port.bind_setting}.") from None
            if error.errno in {errno.EACCES, errno.EPERM}:
                raise PortError(
                    f"{where} may not be used by this user: set {port.port_setting} to a port from 1024 up."
                ) from None
            raise PortError(f"{where} cannot be used ({error.strerror}): change {port.bind_setting}.") from None


def web_answers(settings: Settings, *, timeout: float = 2.0) -> bool:
    """Whether GET /health/live on the web server of this machine answers 200 within `timeout` seconds."""
    address = ipaddress.ip_address(settings.http_bind)
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    connection = http.client.HTTPConnection(str(address), settings.http_port, timeout=timeout)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False  # not there yet, or not a web server
    finally:
        connection.close()
