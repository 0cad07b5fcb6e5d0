from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core.errors import Invalid, Missing
from gate.places import rules
from gate.places.types import AccessPointDraft, LocationDraft


@pytest.mark.parametrize(
    "text",
    [
        "AA:BB:CC:DD:EE:0F",
        "aa-bb-cc-dd-ee-0f",
        "aabb.ccdd.ee0f",
        "AABBCC-DDEE0F",
        "aabbccddee0f",
        "aa bb cc dd ee 0f",
        " AA:BB:CC:DD:EE:0F\n",
    ],
)
def test_every_common_notation_of_a_mac_is_one_address(text):
    assert rules.parse_mac(text) == "AA:BB:CC:DD:EE:0F"


@pytest.mark.parametrize(
    "text",
    ["", "AA:BB:CC:DD:EE", "AA:BB-CC:DD:EE:FF", "AA:BB:CC:DD:EE:FG", "AA:BB:CC:DD:EE:FF:00", "\u0661\u0661:BB:CC:DD:EE:FF"],
)
def test_what_is_no_mac_is_none(text):
    assert rules.parse_mac(text) is None


@given(st.text(max_size=40))
def test_any_text_gives_a_canonical_mac_or_none(text):
    found = rules.parse_mac(text)
    assert found is None or (len(found) == 17 and rules.parse_mac(found) == found)


def location(**said):
    return LocationDraft(**{"organization_id": 1, "name": "Site", "short_name": "site"} | said)


def test_a_draft_is_stored_trimmed_and_canonical():
    draft = rules.checked(location(name="  Site ", country_code="us", latitude=Decimal("37.77490049"), longitude=Decimal(-122)))
    assert (draft.name, draft.country_code, draft.latitude, draft.longitude) == (
        "Site",
        "US",
        Decimal("37.774900"),
        Decimal(-122),
    )
    point = rules.checked(AccessPointDraft(organization_id=1, name="AP", short_name="ap", mac_addr="aabb.ccdd.eeff"))
    assert point.mac_addr == "AA:BB:CC:DD:EE:FF"
    assert rules.checked(AccessPointDraft(organization_id=1, name="AP", short_name="ap", mac_addr=" ")).mac_addr is None


def test_name_and_short_name_are_required():
    with pytest.raises(Missing) as refused:
        rules.checked(location(name=" ", short_name=""))
    assert set(refused.value.fields) == {"name", "short_name"}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"latitude": Decimal("90.1"), "longitude": Decimal(0)}, "latitude"),
        ({"latitude": Decimal(0), "longitude": Decimal("-180.000001")}, "longitude"),
        ({"latitude": Decimal("NaN"), "longitude": Decimal(0)}, "latitude"),
        ({"latitude": Decimal(1)}, "longitude"),
        ({"longitude": Decimal(1)}, "latitude"),
        ({"country_code": "U1"}, "country_code"),
        ({"short_name": "has space"}, "short_name"),
        ({"name": "a\x00b"}, "name"),
        ({"city": "x" * 101}, "city"),
        ({"thumbnail": "javascript:alert(1)"}, "thumbnail"),
    ],
)
def test_a_refusal_names_the_field(said, field):
    with pytest.raises(Invalid) as refused:
        rules.checked(location(**said))
    assert list(refused.value.fields) == [field]
