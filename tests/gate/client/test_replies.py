"""JSON as dataclasses."""

import datetime as dt
import json

import pytest

import contract
from gate.client.categories.aaa_profile import Profile
from gate.client.categories.device_app_register import Device
from gate.client.categories.user import User
from gate.client.categories.user_extra import UserExtra
from gate.client.errors import ReplyNotUnderstood
from gate.client.replies import read, read_page

USER = contract.responses("GET /user/")[0]["results"][0]


def test_times_lists_and_nulls():
    user = read(User, USER)
    assert user.date_joined == dt.datetime(2024, 1, 15, 10, 30, tzinfo=dt.UTC)
    assert user.profile == ["network_admin", "vpn_user", "wifi_access"]
    assert user.user_time is None
    extra = read(UserExtra, contract.responses("GET /user_extra/{id}/")[0])
    assert (extra.birthday, extra.passport_number) == (dt.date(1992, 8, 14), None)


def test_objects_within_objects():
    profile = read(Profile, contract.responses("POST /aaa_profile/")[0])
    assert profile.reply_attribute[0].attribute == "Framed-IP-Address"


def test_what_this_client_does_not_know_is_kept():
    user = read(User, USER | {"shoe_size": 42})
    assert user.raw["shoe_size"] == 42
    assert user == read(User, USER)
    with pytest.raises(AttributeError):
        user.shoe_size  # noqa: B018  type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "1"}, "User.id: str in place of int"), ({"id": True}, "User.id: bool in place of int"),
        ({"is_active": 1}, "User.is_active: int in place of bool"), ({"profile": "x"}, "User.profile: str in place of a list"),
        ({"profile": [1]}, r"User.profile\[0\]: int"), ({"date_joined": "yesterday"}, "'yesterday' is no time"),
        ({"date_joined": None}, "None is no time"),
    ],
)  # fmt: skip
def test_another_shape_is_told_with_its_place(change, said):
    with pytest.raises(ReplyNotUnderstood, match=said):
        read(User, USER | change)


def test_a_missing_key_is_told():
    with pytest.raises(ReplyNotUnderstood, match="User has no 'username'"):
        read(User, {name: value for name, value in USER.items() if name != "username"})
    with pytest.raises(ReplyNotUnderstood):
        read(User, [])


def test_no_list_is_told():
    for value in (None, {}, {"results": {}}, []):
        with pytest.raises(ReplyNotUnderstood):
            read_page(User, value)


def test_secrets_are_not_shown():
    from gate.client.categories.portal_login import PortalSignIn

    said = {
        "success": True, "access_token": "s3cret", "refresh_token": "s3cret", "token_type": "Bearer", "expires_in": 3600,
        "user": {
            "id": 1, "username": "jane", "email": "", "first_name": "", "last_name": "", "organization_id": 1,
            "organization_name": "", "role": "owner", "permissions": [], "last_login": None, "profile_complete": True,
        },
        "session": {"session_id": "sess_1", "expires_at": "2024-01-15T14:30:00Z", "device_registered": False},
    }  # fmt: skip
    signed_in = read(PortalSignIn, json.loads(json.dumps(said)))
    assert signed_in.access_token == "s3cret"
    assert "s3cret" not in repr(signed_in)
    device = read(Device, contract.responses("POST /device_app_register/")[0] | {"device_id": "dev_1"})
    assert device.push_key is not None
    assert device.push_key not in repr(device)
