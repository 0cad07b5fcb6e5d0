"""`gate radius ca` and `gate radius crl`."""

import argparse
import json

import pytest

from gate.commands import authorities, certs
from gate.core import clock
from gate.core.errors import Invalid

pytestmark = pytest.mark.django_db


def run(capsys, function, **said):
    options = argparse.Namespace(**{"organization": "acme", "json": True, "name": None, "crl": None, "ca": None} | said)
    assert getattr(authorities, function)(options) == 0
    told = capsys.readouterr().out
    return json.loads(told) if told and options.json else told


def test_added_listed_given_a_list_and_removed(world, capsys, tmp_path):
    pairs = [certs.make_authority(name=name, now=clock.now()) for name in ("one", "two")]
    for pair in pairs:
        (tmp_path / "ca.pem").write_bytes(pair.certificate_pem)
        run(capsys, "add", file=str(tmp_path / "ca.pem"))
    (tmp_path / "crl").write_bytes(certs.make_crl(authority=pairs[1], revoked={}, now=clock.now()))
    (told,) = run(capsys, "crl", file=str(tmp_path / "crl"))
    assert (told["name"], told["crl"]) == ("CN=two", True)
    listed = run(capsys, "listing")
    assert [(one["name"], one["crl"]) for one in listed] == [("CN=one", False), ("CN=two", True)]
    assert "no list of revoked certificates" in run(capsys, "listing", json=False)
    assert run(capsys, "listing", organization="rival") == []
    run(capsys, "remove", id=listed[1]["id"])
    with pytest.raises(Invalid, match="None of the tenant's CAs has signed"):
        authorities.crl(argparse.Namespace(organization="acme", file=str(tmp_path / "crl"), ca=None, json=False))
    with pytest.raises(Invalid, match="No such file"):
        run(capsys, "add", file=str(tmp_path / "nowhere"))
