"""Dictionary files: what they say, what GATE keeps to itself, and every fault told with file, line and field."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import dictionary
from gate.protocols.radius.dictionary import Kind, Layout, reader
from gate.protocols.radius.dictionary.reader import DictionaryMalformed, Reading

NAMES = {one.name.lower(): one for one in dictionary.ALL}
NUMBERS = {(one.vendor, one.number): one for one in dictionary.ALL if not one.internal}


def read(text: str, **files: str) -> Reading:
    held = {"first": text, **files}
    return reader.read(
        ["first"],
        open_file=lambda name, _: (name, held[name]) if name in held else None,
        by_name=lambda name: NAMES.get(name.lower()),
        by_number=lambda vendor, number: NUMBERS.get((vendor, number)),
    )


VENDOR = "VENDOR Acme 64000\nBEGIN-VENDOR Acme\n"


def test_a_vendor_with_words_and_comments():
    reading = read(f"""# of ours
{VENDOR}ATTRIBUTE\tAcme-Plan\t1\tinteger   # which
VALUE Acme-Plan Gold 1
value acme-plan Silver 0x2
ATTRIBUTE Acme-Tagged 2 string has_tag
ATTRIBUTE Acme-Key 3 octets[16] encrypt=2
ATTRIBUTE Acme-Old 4 string has_tag,encrypt=1
END-VENDOR Acme
ATTRIBUTE Acme-Older 5 ipaddr Acme
""")
    found = {one.name: one for one in reading.attributes}
    assert found["Acme-Plan"].vendor == 64000
    assert found["Acme-Plan"].values == {"Gold": 1, "Silver": 2}
    assert found["Acme-Tagged"].tagged
    assert found["Acme-Key"].kind is found["Acme-Old"].kind is Kind.HIDDEN
    assert found["Acme-Older"].vendor == 64000
    assert reading.warnings == ()


def test_formats_tlvs_and_extended_attributes():
    reading = read("""VENDOR Wide 64001 format=2,1
VENDOR Bare 64002 format=4,0
VENDOR Max 64003 format=1,1,c
BEGIN-VENDOR Wide
ATTRIBUTE Wide-One 300 string
END-VENDOR Wide
BEGIN-VENDOR Bare
ATTRIBUTE Bare-One 70000 short
END-VENDOR Bare
BEGIN-VENDOR Max
ATTRIBUTE Max-Set 1 tlv
BEGIN-TLV Max-Set
ATTRIBUTE Max-Release 1 string
END-TLV Max-Set
ATTRIBUTE Max-Dotted 1.2 byte
END-VENDOR Max
ATTRIBUTE Our-Status 241.1 integer
BEGIN-VENDOR Wide format=Extended-Vendor-Specific-5
ATTRIBUTE Wide-Long 7 octets
END-VENDOR Wide
""")
    layouts = {one.name: one.layout for one in reading.attributes}
    assert layouts["Wide-One"] == Layout(type_size=2)
    assert layouts["Bare-One"] == Layout(type_size=4, length_size=0)
    assert layouts["Max-Release"] == Layout(continued=True, path=(1,))
    assert layouts["Max-Dotted"] == Layout(continued=True, path=(2,))
    assert layouts["Our-Status"] == Layout(extended=241)
    assert layouts["Wide-Long"] == Layout(extended=245)


def test_what_an_rfc_says_stays_and_is_told():
    reading = read("""ATTRIBUTE Session-Timeout 200 string
VALUE Session-Timeout Never 0
ATTRIBUTE Ours 27 integer
VALUE Ours Never 0
ATTRIBUTE Filter-Id 11 octets
VALUE Service-Type Login-User 99
VALUE Service-Type Our-Service 901
""")
    assert [one.name for one in reading.attributes] == ["Service-Type"]
    (service,) = reading.attributes
    assert service.values["Login-User"] == 1
    assert service.values["Our-Service"] == 901
    assert len(reading.warnings) == 4
    assert "first, line 1: Session-Timeout stays what GATE has under this name, number 27" in reading.warnings
    assert "first, line 3: Ours is left out, number 27 is Session-Timeout" in reading.warnings
    assert "first, line 5: Filter-Id stays text, as GATE has it, not octets" in reading.warnings
    assert "first, line 6: Service-Type Login-User stays 1, as GATE has it, not 99" in reading.warnings


def test_another_name_for_a_vendors_number():
    reading = read("VENDOR Mikrotik 14988\nATTRIBUTE Our-Rate-Limit 8 string Mikrotik\n")
    assert [(one.name, one.vendor, one.number) for one in reading.attributes] == [("Our-Rate-Limit", 14988, 8)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\nATTRIBUTE Foo 1", "first, line 2, ATTRIBUTE: has 3 fields, not 4 to 8"),
        ("ATTRIBUTE Foo 250 strnig", "first, line 1, type of Foo: strnig is no type of attributes"),
        ("ATTRIBUTE Foo 1x string", "first, line 1, number of Foo: '1x' is no number"),
        ("ATTRIBUTE F{oo 250 string", "first, line 1, ATTRIBUTE: 'F{oo' is no name"),
        ("ATTRIBUTE Foo 250 string has_tga", "first, line 1, flags of Foo: has_tga is no flag GATE knows"),
        ("ATTRIBUTE Foo 250 string\nATTRIBUTE Foo 251 string", "first, line 2, ATTRIBUTE: Foo is defined already, as another"),
        (f"{VENDOR}ATTRIBUTE Foo 256 string", "line 3, number of Foo: 256 does not fit into 1 octets"),
        (VENDOR, "first, line 3, BEGIN-VENDOR: Acme has no END-VENDOR"),
        ("BEGIN-VENDOR Acme", "first, line 1, BEGIN-VENDOR: there is no VENDOR Acme before this line"),
        ("END-VENDOR Acme", "first, line 1, END-VENDOR: Acme was not begun"),
        ("VENDOR Acme 1 format=3,1", "first, line 1, format: format=3,1 is not of the form format=1,1"),
        ("VENDOR Acme 0", "first, line 1, VENDOR: 0 is no vendor's number"),
        ("VENDOR Acme 7\nVENDOR Acme 8", "first, line 2, VENDOR: Acme is 7 already"),
        ("BEGIN-TLV Foo", "first, line 1, BEGIN-TLV: Foo is no attribute of type tlv"),
        ("VALUE Foo Bar 1", "first, line 1, VALUE: there is no attribute Foo"),
        ("VALUE Service-Type Bar one", "first, line 1, VALUE Bar: 'one' is no number"),
        (f"{VENDOR}ATTRIBUTE Foo 1 byte\nVALUE Foo Bar 256\nEND-VENDOR Acme", "line 4, VALUE: 256 is not between 0 and 255"),
        ("ATTRIBUTE Foo 250 byte\nVALUE Foo Bar 1\nVALUE Foo Bar 2", "first, line 3, VALUE: Foo Bar is 1 already"),
        ("$INCLUDE elsewhere", "first, line 1, $INCLUDE: there is no file elsewhere in the folder"),
        ("$INCLUDE first", "first, line 1, $INCLUDE: first includes itself"),
        ("PROTOCOL RADIUS 1", "first, line 1, PROTOCOL: is no keyword of a dictionary"),
        ("#" * 1001, "first, line 1, the line is longer than 1000 characters"),
    ],
)  # fmt: skip
def test_faults_name_file_line_and_field(text, told):
    with pytest.raises(DictionaryMalformed) as raised:
        read(text)
    assert told in str(raised.value)


def test_cycles_and_depth_are_bounded():
    with pytest.raises(DictionaryMalformed, match=r"b, line 2, \$INCLUDE: first includes itself"):
        read("$INCLUDE a", a="$INCLUDE b", b="# b\n$INCLUDE first")
    deep = {f"f{n}": f"$INCLUDE f{n + 1}" for n in range(40)}
    with pytest.raises(DictionaryMalformed, match="more than 16 deep"):
        read("$INCLUDE f0", **deep)
    assert read("$INCLUDE- nowhere").files == 1


LINES = st.lists(
    st.sampled_from(["ATTRIBUTE", "VALUE", "VENDOR", "BEGIN-VENDOR", "END-VENDOR", "BEGIN-TLV", "END-TLV", "$INCLUDE", "Acme",
                     "1", "-1", "1.2", "241.26", "tlv", "string", "byte", "format=1,1,c", "has_tag", "#", "0x", "\0"])
    | st.text(max_size=8),
    max_size=6,
).map(" ".join)  # fmt: skip


@given(st.lists(LINES, max_size=12))
def test_any_text_is_read_or_refused(lines):
    with contextlib.suppress(DictionaryMalformed):
        assert read("\n".join(lines)).files == 1
