"""GATE as the client of RadSec: FreeRADIUS and radsecproxy as home servers, and servers that behave badly."""

import asyncio
import os
import ssl

import pytest

import people
import radsec_programs as programs
from gate import settings as gate_settings
from gate.commands import certs
from gate.core import clock
from gate.protocols.radius import pap, signing
from gate.protocols.radius.codes import Code
from gate.protocols.radius.packet import Packet, encode_attribute
from gate.radiusd.metrics import Metrics
from gate.radiusd.proxy.homes import Home
from gate.radiusd.radsec.dial import Dialer

pytestmark = pytest.mark.django_db

SERVER = "home.example.net"


def needs(program, package):
    assert program is not None or not os.environ.get("CI"), f"{package} has to be installed"
    return pytest.mark.skipif(program is None, reason=f"Debian: {package} is not installed: DIALLING IS NOT TESTED")


@pytest.fixture(scope="module")
def authority():
    return certs.make_authority(name="CA of homes", now=clock.now())


@pytest.fixture
def files(tmp_path, authority):
    """What GATE and its home server show each other."""

    def stored(name, pair):
        (tmp_path / f"{name}.pem").write_bytes(pair.certificate_pem)
        (tmp_path / f"{name}.key").write_bytes(pair.key_pem)
        return tmp_path / f"{name}.pem", tmp_path / f"{name}.key"

    now = clock.now()
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
    home = stored("home", certs.issue(authority=authority, name=SERVER, now=now, is_server=True, days=9))
    gate = stored(
        "gate", certs.issue(authority=authority, name="gate", now=now, is_server=False, days=9, labels=["gate.example.net"])
    )
    return programs.Tls(*home, tmp_path / "ca.pem"), programs.Tls(*gate, tmp_path / "ca.pem")


def dialled(gate, port, metrics=None, **said):
    settings = gate_settings.read({
        "HOME": "/nonexistent", "GATE_RADSEC_HOME_CERT": str(gate.certificate), "GATE_RADSEC_HOME_KEY": str(gate.key),
        "GATE_RADSEC_HOME_CA": str(gate.ca),
    })  # fmt: skip
    home = {
        "id": 1, "tenant_id": 1, "name": "home", "host": "127.0.0.1", "transport": "tls", "auth_port": port, "acct_port": port,
        "tls_name": SERVER, "secret": b"radsec", "require_message_authenticator": True, "timeout": 2.0, "tries": 2,
        "health": "status", "zombie_period": 20.0, "check_interval": 10.0, "revive_after": 60.0,
    }  # fmt: skip
    return Dialer(settings=settings, metrics=Metrics() if metrics is None else metrics)(Home(**home | said))


def sign_in(username, password):
    def encode(secret, authenticator):
        return encode_attribute(1, username.encode()) + encode_attribute(2, pap.encrypt(password.encode(), secret, authenticator))

    return Code.ACCESS_REQUEST, encode


def accounting(session):
    parts = ((40, (1).to_bytes(4, "big")), (44, session.encode()), (1, b"somebody"), (4, bytes((192, 0, 2, 9))))
    return Code.ACCOUNTING_REQUEST, lambda _secret, _authenticator: b"".join(encode_attribute(*part) for part in parts)


STATUS = (Code.STATUS_SERVER, lambda _secret, _authenticator: b"")


def run(work):
    """With a moment for what was closed to be gone."""

    async def settled():
        try:
            return await work
        finally:
            await asyncio.sleep(0.1)

    return asyncio.run(settled())


async def ask(upstream, *questions):
    """What each is answered."""
    loop = asyncio.get_running_loop()
    answers = [loop.create_future() for _ in questions]
    for (code, encode), answer in zip(questions, answers, strict=True):
        assert upstream.send(code=code, encode=encode, done=answer.set_result)
    return await asyncio.wait_for(asyncio.gather(*answers), 15)


@needs(programs.FREERADIUS, "freeradius")
def test_freeradius_is_a_home_server(tmp_path, files):
    home, gate = files

    async def talk(port):
        upstream = dialled(gate, port)
        right, wrong, booked, status = await ask(
            upstream, sign_in("somebody", "far away"), sign_in("somebody", "wrong"), accounting("s-1"), STATUS
        )
        many = await ask(upstream, *[sign_in(f"user{n}", "far away" if n % 2 else "wrong") for n in range(300)])
        assert upstream.in_flight == 0
        upstream.close()
        return right, wrong, booked, status, many

    (tmp_path / "freeradius").mkdir()
    with programs.freeradius_home(tmp_path / "freeradius", tls=home) as port:
        right, wrong, booked, status, many = run(talk(port))
    assert right.packet.code == Code.ACCESS_ACCEPT
    assert right.packet.get(18) == b"from afar"
    assert wrong.packet.code == Code.ACCESS_REJECT
    assert booked.packet.code == Code.ACCOUNTING_RESPONSE
    assert status.packet.code == Code.ACCESS_ACCEPT
    assert [answer.packet.code for answer in many] == [2 if n % 2 else 3 for n in range(300)]


@needs(programs.RADSECPROXY, "radsecproxy")
def test_radsecproxy_is_a_home_server(tmp_path, files, server, committed, run_id):
    """Behind it is GATE once more, by UDP."""
    home, gate = files
    _, username = committed.user()

    async def talk(port):
        upstream = dialled(gate, port)
        answers = await ask(upstream, sign_in(username, people.PASSWORD), sign_in(username, "wrong"), accounting(f"{run_id}-far"))
        upstream.close()
        return [answer.packet.code for answer in answers]

    with programs.radsecproxy_home(
        tmp_path, tls=home, source="127.0.0.1", auth=server.auth_port, acct=server.acct_port, secret=committed.world.nas_secret
    ) as port:
        assert run(talk(port)) == [Code.ACCESS_ACCEPT, Code.ACCESS_REJECT, Code.ACCOUNTING_RESPONSE]
    assert committed.one("SELECT username FROM accounting_live WHERE acctsessionid = %s", f"{run_id}-far") == "somebody"


def answered(octets):
    """What a server says to a request that was `octets`."""
    return signing.response(
        code=2,
        identifier=octets[1],
        request_authenticator=octets[4:20],
        secret=b"radsec",
        attributes=encode_attribute(18, b"hello"),
    )


async def _serve(home, behave):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home.certificate, home.key)
    context.load_verify_locations(home.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    served = await asyncio.start_server(behave, "127.0.0.1", 0, ssl=context)
    return served, served.sockets[0].getsockname()[1]


async def _packet(reader):
    head = await reader.readexactly(4)
    return head + await reader.readexactly(int.from_bytes(head[2:], "big") - 4)


@pytest.mark.parametrize("bad", ["garbage", "wrong-signature", "closes", "another-code"])
def test_a_server_that_behaves_badly_gives_no_answer_and_the_next_connection_does(files, bad):
    home, gate = files
    connections, metrics = [], Metrics()

    async def behave(reader, writer):
        connections.append(writer)
        octets = await _packet(reader)
        if len(connections) > 1:
            writer.write(answered(octets))
        elif bad == "garbage":
            writer.write(b"\0" * 40)
        elif bad == "wrong-signature":
            right = answered(octets)
            writer.write(right[:-1] + bytes((right[-1] ^ 1,)))
        elif bad == "another-code":
            writer.write(bytes((5,)) + answered(octets)[1:])
        else:
            writer.close()

    async def talk():
        served, port = await _serve(home, behave)
        upstream = dialled(gate, port, metrics, timeout=0.3, tries=1)
        (first,) = await ask(upstream, sign_in("somebody", "x"))
        if bad == "another-code":
            # Passed over: nobody is waiting for it, and the connection is none the worse.
            upstream.close()
            upstream = dialled(gate, port, metrics)
        (second,) = await ask(upstream, sign_in("somebody", "x"))
        upstream.close()
        for writer in connections:
            writer.transport.abort()
        served.close()
        await served.wait_closed()
        return first, second

    first, second = run(talk())
    assert first is None
    assert second.packet.get(18) == b"hello"
    assert Packet.parse(answered(bytes(20))).code == second.packet.code


@pytest.mark.parametrize("wrong", ["name", "ca", "nobody-there", "no-files"])
def test_a_server_that_is_not_who_it_should_be_hears_nothing(tmp_path, files, wrong):
    home, gate = files
    heard, metrics = [], Metrics()

    async def behave(reader, writer):
        heard.append(await reader.read(1))
        writer.close()

    async def talk():
        served, port = await _serve(home, behave)
        shown, said = gate, {}
        if wrong == "name":
            said["tls_name"] = "somebody-else.example.net"
        elif wrong == "ca":
            (tmp_path / "other.pem").write_bytes(certs.make_authority(name="Other", now=clock.now()).certificate_pem)
            shown = programs.Tls(gate.certificate, gate.key, tmp_path / "other.pem")
        elif wrong == "nobody-there":
            served.close()
            await served.wait_closed()
        else:
            shown = programs.Tls(tmp_path / "absent.pem", gate.key, gate.ca)
        upstream = dialled(shown, port, metrics, **said)
        (answer,) = await ask(upstream, sign_in("somebody", "a password"))
        # Not tried again at once.
        assert not upstream.send(code=1, encode=sign_in("x", "y")[1], done=lambda _: None)
        upstream.close()
        served.close()
        return answer

    assert run(talk()) is None
    assert metrics["proxy.connect-failed"] == 1
    assert not any(heard)
