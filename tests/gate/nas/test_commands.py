import dataclasses

import pytest
from django.db import IntegrityError, connection, transaction

from gate.core import seal
from gate.core.errors import Conflict, Invalid, Missing, NotFound
from gate.nas import commands, models, queries
from gate.nas.types import NasDraft


def draft(world, **said):
    base = {
        "organization_id": world.organizations["acme-west"],
        "name": "Controller",
        "short_name": "wlc",
        "address": "192.0.2.7",
    }
    return NasDraft(**base | said)


def stored_secret(nas_id):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret_sealed FROM nas_nas WHERE id = %s", [nas_id])
        sealed = bytes(cursor.fetchone()[0])
    return seal.unseal(sealed, purpose="nas-secret", row=f"nas:{nas_id}").decode()


def test_a_new_nas_tells_its_secret_once_and_stores_it_sealed_to_its_row(world):
    made = commands.create_nas(world.owner.scope, draft=draft(world))
    assert len(made.secret) >= 24
    assert stored_secret(made.nas.id) == made.secret
    assert made.secret not in repr(made)
    assert "secret" not in {item.name for item in dataclasses.fields(queries.get_nas(world.owner.scope, nas_id=made.nas.id))}
    assert commands.create_nas(world.owner.scope, draft=draft(world, address="192.0.2.8")).secret != made.secret


def test_a_secret_may_be_brought_along(world):
    made = commands.create_nas(world.owner.scope, draft=draft(world), secret="brought-from-elsewhere")
    assert stored_secret(made.nas.id) == made.secret == "brought-from-elsewhere"


def test_rotation_replaces_the_secret(world):
    made = commands.create_nas(world.owner.scope, draft=draft(world))
    turned = commands.rotate_secret(world.owner.scope, nas_id=made.nas.id)
    assert stored_secret(made.nas.id) == turned.secret != made.secret


def test_an_update_keeps_the_secret(world):
    made = commands.create_nas(world.owner.scope, draft=draft(world))
    changed = commands.update_nas(
        world.owner.scope, nas_id=made.nas.id, draft=dataclasses.replace(made.nas, address="2001:db8::/64")
    )
    assert changed.address == "2001:db8::/64"
    assert stored_secret(made.nas.id) == made.secret


def test_who_is_out_of_reach_changes_nothing(world):
    made = commands.create_nas(world.west.scope, draft=draft(world))
    for person in (world.east, world.stranger):
        with pytest.raises(NotFound):
            queries.get_nas(person.scope, nas_id=made.nas.id)
        with pytest.raises(NotFound):
            commands.rotate_secret(person.scope, nas_id=made.nas.id)
        with pytest.raises(NotFound):
            commands.update_nas(person.scope, nas_id=made.nas.id, draft=made.nas)
        with pytest.raises(NotFound):
            commands.delete_nas(person.scope, nas_id=made.nas.id)
        with pytest.raises(Invalid, match="No such organization"):
            commands.create_nas(person.scope, draft=draft(world, address="192.0.2.99"))
    assert queries.get_nas(world.owner.scope, nas_id=made.nas.id) == made.nas
    assert stored_secret(made.nas.id) == made.secret


def test_an_address_belongs_to_one_nas_of_the_whole_install(world):
    commands.create_nas(world.owner.scope, draft=draft(world))
    with pytest.raises(Conflict) as refused:
        commands.create_nas(world.stranger.scope, draft=draft(world, organization_id=world.organizations["rival"]))
    assert list(refused.value.fields) == ["address"]


def test_nas_known_by_certificate_need_no_address(world):
    first, second = (
        commands.create_nas(world.owner.scope, draft=draft(world, address=None, radsec_name=name)).nas
        for name in ("ap-1", "ap-2")
    )
    assert (first.address, second.address) == (None, None)
    assert queries.get_nas(world.owner.scope, nas_id=second.id).radsec_name == "ap-2"
    with pytest.raises(NotFound):
        queries.get_nas(world.stranger.scope, nas_id=first.id)
    rival = draft(world, organization_id=world.organizations["rival"], address=None, radsec_name="ap-1")
    with pytest.raises(Conflict) as refused:
        commands.create_nas(world.stranger.scope, draft=rival)
    assert list(refused.value.fields) == ["radsec_name"]


def test_a_nas_is_known_by_something_at_all_times(world):
    made = commands.create_nas(world.owner.scope, draft=draft(world, address=None, radsec_name="ap-1")).nas
    with pytest.raises(Missing) as refused:
        commands.update_nas(world.owner.scope, nas_id=made.id, draft=dataclasses.replace(made, radsec_name=""))
    assert list(refused.value.fields) == ["address"]
    with pytest.raises(IntegrityError, match="nas_known"), transaction.atomic():
        models.Nas.unscoped.filter(pk=made.id).update(radsec_name="")
    moved = dataclasses.replace(made, radsec_name="", address="192.0.2.7")
    assert commands.update_nas(world.owner.scope, nas_id=made.id, draft=moved).address == "192.0.2.7/32"


def test_several_share_an_address_by_their_identifiers(world):
    """Of whichever tenant: who shares has said so, and who stands alone is never joined."""
    behind = {"address": "192.0.2.99", "by_identifier": True}
    first = commands.create_nas(world.owner.scope, draft=draft(world, **behind, nas_identifier="ap1")).nas
    commands.create_nas(world.owner.scope, draft=draft(world, **behind))
    rival = {"organization_id": world.organizations["rival"], **behind}
    commands.create_nas(world.stranger.scope, draft=draft(world, **rival, nas_identifier="ap2"))
    for said in ({"nas_identifier": "ap1"}, {}, {"by_identifier": False}, {"by_identifier": False, "nas_identifier": "ap3"}):
        with pytest.raises(Conflict, match="shares it under this NAS-Identifier"):
            commands.create_nas(world.stranger.scope, draft=draft(world, **rival | said))
    with pytest.raises(Conflict):
        commands.update_nas(world.owner.scope, nas_id=first.id, draft=dataclasses.replace(first, by_identifier=False))
    alone = commands.create_nas(world.owner.scope, draft=draft(world, address="192.0.2.98", nas_identifier="ap1")).nas
    with pytest.raises(Conflict):
        commands.create_nas(world.stranger.scope, draft=draft(world, **rival | {"address": "192.0.2.98", "nas_identifier": "x"}))
    assert (
        commands.update_nas(world.owner.scope, nas_id=alone.id, draft=dataclasses.replace(alone, packet_rate=5)).packet_rate == 5
    )


def test_who_need_not_sign_is_not_known_to_sign(world):
    made = commands.create_nas(world.owner.scope, draft=draft(world)).nas
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO nas_posture (nas_id, tenant_id, signed, signers) VALUES (%s, %s, 3, %s::inet[])",
            [made.id, world.owner.scope.tenant_id, ["192.0.2.7"]],
        )
    for said, signers in (({"name": "Other"}, 1), ({"message_authenticator": "off"}, 0)):
        commands.update_nas(world.owner.scope, nas_id=made.id, draft=dataclasses.replace(made, **said))
        held = models.Posture.objects.get(nas_id=made.id)
        assert (held.signed, len(held.signers)) == (3, signers)
    commands.delete_nas(world.owner.scope, nas_id=made.id)
    assert not models.Posture.objects.filter(nas_id=made.id).exists()


def test_a_location_out_of_reach_is_no_location(world):
    with pytest.raises(Invalid) as refused:
        commands.create_nas(world.west.scope, draft=draft(world, location_id=world.locations["rival"]))
    assert list(refused.value.fields) == ["location"]


def test_lists_and_names_stay_within_reach(world):
    assert [row.short_name for row in queries.list_nas(world.owner.scope, limit=20).results] == [
        "acme-nas",
        "acme-west-nas",
        "acme-east-nas",
    ]
    assert queries.list_nas(world.owner.scope, limit=1, offset=1).results[0].id == world.nas["acme-west"]
    assert queries.list_nas(world.owner.scope, is_active=False, limit=1).count == 0
    assert queries.nas_names(world.east.scope, nas_ids=list(world.nas.values())) == {world.nas["acme-east"]: "acme-east-nas"}
    commands.delete_nas(world.stranger.scope, nas_id=world.nas["rival"])
    assert not queries.exists(world.stranger.scope)


@pytest.mark.parametrize("said", [{"radsec_name": "ap-7.example.net"}, {"radsec_fingerprint": "ab" * 32}])
def test_a_certificate_is_of_one_nas_of_the_whole_install(world, said):
    made = commands.create_nas(world.owner.scope, draft=draft(world, **said))
    elsewhere = draft(world, organization_id=world.organizations["rival"], address="192.0.2.8", **said)
    with pytest.raises(Conflict) as refused:
        commands.create_nas(world.stranger.scope, draft=elsewhere)
    assert set(refused.value.fields) == set(said)
    commands.delete_nas(world.owner.scope, nas_id=made.nas.id)
    assert commands.create_nas(world.stranger.scope, draft=elsewhere).nas.id


def test_the_name_made_of_an_id_is_of_that_nas_alone(world):
    made = commands.create_nas(world.owner.scope, draft=draft(world)).nas
    own = dataclasses.replace(made, radsec_name=f"urn:gate:nas:{made.id}")
    with pytest.raises(Invalid, match="another NAS"):
        commands.create_nas(
            world.stranger.scope,
            draft=dataclasses.replace(
                draft(world, address="192.0.2.8", organization_id=world.organizations["rival"]), radsec_name=own.radsec_name
            ),
        )
    assert commands.update_nas(world.owner.scope, nas_id=made.id, draft=own).radsec_name == own.radsec_name
