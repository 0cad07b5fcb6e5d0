"""`/device_app_user_update/`: an app finds its device or its user by whatever names one of them, and changes the rest."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gate.api import device_app_register as register
from gate.api import replies, times
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Id, Schema
from gate.core import ids
from gate.devices import enrolment
from gate.devices.enrolment import Enrolled

router = Router(auth=Bearer("device_app_user_update"), tags=["device_app_user_update"])


class UpdateIn(Schema):
    """What names the device or the user, and what is new about them."""

    device_id: Id | None = Field(None, description="As the registration gave it.", examples=["dev_12345"])
    number: register.Number = None
    generic_id: register.GenericId = None
    imei: register.Imei = None
    imsi: register.Imsi = None
    iccid: register.Iccid = None
    mac_addr: register.MacAddr = None
    username: Annotated[str | None, register.told(150, "john.doe", "A new one renames the user the others name.")] = None
    password: str | None = Field(
        None,
        max_length=1_024,
        examples=["securePassword123"],
        description="In clear, or a bcrypt or Argon2 hash. Never sent back.",
    )
    user_external_id: register.ExternalId = None
    user_class: register.UserClass = None


class UpdateOut(Schema):
    """The device and the user as they are now; what there is none of is null."""

    device_id: str | None = Field(examples=["dev_12345"])
    user_id: int | None = Field(examples=[12345])
    number: str | None = Field(examples=["+1234567890"])
    generic_id: str | None = Field(examples=["com.example.app.user123"])
    imei: str | None = Field(examples=["123456789012345"])
    imsi: str | None = Field(examples=["310260123456789"])
    iccid: str | None = Field(examples=["89014103211118510720"])
    mac_addr: str | None = Field(examples=["00:1B:44:11:3A:B7"])
    username: str | None = Field(examples=["john.doe"])
    password: None = Field(description="Never shown.", examples=[None])
    user_external_id: str | None = Field(examples=["ext_12345"])
    user_class: str | None = Field(examples=["premium"])
    updated_at: str = Field(examples=["2024-01-15T10:30:00Z"])
    status: str = Field(examples=["success"])


@router.post("/", response=documented(UpdateOut, 400, 422, status=201), summary="Update a device and its user")
def update_device_user(request: HttpRequest, payload: UpdateIn) -> HttpResponse:
    """What names a device or a user finds it; everything else is changed. What names two of them is refused.

    A person's access token changes the own devices and password alone.
    """
    said = payload.model_dump(exclude_none=True)
    device_id = said.pop("device_id", None)
    enrolled = enrolment.update(
        scope_of(request), fields=register.device_fields(said), person=register.person_of(said), device_id=device_id
    )
    return replies.json(show(enrolled), status=201)


def show(enrolled: Enrolled) -> dict[str, object]:
    """The reply; `updated_at` is the later of the two changes."""
    device, user = enrolled.device, enrolled.user
    shown = register.show(enrolled)
    changed = max(row.last_change for row in (device, user) if row is not None)
    return {name: shown.get(name) for name in UpdateOut.model_fields} | {
        "device_id": ids.prefixed(ids.DEVICE, None if device is None else device.id),
        "user_id": None if user is None else user.id,
        "password": None,
        "updated_at": times.show(changed),
        "status": "success",
    }
