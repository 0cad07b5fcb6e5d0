"""POST /user_extra/"""

import datetime as dt
import json
from typing import Any

import pytest

import contract
from gate.core import seal
from gate.users.extra_rules import CUSTOM_FIELDS
from gate.users.models import UserExtra

URL = "/api/v1/user_extra/"
ENDPOINT = "POST /user_extra/"


def test_the_example_works_as_written(world: Any, web: Any, on: Any) -> None:
    on(dt.datetime(2024, 1, 15, 9, 30, tzinfo=dt.UTC))
    body = {**contract.requests(ENDPOINT)[0], "parent": world.users["acme"]}
    reply = web.post(URL, json=body, headers=world.owner.headers)
    assert reply.status_code == 201, reply.text
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert {name: reply.json()[name] for name in body} == body
    assert (reply.json()["age"], reply.json()["age_range"]) == (31, "30-34")
    assert {reply.json()[name] for name in ("tax_id", "passport_number", "hometown", *CUSTOM_FIELDS[2:])} == {None}


def test_only_the_parent_is_needed_and_the_three_forms(world: Any, web: Any) -> None:
    users = world.users
    forms: list[Any] = [
        {"parent": users["acme"]}, {"data": {"parent": f"user_{users['acme-west']}"}},
        {"data": json.dumps({"parent": users["acme-east"]})},
    ]  # fmt: skip
    for form in forms:
        reply = web.post(URL, json=form, headers=world.owner.headers)
        assert (reply.status_code, reply.json()["accept_terms"]) == (201, False)


def test_numbers_are_stored_encrypted_and_bound_to_their_record(world: Any, web: Any) -> None:
    body = {"parent": world.users["acme"], "tax_id": "123-45-6789", "passport_number": "X12345678", "country_id": "us"}
    reply = web.post(URL, json=body, headers=world.owner.headers).json()
    assert (reply["tax_id"], reply["passport_number"], reply["country_id"]) == ("123-45-6789", "X12345678", "US")
    row = UserExtra.unscoped.get(pk=reply["id"])
    assert b"123-45" not in bytes(row.tax_id_sealed)
    assert seal.unseal(row.tax_id_sealed, purpose="tax-id", row=f"user-extra:{row.pk}") == b"123-45-6789"
    with pytest.raises(seal.SealError):
        seal.unseal(row.tax_id_sealed, purpose="tax-id", row=f"user-extra:{row.pk + 1}")
    with pytest.raises(seal.SealError):
        seal.unseal(row.tax_id_sealed, purpose="passport-number", row=f"user-extra:{row.pk}")


def test_what_is_given_comes_before_what_follows(world: Any, web: Any) -> None:
    body = {"parent": world.users["acme"], "birthday": "1985-06-15", "age": 7, "age_range": "kids"}
    reply = web.post(URL, json=body, headers=world.owner.headers).json()
    assert (reply["age"], reply["age_range"]) == (7, "kids")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"gender": "x"}, "gender"),
        ({"gender": "female"}, "gender"),
        ({"birthday": "15.06.1985"}, "birthday"),
        ({"birthday": "1985-02-30"}, "birthday"),
        ({"birthday": 500}, "birthday"),
        ({"birthday": "2999-01-01"}, "birthday"),
        ({"birthday": "1700-01-01"}, "birthday"),
        ({"age": -1}, "age"),
        ({"age": 151}, "age"),
        ({"country_id": "USA"}, "country_id"),
        ({"telephone": "1" * 51}, "telephone"),
        ({"custom_field_8": "x" * 501}, "custom_field_8"),
        ({"accept_terms": None}, "accept_terms"),
        ({"accept_terms": "perhaps"}, "accept_terms"),
        ({"parent": None}, "parent"),
        ({"parent": "x"}, "parent"),
    ],
)
def test_bad_values_are_refused_by_name(world: Any, web: Any, body: dict[str, Any], field: str) -> None:
    reply = web.post(URL, json={"parent": world.users["acme"], **body}, headers=world.owner.headers)
    assert (reply.status_code, set(reply.json()["errors"])) == (400, {field})
    assert not UserExtra.unscoped.exists()


def test_the_parent(world: Any, web: Any) -> None:
    missing = web.post(URL, json={"title": "Dr."}, headers=world.owner.headers)
    assert (missing.status_code, missing.json()["code"], set(missing.json()["errors"])) == (400, "missing", {"parent"})
    body = {"parent": world.users["acme"]}
    gone = [web.post(URL, json=body, headers=person.headers) for person in (world.west, world.east, world.stranger)]
    gone.append(web.post(URL, json={"parent": 2**60}, headers=world.owner.headers))
    assert {reply.status_code for reply in gone} == {404}
    assert len({reply.text for reply in gone}) == 1
    assert not UserExtra.unscoped.exists()
    assert web.post(URL, json=body, headers=world.owner.headers).status_code == 201
    again = web.post(URL, json={**body, "title": "Dr."}, headers=world.owner.headers)
    assert (again.status_code, set(again.json()["errors"])) == (400, {"parent"})
    assert UserExtra.unscoped.get().title is None


def test_who_may(world: Any, web: Any, grant: Any) -> None:
    body = {"parent": world.users["acme"]}
    assert web.post(URL, json=body).status_code == 401
    assert web.post(URL, json=body, headers=world.mate.headers).status_code == 403
    assert web.post(URL, json=body, headers=grant(world.owner, "user_extra:read", "user:write")).status_code == 403
    narrow = grant(world.owner, "user_extra:write")
    assert web.post(URL, json={"parent": world.mate.user_id}, headers=narrow).status_code == 403  # staff
    assert not UserExtra.unscoped.exists()
    assert web.post(URL, json=body, headers=narrow).status_code == 201
