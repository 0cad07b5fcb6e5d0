"""`/user_extra/`: what else is known of a person, at most one record a user (`parent`)."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BeforeValidator, Field, WithJsonSchema

from gate.api import lists, replies, times
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Id, NotNull, Schema, find_organization, not_null, path_id
from gate.core import ids
from gate.core.tenancy import Scope
from gate.devices import queries as devices
from gate.devices.types import Device
from gate.users import extras
from gate.users.extra_rules import CUSTOM_FIELDS, LENGTHS, MAX_AGE
from gate.users.types import UserExtra, UserExtraFields, UserExtraFilter

router = Router(auth=Bearer("user_extra"), tags=["user_extra"])

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


def _parse_day(value: Any) -> Any:
    if value is None or isinstance(value, dt.date):
        return value
    if not isinstance(value, str) or not _DAY.match(value):
        raise ValueError("takes a date such as 1985-06-15")
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError("takes a date such as 1985-06-15") from None


Day = Annotated[
    dt.date, BeforeValidator(_parse_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["1985-06-15"]})
]


def _text(name: str, example: str) -> Any:
    return Field(None, max_length=LENGTHS[name], examples=[example])


class DeviceInfoQuery(Schema):
    """What to show of one record."""

    device_info: bool = Field(False, description="Show the user's devices as well.")


class UserExtraQuery(lists.Page):
    """Filters; all that are given must hold."""

    parent: Id | None = Field(None, description="The user.")
    parent__organization_id: str | None = Field(None, description="Id, prefixed id or short name.")
    device_info: bool = Field(False, description="Show the users' devices as well.")


class UserExtraPatch(Schema):
    """What may be changed. Null empties a field."""

    parent: NotNull[Id] = Field(None, examples=[42], description="The user; there is one record a user.")
    title: str | None = _text("title", "Dr.")
    gender: Literal["m", "f", "o"] | None = Field(None, examples=["f"], description="Male, female, other.")
    birthday: Day | None = Field(None, description="A changed one takes age and age range given before with it.")
    age: int | None = Field(None, ge=0, le=MAX_AGE, examples=[38], description="Not given: by the birthday.")
    age_range: str | None = _text("age_range", "35-44")
    telephone: str | None = _text("telephone", "+1-555-0123")
    address: str | None = _text("address", "123 Main Street")
    city: str | None = _text("city", "San Francisco")
    state: str | None = _text("state", "CA")
    postal_code: str | None = _text("postal_code", "94102")
    country: str | None = _text("country", "United States")
    country_id: str | None = Field(None, pattern=r"^[A-Za-z]{2}$", examples=["US"], description="ISO 3166-1, two letters.")
    company: str | None = _text("company", "Tech Solutions Inc")
    tax_id: str | None = Field(None, max_length=LENGTHS["tax_id"], examples=["123-45-6789"], description="Stored encrypted.")
    passport_number: str | None = Field(
        None, max_length=LENGTHS["passport_number"], examples=["X12345678"], description="Stored encrypted."
    )
    hometown: str | None = _text("hometown", "Seattle")
    location: str | None = _text("location", "San Francisco, CA")
    locale: str | None = _text("locale", "en_US")
    event: str | None = _text("event", "TechConf 2024")
    accept_terms: NotNull[bool] = Field(None, examples=[True])
    custom_field_1: str | None = _text("custom_field_1", "Premium Member")
    custom_field_2: str | None = _text("custom_field_2", "Referral: LinkedIn")
    custom_field_3: str | None = _text("custom_field_3", "VIP Access")
    custom_field_4: str | None = _text("custom_field_4", "Emergency contact: Jane Doe")
    custom_field_5: str | None = _text("custom_field_5", "a")
    custom_field_6: str | None = _text("custom_field_6", "b")
    custom_field_7: str | None = _text("custom_field_7", "c")
    custom_field_8: str | None = _text("custom_field_8", "d")


class UserExtraPut(UserExtraPatch):
    """The whole record. What is not named is reset."""

    parent: Id = Field(examples=[42], description="The user; there is one record a user.")


class DeviceInfoOut(Schema):
    """A device of the user. Empty text and null: nobody told."""

    device_id: str = Field(examples=["dev_12345"])
    number: str | None
    generic_id: str | None
    imei: str | None = Field(examples=["123456789012345"])
    mac_addr: str | None = Field(examples=["AA:BB:CC:DD:EE:FF"])
    device_type: str = Field(examples=["ph"])
    device_family: str
    device_brand: str
    device_model: str
    os_family: str = Field(examples=["Android"])
    os_version: str = Field(examples=["14"])
    app_version: str
    last_seen: str | None = Field(examples=["2024-01-15T09:30:00Z"])


class UserExtraOut(Schema):
    """What else is known of a person."""

    id: int = Field(examples=[125])
    parent: int = Field(examples=[42])
    title: str | None
    gender: Literal["m", "f", "o"] | None
    birthday: str | None = Field(examples=["1985-06-15"])
    age: int | None = Field(examples=[38], description="As given, else by the birthday, today in UTC.")
    age_range: str | None = Field(examples=["35-44"], description="As given, else by the age.")
    telephone: str | None
    address: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    country_id: str | None
    company: str | None
    tax_id: str | None
    passport_number: str | None
    hometown: str | None
    location: str | None
    locale: str | None
    event: str | None
    accept_terms: bool
    custom_field_1: str | None
    custom_field_2: str | None
    custom_field_3: str | None
    custom_field_4: str | None
    custom_field_5: str | None
    custom_field_6: str | None
    custom_field_7: str | None
    custom_field_8: str | None


class UserExtraWithDevicesOut(UserExtraOut):
    """The same, and the user's devices."""

    device_info: list[DeviceInfoOut] = Field([], description="Where asked for: the user's devices, by id.")


@router.get("/", response=documented(lists.Listed[UserExtraWithDevicesOut], 400), summary="List further data of users")
def list_user_extras(request: HttpRequest, wanted: Query[UserExtraQuery]) -> HttpResponse:
    """Records of the token's organizations, by id."""
    scope, organization = scope_of(request), wanted.parent__organization_id
    where = UserExtraFilter(
        parent_id=wanted.parent, organization_id=find_organization(scope, organization) if organization else None
    )
    count = lists.counts.count((scope.tenant_id, scope.organization_id, where), lambda: extras.count(scope, where))
    found = extras.list_page(scope, where, limit=wanted.size, offset=wanted.offset)
    return replies.json(
        lists.envelope(request, wanted, count=count, results=_show_all(scope, found, with_devices=wanted.device_info))
    )


@router.post("/", response=documented(UserExtraOut, 400, 404, status=201), summary="Store further data of a user")
def create_user_extra(request: HttpRequest, payload: UserExtraPut) -> HttpResponse:
    """A new record. 404 where there is no such parent, 400 where the parent has one already."""
    return replies.json(show(extras.create(scope_of(request), fields=_fields(payload))), status=201)


@router.get("/{extra_id}/", response=documented(UserExtraWithDevicesOut, 400, 404), summary="Get further data of a user")
def get_user_extra(request: HttpRequest, extra_id: str, wanted: Query[DeviceInfoQuery]) -> HttpResponse:
    """One record."""
    scope = scope_of(request)
    found = extras.get(scope, path_id(extra_id))
    return replies.json(_show_all(scope, [found], with_devices=wanted.device_info)[0])


@router.put("/{extra_id}/", response=documented(UserExtraOut, 400, 404), summary="Replace further data of a user")
def replace_user_extra(request: HttpRequest, extra_id: str, payload: UserExtraPut) -> HttpResponse:
    """Change what is named and empty the rest."""
    return replies.json(show(extras.replace(scope_of(request), path_id(extra_id), fields=_fields(payload))))


@router.patch("/{extra_id}/", response=documented(UserExtraOut, 400, 404), summary="Change further data of a user")
def update_user_extra(request: HttpRequest, extra_id: str, payload: UserExtraPatch) -> HttpResponse:
    """Change what is named."""
    return replies.json(show(extras.update(scope_of(request), path_id(extra_id), fields=_fields(payload))))


@router.delete("/{extra_id}/", response=documented(None, 404, status=204), summary="Delete further data of a user")
def delete_user_extra(request: HttpRequest, extra_id: str) -> HttpResponse:
    """Delete a record; the user stays."""
    extras.delete(scope_of(request), path_id(extra_id))
    return replies.nothing()


def _fields(payload: UserExtraPatch) -> UserExtraFields:
    named = payload.model_dump(exclude_unset=True)
    not_null(named, "parent", "accept_terms")
    if "parent" in named:
        named["parent_id"] = named.pop("parent")
    fields: UserExtraFields = {}
    fields.update(named)  # type: ignore[typeddict-item]  # the names are those of the schema above
    return fields


def _show_all(scope: Scope, found: Sequence[UserExtra], *, with_devices: bool) -> list[dict[str, Any]]:
    shown = [show(extra) for extra in found]
    if with_devices:
        held = devices.list_of_users(scope, [extra.parent_id for extra in found])
        for one in shown:
            one["device_info"] = [_show_device(device) for device in held.get(one["parent"], ())]
    return shown


def show(extra: UserExtra) -> dict[str, Any]:
    """The record as the reference shows it."""
    return {
        "id": extra.id,
        "parent": extra.parent_id,
        "title": extra.title,
        "gender": extra.gender,
        "birthday": extra.birthday,
        "age": extra.age,
        "age_range": extra.age_range,
        "telephone": extra.telephone,
        "address": extra.address,
        "city": extra.city,
        "state": extra.state,
        "postal_code": extra.postal_code,
        "country": extra.country,
        "country_id": extra.country_id,
        "company": extra.company,
        "tax_id": extra.tax_id,
        "passport_number": extra.passport_number,
        "hometown": extra.hometown,
        "location": extra.location,
        "locale": extra.locale,
        "event": extra.event,
        "accept_terms": extra.accept_terms,
        **{name: getattr(extra, name) for name in CUSTOM_FIELDS},
    }


def _show_device(device: Device) -> dict[str, Any]:
    return {
        "device_id": ids.prefixed(ids.DEVICE, device.id),
        "number": device.number,
        "generic_id": device.generic_id,
        "imei": device.imei,
        "mac_addr": device.mac_addr,
        "device_type": device.device_type,
        "device_family": device.device_family,
        "device_brand": device.device_brand,
        "device_model": device.device_model,
        "os_family": device.os_family,
        "os_version": device.os_version,
        "app_version": device.app_version,
        "last_seen": times.show(device.last_seen),
    }
