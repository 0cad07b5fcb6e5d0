"""The page of a tenant's CAs: pasted, listed with what is wrong, given lists, and nobody else's."""

import pytest

from gate.commands import certs
from gate.core import clock
from gate.organizations.models import Authority

PATH = "organizations/authority/"


def ca(name="Root of acme"):
    return certs.make_authority(name=name, now=clock.now())


def test_a_ca_is_trusted_given_a_list_and_removed(world, desk):
    pair, browser = ca(), desk(world.owner)
    said = {"name": "Phones", "certificate": pair.certificate_pem.decode()}
    assert browser.post(f"{PATH}add/", **said).status_code == 302
    row = Authority.unscoped.get()
    assert "Phones" in browser.get(PATH).text
    assert "No list" in browser.get(PATH).text
    crl = certs.make_crl(authority=pair, revoked={}, now=clock.now())
    said = {"name": "Phones", "csrfmiddlewaretoken": browser.client.cookies["csrftoken"]}
    reply = browser.client.post(f"/console/{PATH}{row.pk}/change/", data=said, files={"crl": ("ca.crl", crl)})
    assert reply.status_code == 302
    row.refresh_from_db()
    assert row.crl == crl.decode()
    row.expires = clock.now()
    row.save()
    assert "Ended" in browser.get(PATH).text
    assert browser.post(f"{PATH}{row.pk}/delete/", post="yes").status_code == 302
    assert Authority.unscoped.count() == 0


def test_a_refusal_is_said_at_the_field(world, desk):
    browser = desk(world.owner)
    reply = browser.post(f"{PATH}add/", name="", certificate="nonsense")
    assert "Holds no X.509 certificate" in reply.text
    assert Authority.unscoped.count() == 0


@pytest.mark.parametrize("name", ["mate", "west", "stranger"])
def test_others_change_nothing_and_see_their_own(world, desk, name):
    pair = ca()
    desk(world.owner).post(f"{PATH}add/", name="", certificate=pair.certificate_pem.decode())
    row = Authority.unscoped.get()
    browser = desk(world.people[name])
    assert ("Root of acme" in browser.get(PATH).text) is (name == "mate")
    browser.post(f"{PATH}{row.pk}/change/", name="mine")
    browser.post(f"{PATH}{row.pk}/delete/", post="yes")
    if name != "stranger":
        browser.post(f"{PATH}add/", name="", certificate=ca("other").certificate_pem.decode())
    assert list(Authority.unscoped.values_list("name", flat=True)) == ["CN=Root of acme"]
