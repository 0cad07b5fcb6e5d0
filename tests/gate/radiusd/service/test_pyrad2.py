"""pyrad2, another's implementation, as a NAS in a process of its own: it believes no Access reply that is not rightly signed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pyrad2_peer
from people import PASSWORD

pytestmark = pytest.mark.django_db
ACCEPT, REJECT, ACKNOWLEDGED = 2, 3, 5
SCRIPT = Path(pyrad2_peer.__file__)


@pytest.fixture(scope="module")
def peers():
    """The folder it lies in."""
    if not (pyrad2_peer.PEERS / "pyrad2").is_dir():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "pyrad2 is not installed (`make peers`): IT IS NOT TESTED AS A PEER"
        )
    return pyrad2_peer.PEERS


@pytest.fixture
def ask(peers, server):
    """Put questions to the server by pyrad2: its answers by name."""

    def ask_all(*questions, timeout=5):
        told = {
            "address": "127.0.0.1", "auth_port": server.auth_port, "acct_port": server.acct_port, "timeout": timeout,
            "secret": server.world.nas_secret, "questions": questions,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, str(SCRIPT)], input=json.dumps(told), env=os.environ | {"PYTHONPATH": str(peers)},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask_all


@pytest.fixture
def person(committed):
    return committed.user(profile="acme", recoverable=True)[1]


def question(name, kind, username="", password=PASSWORD, **more):
    attributes = {"User-Name": username, "NAS-IP-Address": "127.0.0.1", "Calling-Station-Id": "02-00-5E-00-00-01"}
    return {"name": name, "kind": kind, "attributes": attributes | more.pop("attributes", {}), "password": password, **more}


def test_pap_chap_and_mschap_are_accepted_with_a_message_authenticator_it_believes(ask, person):
    answers = ask(*(question(kind, kind, person) for kind in ("pap", "chap", "mschap")))
    for kind, answer in answers.items():
        assert answer is not None, f"{kind}: no reply it believed"
        assert (answer["code"], answer["signed"], answer["valid"], answer["valid with another secret"]) == (
            ACCEPT,
            True,
            True,
            False,
        )
        assert answer["first"] == "Message-Authenticator"
        assert answer["attributes"] == {"Session-Timeout": [3600]}
    assert answers["mschap"]["proof"] is True, "the server's own proof, RFC 2759 section 8.7"


def test_wrong_passwords_are_rejected_and_another_secret_is_not_answered(ask, server, person):
    kinds = ("pap", "chap", "mschap")
    answers = ask(
        *(question(kind, kind, person, password="wrong") for kind in kinds),
        question("nobody", "pap", "nobody at all", attributes={"Proxy-State": "0xfe"}),
    )
    for answer in answers.values():
        assert (answer["code"], answer["signed"], answer["valid"]) == (REJECT, True, True)
        assert "Session-Timeout" not in answer["attributes"]
    before = server.metrics["dropped.signature"]
    assert ask(question("stranger", "pap", person, secret="not the secret"), timeout=1) == {"stranger": None}
    assert server.metrics["dropped.signature"] == before + 1


def test_a_session_is_stored_before_its_packets_are_acknowledged(ask, committed, person, run_id):
    def told(status, **more):
        return question(status, "acct", person, attributes={"Acct-Status-Type": status, "Acct-Session-Id": run_id} | more)

    usage = {"Acct-Session-Time": 300, "Acct-Input-Octets": 4_000_000_000, "Acct-Output-Octets": 7}
    answers = ask(
        told("Start"),
        told("Interim-Update", **usage),
        told("Stop", **usage | {"Acct-Session-Time": 421, "Acct-Output-Octets": 8}),
    )
    assert {name: answer and answer["code"] for name, answer in answers.items()} == dict.fromkeys(
        ("Start", "Interim-Update", "Stop"), ACKNOWLEDGED
    )
    columns = "username, acctsessiontime, acctinputoctets, acctoutputoctets, acctstoptime IS NOT NULL"
    assert committed.all(f"SELECT {columns} FROM accounting_live WHERE acctsessionid = %s", run_id) == [
        (person, 421, 4_000_000_000, 8, True)
    ]


def test_status_server_is_answered_on_both_ports(ask):
    answers = ask(*({"name": port, "kind": "status", "port": port} for port in ("auth", "acct")))
    assert answers["auth"]["code"] == ACCEPT
    assert answers["auth"]["valid"] is True
    assert answers["acct"]["code"] == ACKNOWLEDGED
