"""`/device_app_register/`: an app makes the device it runs on known, and whose it is."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gate.api import people, replies
from gate.api.auth import Bearer, scope_of
from gate.api.fields import Schema
from gate.core import calling, clock, ids
from gate.devices import enrolment
from gate.devices.enrolment import Enrolled, Person
from gate.devices.types import Device, DeviceFields

router = Router(auth=Bearer("device_app_register"), tags=["device_app_register"])

# Said in the description only: the room checks, once what people write between digits is gone.
_PATTERNS = {
    "imei": "^[0-9]{15}$",
    "imsi": "^[0-9]{14,15}$",
    "iccid": "^[0-9]{19,20}$",
    "mccmnc": "^[0-9]{5,6}$",
    "mac_addr": "^[0-9A-Fa-f]{2}([:-]?)([0-9A-Fa-f]{2}[:-]?){4}[0-9A-Fa-f]{2}$",
    "number": r"^\+?[0-9]{3,15}$",
    "device_type": "^(de|la|tb|ph|io)$",
    "line": r"^[^\x00-\x1f\x7f]*$",
}


def told(longest: int, example: str, about: str, pattern: str = "line") -> Any:
    """A field of text that may be left out."""
    return Field(
        None, max_length=longest, examples=[example], description=about, json_schema_extra={"pattern": _PATTERNS[pattern]}
    )


Number = Annotated[str | None, told(40, "+1234567890", "MSISDN.", "number")]
GenericId = Annotated[str | None, told(200, "android-id-12345", "From the operating system or the app store.")]
Imei = Annotated[str | None, told(40, "123456789012345", "15 digits.", "imei")]
Imsi = Annotated[str | None, told(40, "311480123456789", "14 or 15 digits.", "imsi")]
Iccid = Annotated[str | None, told(40, "89014103271234567890", "19 or 20 digits.", "iccid")]
MacAddr = Annotated[str | None, told(40, "00:1B:44:11:3A:B7", "In any common notation.", "mac_addr")]
ExternalId = Annotated[str | None, told(200, "ext-user-456", "The user's id elsewhere.")]
UserClass = Annotated[str | None, told(100, "premium", "The user's service class.")]


class DeviceIn(Schema):
    """A device. At least one of number, generic_id, imei, imsi, iccid and mac_addr is needed."""

    number: Number = None
    generic_id: GenericId = None
    imei: Imei = None
    imsi: Imsi = None
    iccid: Iccid = None
    mac_addr: MacAddr = None
    home_mobile_network_name: Annotated[str | None, told(100, "Verizon Wireless", "The carrier.")] = None
    home_mobile_network_mccmnc: Annotated[str | None, told(10, "311480", "MCC and MNC.", "mccmnc")] = None
    app_version: Annotated[str | None, told(50, "2.1.0", "Of the app.")] = None
    os_family: Annotated[str | None, told(50, "Android", "Android, iOS, Windows, …")] = None
    os_version: Annotated[str | None, told(50, "14.0", "Of the operating system.")] = None
    os_api_version: Annotated[str | None, told(50, "34", "API level or SDK.")] = None
    device_family: Annotated[str | None, told(100, "Galaxy", "Series.")] = None
    device_brand: Annotated[str | None, told(100, "Samsung", "Who made it.")] = None
    device_model: Annotated[str | None, told(100, "Galaxy S24", "Its model.")] = None
    device_type: Annotated[
        str | None, told(2, "ph", "de desktop, la laptop, tb tablet, ph mobile phone; io for IoT is GATE's own.", "device_type")
    ] = None
    push_key: Annotated[str | None, told(4_096, "fcm-token-abc123xyz789", "Where pushed messages go; kept encrypted.")] = None
    username: Annotated[str | None, told(254, "john.doe", "With the password: whose device it is.")] = None
    password: str | None = Field(None, max_length=1_024, examples=["securePassword123"])
    user_external_id: ExternalId = None
    user_class: UserClass = None


class DeviceOut(Schema):
    """A device. What was not told is null."""

    device_id: str = Field(examples=["dev_12345"])
    number: str | None = Field(examples=["+1234567890"])
    generic_id: str | None = Field(examples=["android-id-12345"])
    imei: str | None = Field(examples=["123456789012345"])
    imsi: str | None = Field(examples=["311480123456789"])
    iccid: str | None = Field(examples=["89014103271234567890"])
    mac_addr: str | None = Field(examples=["00:1B:44:11:3A:B7"])
    home_mobile_network_name: str | None = Field(examples=["Verizon Wireless"])
    home_mobile_network_mccmnc: str | None = Field(examples=["311480"])
    app_version: str | None = Field(examples=["2.1.0"])
    os_family: str | None = Field(examples=["Android"])
    os_version: str | None = Field(examples=["14.0"])
    os_api_version: str | None = Field(examples=["34"])
    device_family: str | None = Field(examples=["Galaxy"])
    device_brand: str | None = Field(examples=["Samsung"])
    device_model: str | None = Field(examples=["Galaxy S24"])
    device_type: str | None = Field(examples=["ph"])
    push_key: str | None = Field(examples=["fcm-token-abc123xyz789"], description="As it was sent; never shown again.")
    username: str | None = Field(examples=["john.doe"])
    user_external_id: str | None = Field(examples=["ext-user-456"])
    user_class: str | None = Field(examples=["premium"])


@router.post("/", response=people.documented_sign_in(DeviceOut, 409), summary="Register a device")
def register_device(request: HttpRequest, payload: DeviceIn) -> HttpResponse:
    """A new device.

    With a person's access token it is theirs. With username and password it is that user's; a name nobody has becomes a new user
    where the organization lets people register themselves, else it is refused like a wrong password. Without any of these it is
    nobody's yet.
    """
    said = payload.model_dump(exclude_none=True)
    enrolled = enrolment.register(
        scope_of(request),
        fields=device_fields(said),
        person=person_of(said),
        address=calling.current().address,
        now=clock.now(),
    )
    return replies.json(show(enrolled) | {"push_key": said.get("push_key") or None}, status=201)


def device_fields(said: dict[str, Any]) -> DeviceFields:
    """What of a body is about the device."""
    made: Any = {name: value for name, value in said.items() if name in DeviceFields.__annotations__}
    for name in ("user_external_id", "user_class"):
        made.pop(name, None)
    return made  # type: ignore[no-any-return]


def person_of(said: dict[str, Any]) -> Person:
    """What of a body is about the user; empty text says nothing."""
    return Person(
        username=said.get("username") or None,
        password=said.get("password") or None,
        external_id=said.get("user_external_id") or None,
        klass=said.get("user_class") or None,
    )


def show(enrolled: Enrolled) -> dict[str, Any]:
    """The device and its user as the reference shows them."""
    device, user = enrolled.device, enrolled.user
    shown: dict[str, Any] = {
        name: getattr(device, name) or None if isinstance(device, Device) else None
        for name in DeviceOut.model_fields
        if name not in {"device_id", "push_key", "username"}
    }
    shown["device_id"] = ids.prefixed(ids.DEVICE, None if device is None else device.id)
    shown["username"] = None if user is None else user.username
    if user is not None:
        shown |= {"user_external_id": user.external_id, "user_class": user.klass}
    return shown
