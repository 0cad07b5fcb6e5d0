"""Debian's FreeRADIUS, configured by `gate freeradius`, in front of a real GATE: what its NAS get to hear."""

import argparse
import os
import secrets
import socket

import httpx
import pytest

import freeradius_front
import people
import portals
import radius_server
from gate.commands import freeradius
from gate.core import clock
from gate.protocols.radius import mppe, mschap, signing
from gate.protocols.radius.packet import Packet
from gate.radiusd.freeradius import door
from people import PASSWORD
from radius_nas import ACCEPT, Nas
from radius_server import until

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(freeradius_front.MISSING and not os.environ.get("CI"), reason=freeradius_front.WHY),
]
_SECRET = "between-radclient-and-freeradius"


@pytest.fixture(scope="module")
def running(committed):
    port = freeradius_front.free_port(socket.SOCK_STREAM)
    with radius_server.serving(committed, GATE_FREERADIUS_PORT=str(port)) as server:
        yield server


def written(folder, *, port, token):
    """The three files, as the command writes them, and the ports in them."""
    auth, acct = freeradius_front.free_port(), freeradius_front.free_port()
    options = argparse.Namespace(
        url=None, output=str(folder), organization="acme", replace=False, auth_port=auth, acct_port=acct
    )  # fmt: skip
    assert freeradius.run(options, url=f"http://127.0.0.1:{port}", make_token=lambda _: token) == 0
    return auth, acct


@pytest.fixture(scope="module")
def front(running, tmp_path_factory):
    folder = tmp_path_factory.mktemp("freeradius")
    auth, acct = written(folder, port=running.service.door.port, token=running.world.owner.token)
    with freeradius_front.front(folder, secret=_SECRET, auth_port=auth, acct_port=acct) as made:
        yield made


def pap(name, password=PASSWORD, *more):
    return (f'User-Name = "{name}"', f'User-Password = "{password}"', *more)


def test_the_right_password_is_let_in_with_the_profile_s_items(server, front, committed):
    _, name = committed.user(profile="acme")
    answer = front.ask(*pap(name, PASSWORD, "Calling-Station-Id = AA-00-00-00-00-01"))
    assert "Access-Accept" in answer, front.log.read_text()
    assert "Session-Timeout = 3600" in answer
    until(
        lambda: committed.all(
            "SELECT accepted, method, nas_id, callingstationid FROM access_sign_in WHERE username = %s", name
        ) == [(True, "PAP", committed.world.nas["acme"], "AA-00-00-00-00-01")]
    )  # fmt: skip


def logged(committed, name):
    return committed.all("SELECT accepted, method, reason FROM access_sign_in WHERE username = %s ORDER BY id", name)


@pytest.fixture
def profile(server, committed):
    """Gives a user a profile of these columns; NAS acme is a MikroTik meanwhile."""
    nas, made = committed.world.nas["acme"], []

    def make(user, **columns):
        acme = committed.world.organizations["acme"]
        held = {
            "tenant_id": acme, "organization_id": acme, "name": "p", "short_name": f"p-{secrets.token_hex(4)}",
            "description": "", "reply_attribute": "[]", "check_attribute": "[]", "role": "", "redirect_url": "",
        } | columns  # fmt: skip
        number = committed.one(
            f"INSERT INTO profiles_profile ({', '.join(held)}, created, last_change)"
            f" VALUES ({', '.join(['%s'] * len(held))}, now(), now()) RETURNING id",
            *held.values(),
        )
        committed.all(
            "INSERT INTO users_userprofile (tenant_id, user_id, profile_id, position) VALUES (%s, %s, %s, 0)", acme, user, number
        )
        made.append(number)
        until(lambda: number in server.service.store.profiles)

    committed.all("UPDATE nas_nas SET vendor = 'mikrotik' WHERE id = %s", nas)
    until(lambda: any(one.vendor == "mikrotik" for one in server.service.store.clients.all()))
    yield make
    committed.all("UPDATE nas_nas SET vendor = '' WHERE id = %s", nas)
    committed.all("DELETE FROM users_userprofile WHERE profile_id = ANY(%s)", made)


def test_limits_come_in_the_words_of_the_nas_s_make(server, front, committed, profile):
    user, name = committed.user()
    profile(user, rate_up=1_000_000, rate_down=5_000_000, vlan=12, idle_timeout=300, role="staff")
    answer = front.ask(*pap(name))
    for told in (
        'Mikrotik-Rate-Limit = "1000000/5000000"', "Idle-Timeout = 300", 'Mikrotik-Group = "staff"', "Tunnel-Type:0 = VLAN",
        "Tunnel-Medium-Type:0 = IEEE-802", 'Tunnel-Private-Group-Id:0 = "12"',
    ):  # fmt: skip
        assert told in answer


def test_values_are_sent_as_they_are_and_never_expanded(server, front, committed, profile):
    user, name = committed.user()
    items = (
        '[{"attribute": "Reply-Message", "op": "+=", "value": "one %{Calling-Station-Id}"},'
        ' {"attribute": "Reply-Message", "op": "+=", "value": "two \\"quoted\\""},'
        ' {"attribute": "Tunnel-Private-Group-Id:3", "op": "=", "value": "7"},'
        ' {"attribute": "UBNT-Data-Rate-DL", "op": "=", "value": "2048"}, {"attribute": "Class", "op": "=", "value": "0x00ff"}]'
    )
    profile(user, reply_attribute=items)
    answer = front.ask(*pap(name, PASSWORD, 'Calling-Station-Id = "%{User-Password} `id` ${secret}"'))
    assert 'Reply-Message = "one %{User-Password} `id` ${secret}"' in answer
    assert 'Reply-Message = "two \\"quoted\\""' in answer
    assert 'Tunnel-Private-Group-Id:3 = "7"' in answer
    # Of a vendor whose dictionary is no part of FreeRADIUS.
    assert "Attr-26.41112.1 = 0x00000800" in answer
    assert "Class = 0x00ff" in answer


@pytest.mark.parametrize("password", ["wrong", PASSWORD + " ", "x" * 128])
def test_a_wrong_password_is_refused(server, front, committed, password):
    _, name = committed.user(profile="acme")
    answer = front.ask(*pap(name, password))
    assert "Access-Reject" in answer
    assert "Session-Timeout" not in answer
    until(lambda: logged(committed, name) == [(False, "PAP", "wrong-password")])


def test_an_account_switched_off_a_moment_ago_is_refused_and_says_why_to_operators_alone(server, front, committed):
    number, name = committed.user()
    assert "Access-Accept" in front.ask(*pap(name))
    committed.all("UPDATE users_user SET is_active = false WHERE id = %s", number)
    assert "Reply-Message" not in (answer := front.ask(*pap(name)))
    assert "Access-Reject" in answer
    until(lambda: [reason for _, _, reason in logged(committed, name)] == ["", "disabled"])


def test_chap(server, front, committed):
    _, name = committed.user(recoverable=True, profile="acme")
    assert "Session-Timeout = 3600" in front.ask(f'User-Name = "{name}"', f'CHAP-Password = "{PASSWORD}"')
    assert "Access-Reject" in front.ask(f'User-Name = "{name}"', 'CHAP-Password = "wrong"')
    until(lambda: logged(committed, name) == [(True, "CHAP", ""), (False, "CHAP", "wrong-password")])


def test_ms_chap_v2_with_the_server_s_proof_and_the_keys_for_the_nas(server, front, committed):
    _, name = committed.user(recoverable=True)
    nas = Nas(secret=_SECRET.encode(), auth_port=front.auth_port, acct_port=front.acct_port)
    challenge, authenticator = secrets.token_bytes(16), secrets.token_bytes(16)
    sides = {"authenticator_challenge": challenge, "peer_challenge": bytes(range(16)), "username": name.encode()}
    hashed = mschap.nt_hash(PASSWORD.encode())
    response = mschap.nt_response(**sides, password_hash=hashed)
    value = mschap.Response(identifier=9, peer_challenge=bytes(range(16)), nt_response=response).encode()
    request = nas.access_request(
        (1, name.encode()), (26, vendor(11, challenge)), (26, vendor(25, value)), authenticator=authenticator
    )
    reply = nas.ask_raw(request)
    nas.close()
    signing.verify_response(reply, request[4:20], nas.secret)
    packet = Packet.parse(reply)
    assert packet.code == ACCEPT
    proof = mschap.authenticator_response(**sides, password_hash=hashed, response=response)
    assert packet.vendor(311, 26) == b"\x09" + proof
    master = mppe.master_key(password_hash=hashed, response=response)
    for kind, server_sends in ((16, True), (17, False)):
        key = mppe.decrypt(packet.vendor(311, kind), secret=nas.secret, authenticator=authenticator)
        assert key == mppe.start_key(master=master, server_sends=server_sends)


def vendor(kind, value):
    return (311).to_bytes(4, "big") + bytes((kind, len(value) + 2)) + value


def test_a_guest_of_a_portal_comes_in_by_the_device_alone(server, front, committed):
    mac = "AA:00:00:00:00:77"
    _, name = committed.user()
    opened = portals.portal_login(committed, {"uid": name, "mac": mac, "ap_mac": "02:00:00:00:00:01", "ip": "192.168.1.7"})
    assert opened.status_code == 201, opened.text
    plain = mac.lower().replace(":", "-")
    answer = front.ask(f'User-Name = "{plain}"', f'User-Password = "{plain}"', f"Calling-Station-Id = {plain}")
    assert "Access-Accept" in answer
    assert f'User-Name = "{name}"' in answer
    assert "0x" + f"gate-portal-{opened.json()['page_id']}".encode().hex() in answer


def accounting(status, session, name, *more):
    return (f"Acct-Status-Type = {status}", f'Acct-Session-Id = "{session}"', f'User-Name = "{name}"', *more)


def test_accounting_is_in_the_api_when_it_is_acknowledged(server, front, committed, run_id):
    _, name = committed.user(profile="acme")
    place = (
        "Called-Station-Id = 02-00-00-00-00-01:Guests",
        "Calling-Station-Id = AA-00-00-00-00-01",
        "NAS-Port-Type = Wireless-802.11",
    )
    for status, seconds in (("Start", 0), ("Interim-Update", 300), ("Stop", 480)):
        more = (
            f"Acct-Session-Time = {seconds}",
            f"Acct-Input-Octets = {seconds * 7}",
            "Acct-Input-Gigawords = 1",
            "Acct-Terminate-Cause = User-Request",
        )
        assert "Accounting-Response" in front.ask(*accounting(status, run_id, name, *place, *more), accounting=True)
        (session,) = [row for row in listed(committed, "owner") if row["acctsessionid"] == run_id]
        assert session["acctsessiontime"] == seconds
        assert session["acctinputoctets"] == 2**32 + seconds * 7
        assert (session["acctstoptime"] is not None) == (status == "Stop")
    assert session["username"] == name
    assert session["ssid"] == "Guests"
    assert session["nasporttype"] == "Wireless-802.11"
    assert session["acctterminatecause"] == "User-Request"
    assert [row for row in listed(committed, "stranger") if row["acctsessionid"] == run_id] == []


def test_a_restart_of_the_nas_closes_its_sessions(server, front, committed, run_id):
    _, name = committed.user()
    assert "Accounting-Response" in front.ask(*accounting("Start", run_id, name), accounting=True)
    later = "Event-Timestamp = " + str(int(clock.unix()) + 2)
    assert "Accounting-Response" in front.ask(*accounting("Accounting-On", "x", ""), later, accounting=True)
    closed = committed.all("SELECT closed_by FROM accounting_live WHERE acctsessionid = %s", run_id)
    assert closed == [("restart",)]


def listed(committed, person):
    """What the API tells that person of sessions."""

    def ask():
        with people.web_client() as client:
            return client.get("/api/v1/aaa_accounting/", headers=committed.world.people[person].headers).json()["results"]

    return portals.elsewhere(committed, ask)


# --- who may ask ------------------------------------------------------------------------------------------------------------


def told(server, path="authorize", *, token, source="127.0.0.1", method="POST", **said):
    """What the door itself answers."""
    body = {name.replace("_", "-"): {"type": "string", "value": [value]} for name, value in said.items()}
    return httpx.request(
        method, f"http://127.0.0.1:{server.service.door.port}/freeradius/{path}", params={"source": source}, json=body,
        headers={"Authorization": f"Bearer {token}"}, timeout=10,
    )  # fmt: skip


def test_a_stranger_s_token_reaches_neither_nas_nor_users_of_another_tenant(server, committed, tmp_path):
    _, name = committed.user(profile="acme")
    world = committed.world
    auth, acct = written(tmp_path, port=server.service.door.port, token=world.stranger.token)
    with freeradius_front.front(tmp_path, secret=_SECRET, auth_port=auth, acct_port=acct) as front:
        # Their own NAS is 127.0.0.4: acme's user is unknown there, acme's NAS is not known at all.
        assert "Access-Reject" in front.ask(*pap(name), source="127.0.0.4")
        assert front.ask(*pap(name), within=1) == ""
        assert front.ask(*accounting("Start", "stranger-1", name), accounting=True, within=1) == ""
    until(lambda: logged(committed, name) == [(False, "PAP", "unknown-user")])
    (tenant,) = {row for (row,) in committed.all("SELECT tenant_id FROM access_sign_in WHERE username = %s", name)}
    assert tenant == world.organizations["rival"]
    assert committed.all("SELECT 1 FROM accounting_live WHERE acctsessionid = 'stranger-1'") == []


def test_a_token_of_a_branch_reaches_the_nas_of_that_branch(server, committed):
    _, name = committed.user(organization="acme-west")
    ask = {"User_Name": name, "User_Password": PASSWORD}
    assert told(server, token=committed.world.west.token, source="127.0.0.2", **ask).status_code == 200
    assert told(server, token=committed.world.west.token, source="127.0.0.1", **ask).status_code == 404
    # By what the packet says, where it came by way of somebody GATE does not know.
    away = {"source": "192.0.2.9", **ask}
    assert told(server, token=committed.world.west.token, NAS_IP_Address="127.0.0.2", **away).status_code == 200
    assert told(server, token=committed.world.west.token, NAS_Identifier="acme-west-nas", **away).status_code == 200
    assert told(server, token=committed.world.west.token, NAS_Identifier="acme-nas", **away).status_code == 404


@pytest.mark.parametrize("who", ["mate", "nobody", "revoked"])
def test_a_token_that_will_not_do_is_no_refusal_of_the_guest(server, committed, who):
    _, name = committed.user()
    token = f"gate_{secrets.token_urlsafe(32)}"
    if who == "mate":
        token = committed.world.mate.token
    elif who == "revoked":
        committed.all(
            "INSERT INTO tokens_apitoken (tenant_id, organization_id, name, prefix, digest, permissions, networks, created,"
            " revoked, created_by) SELECT tenant_id, organization_id, 'x', 'x', sha256(%s::bytea), permissions, networks, now(),"
            " now(), '' FROM tokens_apitoken WHERE digest = sha256(%s::bytea)",
            token.encode(), committed.world.owner.token.encode(),
        )  # fmt: skip
    assert told(server, token=token, User_Name=name, User_Password=PASSWORD).status_code == 403
    assert logged(committed, name) == []


def test_what_cannot_be_carried_is_said(server, committed):
    token, ask = committed.world.owner.token, {"User_Name": "x", "User_Password": "y"}
    assert told(server, token=token, User_Name="x", EAP_Message="0x01").status_code == 400
    assert told(server, token=token, User_Name="x", User_Password="y" * 129).status_code == 400
    assert told(server, "nothing", token=token, **ask).status_code == 404
    assert told(server, token=token, method="GET", **ask).status_code == 405
    assert told(server, "accounting", token=token, Acct_Status_Type="1").status_code == 400  # no Acct-Session-Id
    address = f"http://127.0.0.1:{server.service.door.port}/freeradius/authorize"
    headers = {"Authorization": f"Bearer {token}"}
    hostile = (b"[" * 200_000, b'{"User-Name": {"type": "string", "value": [null]}}')
    for body in (b"", b"{", b"[1]", b'{"User-Name": 7}', b'{"User-Name": {"value": 7}}', b"\xff", *hostile):
        assert httpx.post(address, params={"source": "127.0.0.1"}, content=body, headers=headers).status_code == 400
    assert httpx.post(address, content=b"x" * (door.LARGEST_BODY + 1), headers=headers).status_code == 413
    assert httpx.post(address, content=iter([b"{}"]), headers=headers).status_code == 411


@pytest.mark.parametrize(
    "head",
    [
        b"POST /freeradius/authorize?" + b"&".join(b"a%d=1" % n for n in range(17)) + b" HTTP/1.1\r\nContent-Length: 0",
        b"POST / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 5",
        b"POST / HTTP/1.1\r\nContent-Length: \xb2",
        b"POST /\xff?\xff=%ff HTTP/1.1\r\nContent-Length: 0\r\n\xff: \xff\r\nConnection: close",
    ],
)
def test_hostile_heads_are_answered(server, head):
    with socket.create_connection(("127.0.0.1", server.service.door.port), timeout=5) as raw:
        raw.sendall(head + b"\r\n\r\n")
        reply = raw.recv(65_536)
    assert reply[:10] == b"HTTP/1.1 4", "an answer, not a connection torn off"


def test_a_source_has_no_zone(server, committed):
    """It could be any text; the device's own NAS-IP-Address counts then."""
    ask = {"token": committed.world.owner.token, "User_Name": "x", "User_Password": "y", "source": "fe80::1%" + "z" * 100}
    assert told(server, **ask).status_code == 404
    assert told(server, NAS_IP_Address="127.0.0.1", **ask).status_code == 401


def test_a_connection_without_a_right_token_ends(server, committed):
    """Nobody sits on the connections there are."""
    with socket.create_connection(("127.0.0.1", server.service.door.port), timeout=5) as raw:
        raw.sendall(b"POST /freeradius/authorize HTTP/1.1\r\nAuthorization: Bearer x\r\nContent-Length: 2\r\n\r\n{}")
        reply = b""
        while octets := raw.recv(65_536):
            reply += octets
    assert reply.startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize(
    "said", [b"\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"\x00" * 64, b"A" * 20_000]
)
def test_what_is_no_http_ends_the_connection(server, committed, said):
    with socket.create_connection(("127.0.0.1", server.service.door.port), timeout=5) as raw:
        raw.sendall(said)
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(65_536)[:12] in {b"", b"HTTP/1.1 400", b"HTTP/1.1 411", b"HTTP/1.1 413"}
    assert told(server, token=committed.world.owner.token, User_Name="x", User_Password="y").status_code == 401


def test_while_gate_is_away_nobody_is_refused_and_nothing_is_acknowledged(committed, tmp_path, run_id):
    _, name = committed.user()
    port = freeradius_front.free_port(socket.SOCK_STREAM)
    auth, acct = written(tmp_path, port=port, token=committed.world.owner.token)
    with freeradius_front.front(tmp_path, secret=_SECRET, auth_port=auth, acct_port=acct) as front:
        assert front.ask(*pap(name), within=1) == ""
        assert front.ask(*accounting("Start", run_id, name), accounting=True, within=1) == ""
        with radius_server.serving(committed, GATE_FREERADIUS_PORT=str(port)):
            # It comes back by itself, within the pool's second of patience.
            until(lambda: "Access-Accept" in front.ask(*pap(name), within=2), within=20)
            assert "Accounting-Response" in front.ask(*accounting("Start", run_id, name), accounting=True)
    assert committed.one("SELECT count(*) FROM accounting_live WHERE acctsessionid = %s", run_id) == 1
