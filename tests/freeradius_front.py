"""Debian's FreeRADIUS in front of GATE, as `gate freeradius` configures it, and radclient in the place of its NAS."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from radius_server import until

PROGRAM = "/usr/sbin/freeradius"
MODULE = Path("/usr/lib/freeradius/rlm_rest.so")
MISSING = not (Path(PROGRAM).exists() and MODULE.exists() and shutil.which("radclient"))
WHY = "FreeRADIUS, its rlm_rest or radclient is away: apt install freeradius freeradius-rest freeradius-utils"
# What stands around the three files in any installation.
_AROUND = """
prefix = {folder}
libdir = /usr/lib/freeradius
raddbdir = {folder}
certdir = {folder}
run_dir = {folder}
max_request_time = 10
cleanup_delay = 1
proxy_requests = no
security {{
    max_attributes = 200
    reject_delay = 0
    status_server = no
}}
thread pool {{
    start_servers = 2
    max_servers = 8
    min_spare_servers = 1
    max_spare_servers = 4
    max_requests_per_server = 0
}}
client here {{
    ipaddr = 127.0.0.0/8
    secret = "{secret}"
}}
modules {{
    always handled {{
        rcode = handled
    }}
    $INCLUDE mods-available/gate
}}
$INCLUDE sites-available/gate
"""


@dataclass(frozen=True, slots=True)
class Front:
    """A running FreeRADIUS."""

    auth_port: int
    acct_port: int
    secret: str
    log: Path

    def ask(self, *attributes: str, accounting: bool = False, source: str = "127.0.0.1", within: int = 3) -> str:
        """What radclient prints of the answer; empty where none came."""
        port, word = (self.acct_port, "acct") if accounting else (self.auth_port, "auth")
        said = "\n".join([f"Packet-Src-IP-Address = {source}", *attributes]) + "\n"
        run = subprocess.run(
            ["radclient", "-x", "-r", "1", "-t", str(within), f"127.0.0.1:{port}", word, self.secret],
            input=said, capture_output=True, text=True, timeout=within + 10, check=False,
        )  # fmt: skip
        _, received, answer = run.stdout.partition("Received ")
        return received + answer


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port of 127.0.0.1 that nobody has."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def front(folder: Path, *, secret: str, auth_port: int, acct_port: int) -> Iterator[Front]:
    """FreeRADIUS on what stands in `folder`: the three files."""
    (folder / "radiusd.conf").write_text(_AROUND.format(folder=folder, secret=secret))
    (folder / "dictionary").write_text("$INCLUDE dictionary.gate\n")
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PROGRAM, "-f", "-xx", "-l", "stdout", "-d", str(folder), "-D", "/usr/share/freeradius"], stdout=output, stderr=output
        )
    try:
        until(lambda: process.poll() is not None or "Ready to process requests" in log.read_text("utf-8", "replace"), within=20)
        assert process.poll() is None, log.read_text("utf-8", "replace")
        yield Front(auth_port, acct_port, secret, log)
    finally:
        process.terminate()
        process.wait(10)
