"""An operator's own attribute: in a profile, in the Access-Accept, and read by radclient with the same dictionary."""

import json
import shutil
import subprocess

import pytest

import own_dictionary
from gate import dictionaries
from gate import settings as gate_settings
from people import PASSWORD
from radius_nas import ACCEPT, REJECT
from radius_server import until

pytestmark = pytest.mark.django_db
WIDE = """VENDOR Wide 64001 format=2,1
BEGIN-VENDOR Wide
ATTRIBUTE Wide-Floor 300 byte
END-VENDOR Wide
"""


@pytest.fixture
def profile(committed, server, tmp_path):
    """A profile with attributes of a folder, given to a user: the user's name, and the folder."""
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "dictionary.hilltop").write_text(own_dictionary.HILLTOP)
    (folder / "dictionary.wide").write_text(WIDE)
    with own_dictionary.undone():
        dictionaries.load(gate_settings.read({"GATE_DATA": str(tmp_path), "GATE_DICTIONARY": str(folder)}))
        replies = [
            {"attribute": "Hilltop-Plan", "op": "=", "value": "Gold"},
            {"attribute": "Wide-Floor", "op": "=", "value": "12"},
        ]
        checks = [{"attribute": "Wide-Floor", "op": ">", "value": "3"}]
        _, name = committed.user(profile="acme")
        held = committed.all("SELECT reply_attribute, check_attribute FROM profiles_profile WHERE id = %s",
                             committed.world.profiles["acme"])[0]  # fmt: skip

        def put(replies, checks):
            committed.all("UPDATE profiles_profile SET reply_attribute = %s, check_attribute = %s WHERE id = %s",
                          json.dumps(replies), json.dumps(checks), committed.world.profiles["acme"])  # fmt: skip

        def known():
            return server.service.store.profiles[committed.world.profiles["acme"]].replies[0].attribute

        before = known()
        put(replies, checks)
        until(lambda: known() == "Hilltop-Plan")
        yield name, folder
        put(*held)
        until(lambda: known() == before)


def floor(value):
    """Vendor 64001 has types of two octets."""
    return 26, bytes.fromhex("0000fa01012c04") + bytes((value,))


def test_what_the_folder_adds_is_asked_for_and_sent(server, profile):
    name, _ = profile
    nas = server.nas()
    answer = nas.ask(nas.pap(name, PASSWORD, floor(4)))
    assert answer.code == ACCEPT
    assert answer.vendor(64000, 1) == (7).to_bytes(4, "big")
    assert floor(12) in answer.attributes
    assert nas.ask(nas.pap(name, PASSWORD, floor(3))).code == REJECT
    assert nas.ask(nas.pap(name, PASSWORD)).code == REJECT


@pytest.mark.skipif(shutil.which("radclient") is None, reason="radclient is away: apt install freeradius-utils")
def test_radclient_with_the_same_dictionary_reads_it(server, profile, tmp_path):
    name, folder = profile
    words = tmp_path / "words"
    words.mkdir()
    lines = ["/usr/share/freeradius/dictionary", *sorted(str(path) for path in folder.iterdir())]
    (words / "dictionary").write_text("".join(f"$INCLUDE {line}\n" for line in lines))
    asked = f'User-Name = "{name}"\nUser-Password = "{PASSWORD}"\nWide-Floor = 9\nMessage-Authenticator = 0x00\n'
    secret = server.world.nas_secret
    run = subprocess.run(
        ["radclient", "-x", "-D", str(words), "-d", str(folder), f"127.0.0.1:{server.auth_port}", "auth", secret],
        input=asked, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert "Received Access-Accept" in run.stdout, run.stdout + run.stderr
    assert "Hilltop-Plan = Gold" in run.stdout
    assert "Wide-Floor = 12" in run.stdout
