"""FreeRADIUS and radsecproxy at the two ends of RadSec: other people's implementations of RFC 6614."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from radius_server import until

FREERADIUS = shutil.which("freeradius", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
RADSECPROXY = shutil.which("radsecproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
RADCLIENT = shutil.which("radclient")
SECRET = "secret-of-the-tests"


@dataclass(frozen=True)
class Tls:
    """What a program shows and believes."""

    certificate: Path
    key: Path
    ca: Path


_FREERADIUS = """
prefix = {folder}
libdir = /usr/lib/freeradius
raddbdir = {folder}
run_dir = {folder}
max_request_time = 10
cleanup_delay = 1
security {{
    max_attributes = 200
    reject_delay = 0
    status_server = yes
}}
proxy_requests = yes
thread pool {{
    start_servers = 2
    max_servers = 4
    min_spare_servers = 1
    max_spare_servers = 4
}}
modules {{
    always reject {{
        rcode = reject
    }}
    always ok {{
        rcode = ok
    }}
    pap {{
    }}
}}
{body}
"""
_PROXY = """
proxy server {{
    default_fallback = no
}}
home_server gate {{
    type = auth+acct
    ipaddr = 127.0.0.1
    port = {to}
    proto = tcp
    secret = radsec
    status_check = {status}
    response_window = 6
    tls {{
        private_key_file = {tls.key}
        certificate_file = {tls.certificate}
        ca_file = {tls.ca}
        fragment_size = 8192
        tls_min_version = "1.2"
        tls_max_version = "{version}"
    }}
}}
home_server_pool gate {{
    type = fail-over
    home_server = gate
}}
realm gate {{
    auth_pool = gate
    acct_pool = gate
    nostrip
}}
client radclient {{
    ipaddr = 127.0.0.1
    secret = {secret}
}}
server proxy {{
    listen {{
        type = auth
        ipaddr = 127.0.0.1
        port = {auth}
    }}
    listen {{
        type = acct
        ipaddr = 127.0.0.1
        port = {acct}
    }}
    authorize {{
        update control {{
            &Proxy-To-Realm := gate
        }}
    }}
    preacct {{
        update control {{
            &Proxy-To-Realm := gate
        }}
    }}
    accounting {{
        ok
    }}
}}
"""
_HOME = """
clients radsec {{
    client gate {{
        ipaddr = 127.0.0.1
        proto = tls
        secret = radsec
    }}
}}
server home {{
    listen {{
        type = auth+acct
        proto = tcp
        ipaddr = 127.0.0.1
        port = {port}
        clients = radsec
        tls {{
            private_key_file = {tls.key}
            certificate_file = {tls.certificate}
            ca_file = {tls.ca}
            fragment_size = 8192
            require_client_cert = yes
            tls_min_version = "1.2"
            tls_max_version = "1.3"
        }}
        limit {{
            max_connections = 16
            lifetime = 0
            idle_timeout = 30
        }}
    }}
    authorize {{
        update control {{
            &Cleartext-Password := "far away"
        }}
        update reply {{
            &Reply-Message := "from afar"
        }}
        pap
    }}
    authenticate {{
        Auth-Type PAP {{
            pap
        }}
    }}
    preacct {{
        ok
    }}
    accounting {{
        ok
    }}
}}
"""
_RADSECPROXY_CLIENT = """
ListenUDP 127.0.0.1:{auth}
ListenUDP 127.0.0.1:{acct}
LogLevel 2
tls default {{
    CACertificateFile {tls.ca}
    CertificateFile {tls.certificate}
    CertificateKeyFile {tls.key}
}}
client radclient {{
    host 127.0.0.1
    type udp
    secret {secret}
}}
server gate {{
    host 127.0.0.1
    port {to}
    type tls
    secret radsec
    StatusServer on
    CertificateNameCheck off
    matchCertificateAttribute SubjectAltName:DNS:/^radius\\.example\\.net$/
}}
realm * {{
    server gate
    accountingServer gate
}}
"""
_RADSECPROXY_HOME = """
ListenTLS 127.0.0.1:{port}
LogLevel 2
SourceUDP {source}:*
tls default {{
    CACertificateFile {tls.ca}
    CertificateFile {tls.certificate}
    CertificateKeyFile {tls.key}
}}
client gate {{
    host 127.0.0.1
    type tls
    secret radsec
    CertificateNameCheck off
}}
server sign-ins {{
    host 127.0.0.1
    port {auth}
    type udp
    secret {to_secret}
}}
server books {{
    host 127.0.0.1
    port {acct}
    type udp
    secret {to_secret}
}}
realm * {{
    server sign-ins
    accountingServer books
}}
"""


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], *, log: Path, is_ready: Callable[[], bool]) -> Iterator[Path]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        until(lambda: process.poll() is not None or is_ready(), within=20)
        assert process.poll() is None, log.read_text(errors="replace")
        yield log
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _freeradius(folder: Path, body: str) -> Iterator[Path]:
    assert FREERADIUS is not None
    (folder / "radiusd.conf").write_text(_FREERADIUS.format(folder=folder, body=body))
    (folder / "dictionary").write_text("")
    # TLS listeners want threads, which -X does without.
    command = [FREERADIUS, "-fxx", "-l", "stdout", "-d", str(folder), "-D", "/usr/share/freeradius"]
    log = folder / "freeradius.log"
    with _running(command, log=log, is_ready=lambda: "Ready to process requests" in log.read_text()):
        yield log


@contextmanager
def _radsecproxy(folder: Path, text: str, *, port: int, kind: int) -> Iterator[Path]:
    """It says nothing that it would not keep in a buffer: it is ready when its last port is taken."""
    assert RADSECPROXY is not None
    configuration = folder / "radsecproxy.conf"
    configuration.write_text(text)
    log = folder / "radsecproxy.log"
    with _running([RADSECPROXY, "-f", "-c", str(configuration)], log=log, is_ready=lambda: _is_taken(port, kind)):
        yield log


def _is_taken(port: int, kind: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            # Bound is not yet listening.
            return probe.connect_ex(("127.0.0.1", port)) == 0
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


@dataclass(frozen=True)
class Near:
    """A program that takes UDP of radclient and speaks RadSec to GATE."""

    auth: int
    acct: int
    log: Path

    def ask(self, what: str, *attributes: str) -> str:
        """What radclient prints."""
        assert RADCLIENT is not None
        done = subprocess.run(
            [RADCLIENT, "-x", "-t", "8", "-r", "1", f"127.0.0.1:{self.acct if what == 'acct' else self.auth}", what, SECRET],
            input="\n".join(attributes), capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr


@contextmanager
def freeradius_client(folder: Path, *, tls: Tls, to: int, version: str = "1.3", status: str = "none") -> Iterator[Near]:
    auth, acct = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    body = _PROXY.format(auth=auth, acct=acct, tls=tls, to=to, secret=SECRET, version=version, status=status)
    with _freeradius(folder, body) as log:
        yield Near(auth, acct, log)


@contextmanager
def radsecproxy_client(folder: Path, *, tls: Tls, to: int) -> Iterator[Near]:
    auth, acct = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    text = _RADSECPROXY_CLIENT.format(auth=auth, acct=acct, tls=tls, to=to, secret=SECRET)
    with _radsecproxy(folder, text, port=acct, kind=socket.SOCK_DGRAM) as log:
        yield Near(auth, acct, log)


@contextmanager
def freeradius_home(folder: Path, *, tls: Tls) -> Iterator[int]:
    """The port of a server that lets in whoever says `far away`."""
    port = free_port()
    with _freeradius(folder, _HOME.format(port=port, tls=tls)):
        yield port


@contextmanager
def radsecproxy_home(folder: Path, *, tls: Tls, source: str, auth: int, acct: int, secret: str) -> Iterator[int]:
    """The port of a proxy that asks a server by UDP, from this source address."""
    port = free_port()
    text = _RADSECPROXY_HOME.format(port=port, tls=tls, source=source, auth=auth, acct=acct, to_secret=secret)
    with _radsecproxy(folder, text, port=port, kind=socket.SOCK_STREAM):
        yield port
