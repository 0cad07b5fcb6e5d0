"""`/device_app_register/`: devices with the app on them."""

from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from gate.client.calls import Asked, C, Category, one, operation
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Reply):
    """A device as it was registered."""

    device_id: str
    number: str | None
    generic_id: str | None
    imei: str | None
    imsi: str | None
    iccid: str | None
    mac_addr: str | None
    home_mobile_network_name: str | None
    home_mobile_network_mccmnc: str | None
    app_version: str | None
    os_family: str | None
    os_version: str | None
    os_api_version: str | None
    device_family: str | None
    device_brand: str | None
    device_model: str | None
    device_type: str | None
    push_key: str | None = field(default=None, repr=False)
    username: str | None
    user_external_id: str | None
    user_class: str | None


class NewDevice(TypedDict, total=False):
    """What an app says of its device: at least one identifier."""

    number: str
    """MSISDN."""
    generic_id: str
    """From the operating system or the app store."""
    imei: str
    imsi: str
    iccid: str
    mac_addr: str
    home_mobile_network_name: str
    home_mobile_network_mccmnc: str
    app_version: str
    os_family: str
    os_version: str
    os_api_version: str
    device_family: str
    device_brand: str
    device_model: str
    device_type: str
    push_key: str
    username: str
    """With `password`: signs an existing user in, or registers a new one where the organization allows it."""
    password: str
    user_external_id: str
    user_class: str


@operation("POST", "/device_app_register/")
def register(**device: Unpack[NewDevice]) -> Asked[Device]:
    """Register a device. Raises Conflict where its IMEI or MAC address is known, BadRequest, Unprocessable."""
    return Asked(reads=one(Device), body=device)


class DeviceAppRegisterCategory(Category[C]):
    """`gate.device_app_register`."""

    create = register
