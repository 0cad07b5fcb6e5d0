"""Writes of NAS. RADIUS hears of each by the table's trigger.

A shared secret is made here, told once to the caller, and stored sealed to its row; nothing reads it back but the RADIUS server.
"""

import secrets
from dataclasses import fields

from django.db import transaction

from gate.core import clock, seal
from gate.core.constraints import spoken
from gate.core.errors import Invalid, NotFound
from gate.core.tenancy import Scope, activate
from gate.nas import models, queries, rules
from gate.nas.types import NAS_LABEL, NasDraft, WithSecret
from gate.nas.types import Nas as StoredNas
from gate.places import queries as places

PURPOSE = "nas-secret"
SENTENCES = {
    "nas_address_once": ("address", "Another NAS has this address, or shares it under this NAS-Identifier."),
    "nas_known": ("address", rules.KNOWN_BY),
    "nas_radsec_name_once": ("radsec_name", "Another NAS has a certificate of this name."),
    "nas_radsec_fingerprint_once": ("radsec_fingerprint", "Another NAS has this certificate."),
}


@transaction.atomic
def create_nas(scope: Scope, *, draft: NasDraft, secret: str | None = None) -> WithSecret:
    """Add a NAS, with a secret made for it or, where a device already has one, with that. Raises Missing, Invalid, Conflict."""
    draft = _settled(scope, draft, nas_id=None)
    plain = _made_secret() if secret is None else rules.checked_secret(secret)
    now = clock.now()
    activate(scope.tenant_id)
    row = models.Nas(tenant_id=scope.tenant_id, created=now, last_change=now, secret_sealed=b"", **_columns(draft))
    with spoken(SENTENCES):
        row.save(force_insert=True)
    # Sealed to its id, which the row has only now.
    _seal(row, plain)
    row.save(update_fields=["secret_sealed"])
    return WithSecret(nas=queries.get_nas(scope, nas_id=row.pk), secret=plain)


@transaction.atomic
def rotate_secret(scope: Scope, *, nas_id: int) -> WithSecret:
    """Give a NAS a new secret; the old one stops working at once. Raises NotFound."""
    row = _locked(scope, nas_id)
    plain = _made_secret()
    _seal(row, plain)
    row.last_change = clock.now()
    row.save(update_fields=["secret_sealed", "last_change"])
    return WithSecret(nas=queries.get_nas(scope, nas_id=nas_id), secret=plain)


@transaction.atomic
def update_nas(scope: Scope, *, nas_id: int, draft: NasDraft) -> StoredNas:
    """Make a NAS what `draft` says; its secret stays. Raises NotFound, Missing, Invalid, Conflict."""
    row = _locked(scope, nas_id)
    for name, value in _columns(_settled(scope, draft, nas_id=nas_id)).items():
        setattr(row, name, value)
    row.last_change = clock.now()
    with spoken(SENTENCES):
        row.save(force_update=True)
    if draft.message_authenticator == "off":
        # The operator says that it need not: nobody is known to send it any more, also when `auto` comes back.
        models.Posture.objects.filter(nas_id=nas_id).update(signers=[])
    return queries.get_nas(scope, nas_id=nas_id)


@transaction.atomic
def delete_nas(scope: Scope, *, nas_id: int) -> None:
    """Remove a NAS: its packets are dropped from now on, its accounting stays. Raises NotFound."""
    _locked(scope, nas_id).delete()


def _locked(scope: Scope, nas_id: int) -> models.Nas:
    row = models.Nas.objects.within(scope).select_for_update().filter(pk=nas_id).first()
    if row is None:
        raise NotFound("No such NAS.")
    return row


def _settled(scope: Scope, draft: NasDraft, *, nas_id: int | None) -> NasDraft:
    draft = rules.checked(draft)
    if draft.radsec_name.startswith(NAS_LABEL) and draft.radsec_name != f"{NAS_LABEL}{nas_id}":
        raise Invalid.field("radsec_name", "This is the name of another NAS.")
    if not scope.covers(draft.organization_id):
        raise Invalid.field("organization", "No such organization.")
    if draft.location_id is not None:
        try:
            places.get_location(scope, location_id=draft.location_id)
        except NotFound:
            raise Invalid.field("location", "No such location.") from None
    return draft


def _made_secret() -> str:
    return "".join(secrets.choice(rules.SECRET_ALPHABET) for _ in range(rules.SECRET_LENGTH))


def _seal(row: models.Nas, plain: str) -> None:
    row.secret_sealed = seal.seal(plain.encode(), purpose=PURPOSE, row=f"nas:{row.pk}")


def _columns(draft: NasDraft) -> dict[str, object]:
    # A stored Nas is a draft too; only what a draft says is written.
    return {item.name: getattr(draft, item.name) for item in fields(NasDraft)}
