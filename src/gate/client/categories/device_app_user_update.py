"""`/device_app_user_update/`: a device or its user, found by any identifier."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, one, operation
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceUser(Reply):
    """The device and the user after the change."""

    device_id: str | None
    user_id: int | None
    number: str | None
    generic_id: str | None
    imei: str | None
    imsi: str | None
    iccid: str | None
    mac_addr: str | None
    username: str | None
    user_external_id: str | None
    user_class: str | None
    updated_at: dt.datetime
    status: str


class DeviceUserFields(TypedDict, total=False):
    """Identifiers to find it by, and what is to be changed."""

    device_id: Id
    """As the registration gave it."""
    number: str
    """MSISDN."""
    generic_id: str
    imei: str
    imsi: str
    iccid: str
    mac_addr: str
    username: str
    password: str
    """Plain, or a bcrypt or Argon2 hash."""
    user_external_id: str
    user_class: str


@operation("POST", "/device_app_user_update/")
def update(**fields: Unpack[DeviceUserFields]) -> Asked[DeviceUser]:
    """Find by whatever identifies, change the rest. Raises BadRequest, NotFound, Unprocessable."""
    return Asked(reads=one(DeviceUser), body=fields)


class DeviceAppUserUpdateCategory(Category[C]):
    """`gate.device_app_user_update`."""

    update = update
