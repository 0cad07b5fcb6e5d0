"""`gate freeradius`: the configuration with which a FreeRADIUS 3.2 asks GATE over rlm_rest.

Four files of FreeRADIUS's folder; its clients and everything else stay the operator's. The token stands in a file
of its own, which only FreeRADIUS may read. tests/gate/radiusd/freeradius/test_door.py runs it.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gate.core.errors import Conflict, GateError
from gate.protocols.radius.freeradius import dictionary_text

RIGHT: Final = "freeradius:write"
PORT: Final = 1814
MODULE, SITE, TOKEN, WORDS = "mods-available/gate", "sites-available/gate", "gate-token.conf", "dictionary.gate"
_PLACEHOLDER: Final = "gate_THE-TOKEN-OF-gate-token-create"

_MODULE_TEXT: Final = """\
#  How FreeRADIUS asks GATE: every sign-in and every accounting packet is a POST.
rest gate {
    tls {
        #  For https:// with a certificate of your own CA:
        #  ca_info_file = ${certdir}/gate-ca.pem
        check_cert = yes
        check_cert_cn = yes
    }

    #  No connect_uri: FreeRADIUS starts whether GATE answers or not.
    authorize {
        uri = "<url>/freeradius/authorize?source=%{%{Packet-Src-IP-Address}:-%{Packet-Src-IPv6-Address}}"
        method = 'post'
        body = 'json'
        raw_value = yes
        timeout = 4.0
        tls = ${..tls}
    }
    accounting {
        uri = "<url>/freeradius/accounting?source=%{%{Packet-Src-IP-Address}:-%{Packet-Src-IPv6-Address}}"
        method = 'post'
        body = 'json'
        raw_value = yes
        timeout = 4.0
        tls = ${..tls}
    }
    pool {
        start = 0
        min = 0
        max = 64
        spare = 8
        uses = 0
        retry_delay = 1
        lifetime = 0
        idle_timeout = 60
    }
}
"""

_SITE_TEXT: Final = """\
#  gate_token = "gate_..." stands there; let nobody but FreeRADIUS read it.
$INCLUDE ${raddbdir}/gate-token.conf

server gate {
    listen {
        type = auth
        ipaddr = *
        port = <auth>
    }
    listen {
        type = acct
        ipaddr = *
        port = <acct>
    }

    authorize {
        if (&EAP-Message) {
            #  EAP ends where its keys are made: let these NAS speak to GATE by RADIUS.
            update control {
                &Response-Packet-Type := Do-Not-Respond
            }
            handled
        }
        if (&CHAP-Password && !&CHAP-Challenge) {
            #  Else it is in the packet's header, which GATE does not see.
            update request {
                &CHAP-Challenge := "%{Packet-Authentication-Vector}"
            }
        }
        update control {
            &REST-HTTP-Header := "Authorization: Bearer ${gate_token}"
        }
        gate {
            reject = 1
            userlock = 1
            notfound = 1
            invalid = 1
            fail = 1
        }
        if (ok || updated) {
            update control {
                &Auth-Type := Accept
            }
        }
        elsif (reject) {
            update control {
                &Auth-Type := Reject
            }
        }
        else {
            #  GATE is away, does not know the NAS or refuses the token: the guest has done nothing wrong, and the NAS asks again.
            update control {
                &Response-Packet-Type := Do-Not-Respond
            }
            handled
        }
    }

    #  Answered when GATE has stored it, and only then.
    accounting {
        update control {
            &REST-HTTP-Header := "Authorization: Bearer ${gate_token}"
        }
        gate
    }
}
"""

_NEXT: Final = """\
Next, as root:
  chown root:freerad {folder}/gate-token.conf{token}
  ln -s ../mods-available/gate {folder}/mods-enabled/gate
  ln -s ../sites-available/gate {folder}/sites-enabled/gate
  echo '$INCLUDE dictionary.gate' >> {folder}/dictionary
  rm {folder}/sites-enabled/default    # it serves the same ports
  freeradius -C -d {folder} && systemctl restart freeradius
The NAS have to be in GATE as well, by the addresses FreeRADIUS knows them by.
"""


class Refused(GateError):
    """Nothing was written."""

    code = "refused"


def files(*, url: str, auth_port: int = 1812, acct_port: int = 1813) -> dict[str, str]:
    """The files without a secret in them, by their place in FreeRADIUS's folder."""
    site = _SITE_TEXT.replace("<auth>", str(auth_port)).replace("<acct>", str(acct_port))
    return {MODULE: _MODULE_TEXT.replace("<url>", url.rstrip("/")), SITE: site, WORDS: dictionary_text()}


def run(options: argparse.Namespace, *, url: str, make_token: Callable[[str], str]) -> int:
    """Print the files, or write them below `options.output`. Raises GateError.

    `make_token` makes an API token for the organization named, where a file for it is written and there is none yet.
    """
    made = files(url=options.url or url, auth_port=options.auth_port, acct_port=options.acct_port)
    if options.output is None:
        for name, text in (made | {TOKEN: _token_text(_PLACEHOLDER)}).items():
            sys.stdout.write(f"#  ---- {name}\n{text}\n")
        return 0
    folder = Path(options.output)
    there = [name for name in made if (folder / name).exists()]
    if there and not options.replace:
        raise Conflict(f"{folder / there[0]} is there already; write over it with --replace.")
    token = folder / TOKEN
    keeps = token.exists()
    try:
        for name, text in made.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        if not keeps:
            plain = _PLACEHOLDER if options.organization is None else make_token(options.organization)
            with os.fdopen(os.open(token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w", encoding="ascii") as file:
                file.write(_token_text(plain))
    except OSError as error:
        raise Refused(f"{error.filename} cannot be written: {error.strerror}.") from None
    lacking = "" if keeps or options.organization is not None else "    # after putting a token with freeradius:write into it"
    sys.stdout.write(f"Wrote {', '.join([*made, *([] if keeps else [TOKEN])])} below {folder}.\n")
    sys.stdout.write(_NEXT.format(folder=folder, token=lacking))
    return 0


def made_token(organization: str) -> str:
    """A new API token that may do this and nothing else. Raises NotFound."""
    from gate.commands.organization import scope_named
    from gate.tokens import commands

    made = commands.create(scope_named(organization), name="FreeRADIUS", permissions=[RIGHT], networks=[], expires=None)
    return made.plain


def _token_text(token: str) -> str:
    return f'gate_token = "{token}"\n'
