"""What crosses this room's border. Times are aware UTC; None and empty text mean that nobody told."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict


class DeviceFields(TypedDict, total=False):
    """What an app may say of the device it runs on."""

    number: str | None
    """MSISDN."""
    generic_id: str | None
    """From the operating system or the app store."""
    imei: str | None
    imsi: str | None
    iccid: str | None
    mac_addr: str | None
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
    """Where pushed messages go: kept encrypted."""
    user_external_id: str
    """Of a device without a user; a user's own is the user's."""
    user_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A registered device, without its push key."""

    id: int
    tenant_id: int
    organization_id: int
    user_id: int | None
    number: str | None
    generic_id: str | None
    imei: str | None
    imsi: str | None
    iccid: str | None
    mac_addr: str | None
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
    """`de`, `la`, `tb`, `ph`, `io`, or empty."""
    user_external_id: str
    user_class: str
    is_blocked: bool
    created: dt.datetime
    last_change: dt.datetime
    last_seen: dt.datetime | None
    """When it last reported something, give or take the time between two runs of the job that adds reports up."""

    @property
    def name(self) -> str:
        """What to call it: its model, or whatever is known."""
        return self.device_model or self.device_family or self.generic_id or f"dev_{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """How a report names its device. The first that is set counts."""

    device_id: int | None = None
    imei: str | None = None
    mac_addr: str | None = None
    generic_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """A device as far as its reports need it."""

    device_id: int
    organization_id: int
    user_id: int | None
    device_type: str
    is_blocked: bool
