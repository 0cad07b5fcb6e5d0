"""FreeRADIUS as a home server: PAP, CHAP, MS-CHAP-V2, EAP-TTLS and PEAP, and accounting into its detail file."""

import dataclasses
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eapol import Files
from radius_server import until

PROGRAM = "/usr/sbin/freeradius"
# Message-Authenticator: 3.2.5 and later put it into every answer, those before have to be told to.
_CONFIGURATION = """
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
proxy_requests = no
client gate {{
    ipaddr = 127.0.0.1
    secret = "{secret}"
    require_message_authenticator = yes
}}
modules {{
    always ok {{
        rcode = ok
    }}
    pap {{
    }}
    chap {{
    }}
    mschap {{
        use_mppe = yes
    }}
    detail {{
        filename = {folder}/detail
    }}
    eap {{
        default_eap_type = ttls
        timer_expire = 60
        tls-config tls-common {{
            private_key_file = {tls}/server.key
            certificate_file = {tls}/server.pem
            ca_file = {tls}/ca.pem
            cipher_list = "DEFAULT"
            tls_min_version = "1.2"
            tls_max_version = "1.2"
            ecdh_curve = ""
        }}
        ttls {{
            tls = tls-common
            default_eap_type = md5
            virtual_server = inner
        }}
        peap {{
            tls = tls-common
            default_eap_type = mschapv2
            virtual_server = inner
        }}
        md5 {{
        }}
        mschapv2 {{
        }}
    }}
}}
server inner {{
    authorize {{
        {known}
        mschap
        eap {{
            ok = return
        }}
        chap
        pap
    }}
    authenticate {{
        Auth-Type PAP {{
            pap
        }}
        Auth-Type CHAP {{
            chap
        }}
        Auth-Type MS-CHAP {{
            mschap
        }}
        eap
    }}
}}
server home {{
    listen {{
        type = auth
        ipaddr = 127.0.0.1
        port = {auth_port}
    }}
    listen {{
        type = acct
        ipaddr = 127.0.0.1
        port = {acct_port}
    }}
    authorize {{
        {known}
        mschap
        eap {{
            ok = return
        }}
        chap
        pap
    }}
    authenticate {{
        Auth-Type PAP {{
            pap
        }}
        Auth-Type CHAP {{
            chap
        }}
        Auth-Type MS-CHAP {{
            mschap
        }}
        eap
    }}
    post-auth {{
        update reply {{
            &Class := 0x686f6d65
            &Session-Timeout := 1234
            &Tunnel-Password:1 := "of the tunnel"
            &Message-Authenticator := 0x00
        }}
        Post-Auth-Type REJECT {{
            update reply {{
                &Message-Authenticator := 0x00
            }}
        }}
    }}
    accounting {{
        detail
    }}
}}
"""
_KNOWN = """if (&User-Name =~ /^ann(@|$)/) {
            update control {
                &Cleartext-Password := "right"
            }
        }"""


@dataclasses.dataclass
class FreeradiusHome:
    """Where it listens, and what it wrote down."""

    name: str
    auth_port: int
    acct_port: int
    secret: bytes
    detail: Path
    log: Path

    def accounting(self) -> list[dict[str, str]]:
        """The records of its detail file."""
        if not self.detail.exists():
            return []
        blocks = [block for block in self.detail.read_text().split("\n\n") if block.strip()]
        return [dict(_pair(line) for line in block.splitlines()[1:] if " = " in line) for block in blocks]


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.strip().partition(" = ")
    return name, value.strip('"')


@contextmanager
def freeradius_home(files: Files, *, secret: str) -> Iterator[FreeradiusHome]:
    """One that knows `ann`, whose password is `right`, of whatever realm."""
    folder = files.data / "home"
    folder.mkdir()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        auth_port, acct_port = int(one.getsockname()[1]), int(other.getsockname()[1])
    text = _CONFIGURATION.format(
        folder=folder, secret=secret, auth_port=auth_port, acct_port=acct_port, tls=files.data / "radius", known=_KNOWN
    )
    (folder / "radiusd.conf").write_text(text)
    (folder / "dictionary").write_text("")
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PROGRAM, "-f", "-X", "-d", str(folder), "-D", "/usr/share/freeradius"], stdout=output, stderr=output
        )
    try:
        until(lambda: process.poll() is not None or "Ready to process requests" in log.read_text(), within=30)
        assert process.poll() is None, log.read_text()
        yield FreeradiusHome("freeradius", auth_port, acct_port, secret.encode(), folder / "detail", log)
    finally:
        process.terminate()
        process.wait(10)
