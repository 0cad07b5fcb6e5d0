"""FreeRADIUS in the place of a NAS: takes Disconnect and CoA, as another's implementation of RFC 5176 reads them."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from radius_server import until

PROGRAM = "/usr/sbin/freeradius"
_CONFIGURATION = """
prefix = {folder}
libdir = /usr/lib/freeradius
raddbdir = {folder}
run_dir = {folder}
max_request_time = 5
cleanup_delay = 1
security {{
    max_attributes = 200
    reject_delay = 0
    status_server = no
}}
proxy_requests = no
client gate {{
    ipaddr = 127.0.0.1
    secret = "{secret}"
    require_message_authenticator = yes
}}
modules {{
    always reject {{
        rcode = reject
    }}
    always ok {{
        rcode = ok
    }}
}}
server nas {{
    listen {{
        type = coa
        ipaddr = 127.0.0.1
        port = {port}
        virtual_server = nas
    }}
    recv-coa {{
        if (&Acct-Session-Id == "known" && &Event-Timestamp && &Message-Authenticator) {{
            ok
        }}
        else {{
            update reply {{
                &Error-Cause := Session-Context-Not-Found
            }}
            reject
        }}
    }}
    send-coa {{
        ok
    }}
}}
"""


@contextmanager
def freeradius_nas(folder: Path, *, secret: str) -> Iterator[int]:
    """Its port. It knows one session: `known`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    configuration = folder / "radiusd.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, secret=secret, port=port))
    (folder / "dictionary").write_text("")
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PROGRAM, "-f", "-X", "-d", str(folder), "-D", "/usr/share/freeradius"], stdout=output, stderr=output
        )
    try:
        until(lambda: process.poll() is not None or "Ready to process requests" in log.read_text(), within=20)
        assert process.poll() is None, log.read_text()
        yield port
    finally:
        process.terminate()
        process.wait(10)
