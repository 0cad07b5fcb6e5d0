"""RadSec with other people's programs: FreeRADIUS and radsecproxy as NAS of GATE."""

import os

import pytest

import people
import radsec_programs as programs
from radius_server import until

pytestmark = pytest.mark.django_db

NAME = "ap-9.example.net"


def needs(program, package):
    """Skips where the program is missing; where CI may install it, it has to be there."""
    missing = program is None or programs.RADCLIENT is None
    assert not (missing and os.environ.get("CI")), f"{package} and freeradius-utils have to be installed"
    return pytest.mark.skipif(missing, reason=f"Debian: {package}, freeradius-utils are not installed: RADSEC IS NOT TESTED")


@pytest.fixture
def tls(radsec):
    """A certificate of GATE's CA, bound to a NAS."""
    radsec.bind("acme", radsec_name=NAME)
    return programs.Tls(*radsec.files.stored(radsec.files.pair(NAME)), radsec.files.ca)


@pytest.fixture
def freeradius(tmp_path, radsec, tls, request):
    with programs.freeradius_client(tmp_path, tls=tls, to=radsec.port, **request.param) as near:
        yield near


@pytest.fixture
def radsecproxy(tmp_path, radsec, tls):
    with programs.radsecproxy_client(tmp_path, tls=tls, to=radsec.port) as near:
        yield near


def _signs_in_and_accounts(near, radsec, committed, session):
    _, username = committed.user(recoverable=True)
    right = near.ask("auth", f"User-Name = {username}", f"User-Password = '{people.PASSWORD}'")
    assert "Received Access-Accept" in right, right + near.log.read_text()[-4000:]
    assert "Received Access-Accept" in near.ask("auth", f"User-Name = {username}", f"CHAP-Password = '{people.PASSWORD}'")
    assert "Received Access-Reject" in near.ask("auth", f"User-Name = {username}", "User-Password = wrong")
    told = (f"User-Name = {username}", f"Acct-Session-Id = {session}", "NAS-IP-Address = 192.0.2.9")
    for status in ("Start", "Interim-Update", "Stop"):
        assert "Received Accounting-Response" in near.ask("acct", f"Acct-Status-Type = {status}", *told)
    rows = committed.all("SELECT username, acctstoptime IS NOT NULL FROM accounting_live WHERE acctsessionid = %s", session)
    assert rows == [(username, True)]
    assert radsec.radsec.packets["received", "radius/1.0"] >= 6


@needs(programs.FREERADIUS, "freeradius")
@pytest.mark.parametrize("freeradius", [{"version": "1.2"}, {"version": "1.3", "status": "status-server"}], indirect=True)
def test_freeradius_is_a_nas(freeradius, radsec, committed, run_id):
    _signs_in_and_accounts(freeradius, radsec, committed, f"{run_id}-freeradius")


@needs(programs.RADSECPROXY, "radsecproxy")
def test_radsecproxy_is_a_nas(radsecproxy, radsec, committed, run_id):
    _signs_in_and_accounts(radsecproxy, radsec, committed, f"{run_id}-radsecproxy")


@needs(programs.RADSECPROXY, "radsecproxy")
def test_radsecproxy_loses_its_connection_with_its_binding(radsecproxy, radsec, committed):
    _, username = committed.user()
    question = ("auth", f"User-Name = {username}", f"User-Password = '{people.PASSWORD}'")
    assert "Received Access-Accept" in radsecproxy.ask(*question)
    before = radsec.closed("unbound")
    radsec.bind("acme", radsec_name="somebody-else.example.net")
    until(lambda: radsec.closed("unbound") > before)
