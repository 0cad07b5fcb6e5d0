"""The operator's folder: read whole, bounded, and all of Debian's dictionaries."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import own_dictionary
from gate import cli, dictionaries, doctor
from gate import settings as gate_settings
from gate.attributes import RadiusDictionary
from gate.doctor.findings import State
from gate.protocols.radius import dictionary, packet
from gate.protocols.radius.dictionary import Kind, wire
from gate.protocols.radius.dictionary.reader import DictionaryMalformed
from gate.protocols.radius.packet import Packet
from gate.settings import SettingsError

DEBIAN = Path("/usr/share/freeradius")


@pytest.fixture
def fresh() -> Iterator[None]:
    with own_dictionary.undone():
        yield


def settings(tmp_path: Path, folder: Path) -> gate_settings.Settings:
    return gate_settings.read({"GATE_DATA": str(tmp_path), "GATE_DICTIONARY": str(folder)})


def test_a_folder_adds_attributes(tmp_path, fresh):
    (tmp_path / "dictionary.hilltop").write_text(own_dictionary.HILLTOP)
    (tmp_path / "dictionary.hilltop~").write_text("what an editor left")
    assert not RadiusDictionary().knows("Hilltop-Plan")
    dictionaries.load(settings(tmp_path, tmp_path))
    assert RadiusDictionary().knows("hilltop-plan")
    assert RadiusDictionary().why_not_sent("Hilltop-Plan", "gold") is None
    assert "neither this word" in (RadiusDictionary().why_not_sent("Hilltop-Plan", "Lead") or "")
    assert dictionary.encode("Hilltop-Plan", "Gold").hex() == "1a0c0000fa00010600000007"
    assert dictionary.by_number(64000, 1).name == "Hilltop-Plan"


def test_a_fault_stops_the_start_and_doctor_tells(tmp_path, fresh, capsys, monkeypatch):
    (tmp_path / "dictionary").write_text("# all\n$INCLUDE dictionary.hilltop\n")
    (tmp_path / "dictionary.hilltop").write_text(own_dictionary.HILLTOP.replace("integer", "interger"))
    held = settings(tmp_path, tmp_path)
    with pytest.raises(SettingsError) as raised:
        dictionaries.load(held)
    told = f"{tmp_path}/dictionary.hilltop, line 3, type of Hilltop-Plan: interger is no type of attributes"
    assert told in str(raised.value)
    assert dictionary.by_name("Hilltop-Plan") is None
    (finding,) = doctor.check_dictionary(held)
    assert finding.state is State.FAULT
    assert told in finding.text
    assert cli.main(["dictionary", "check", str(tmp_path)]) == 1
    assert told in capsys.readouterr().out
    (tmp_path / "dictionary.hilltop").write_text(own_dictionary.HILLTOP)
    (finding,) = doctor.check_dictionary(held)
    assert finding.state is State.GOOD
    assert cli.main(["dictionary", "check", str(tmp_path)]) == 0
    monkeypatch.setenv("GATE_DICTIONARY", str(tmp_path))
    gate_settings.current.cache_clear()
    try:
        capsys.readouterr()
        assert cli.main(["dictionary", "list", "hilltop-pl"]) == 0
    finally:
        monkeypatch.delenv("GATE_DICTIONARY")
        gate_settings.current.cache_clear()
    assert capsys.readouterr().out.split() == ["Hilltop-Plan", "64000.1", "integer", "Gold"]


def test_files_outside_of_the_folder_are_refused(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_text(own_dictionary.HILLTOP)
    (folder / "dictionary.link").symlink_to(tmp_path / "secret")
    for line in ("$INCLUDE ../secret", f"$INCLUDE {tmp_path}/secret", "$INCLUDE dictionary.link", "$INCLUDE /etc/passwd"):
        (folder / "dictionary").write_text(line)
        with pytest.raises(DictionaryMalformed, match=r"line 1, \$INCLUDE: .* lies outside of"):
            dictionaries.check(folder)


def test_what_is_no_folder_and_what_is_too_much(tmp_path, monkeypatch):
    with pytest.raises(DictionaryMalformed, match="No such file"):
        dictionaries.check(tmp_path / "nowhere")
    with pytest.raises(DictionaryMalformed, match="neither a file dictionary"):
        dictionaries.check(tmp_path)
    (tmp_path / "dictionary").mkdir()
    with pytest.raises(DictionaryMalformed, match="is no file"):
        dictionaries.check(tmp_path)
    (tmp_path / "dictionary").rmdir()
    (tmp_path / "dictionary").write_text("#" * 100)
    monkeypatch.setattr(dictionaries, "MAX_FILE", 99)
    with pytest.raises(DictionaryMalformed, match="at most 99 octets"):
        dictionaries.check(tmp_path)


def _sample(attribute: dictionary.Attribute) -> str:
    if attribute.values:
        return next(iter(attribute.values))
    return {
        Kind.IPADDR: "192.0.2.1", Kind.IPV6ADDR: "2001:db8::1", Kind.IPV6PREFIX: "2001:db8::/48", Kind.IPV4PREFIX: "192.0.2.0/24",
        Kind.COMBO_IP: "2001:db8::1", Kind.IFID: "0:0:0:1", Kind.ETHER: "02:00:00:00:00:01", Kind.DATE: "2026-01-01T00:00:00Z",
        Kind.TEXT: "text", Kind.SIGNED: "-5",
        Kind.INTEGER: "7", Kind.BYTE: "7", Kind.SHORT: "7", Kind.INTEGER64: "7",
    }.get(attribute.kind, "0x01020304")  # fmt: skip


@pytest.mark.skipif(not (DEBIAN / "dictionary").exists(), reason="apt install freeradius-common")
def test_the_whole_of_debians_dictionaries(fresh):
    reading = dictionaries.check(DEBIAN)
    assert reading.files > 200
    assert len(reading.attributes) > 6_000
    # Old names for numbers that RFCs have given to others since: told, and left out.
    assert all("left out" in warning or "stays" in warning for warning in reading.warnings)
    dictionary.extend(reading.attributes)
    sent = [one for one in reading.attributes if not one.internal and one.kind is not Kind.HIDDEN]
    for attribute in sent:
        value = _sample(attribute)
        octets = dictionary.encode(attribute.name, value)
        held = Packet.parse(packet.encode(1, 1, bytes(16), octets))
        if attribute.layout is not None:
            found = wire.find(attribute, attribute.layout, held)
        elif attribute.vendor:
            found = held.vendor_all(attribute.vendor, attribute.number)
        else:
            found = held.get_all(attribute.number)
        (inner,) = found
        again = dictionary.encode_value(attribute, dictionary.decode_value(attribute, inner))
        assert again == dictionary.encode_value(attribute, value), attribute.name
    # As FreeRADIUS itself has them: format=1,1,c with a TLV; RFC 6929 with a vendor.
    assert dictionary.encode("WiMAX-Release", "1.2").hex() == "1a0e000060b5010800" + "0105312e32"
    assert dictionary.encode("FreeRADIUS-802.1X-Anonce", "0xabcd").hex() == "f50b1a0000002c5001abcd"
    assert dictionary.encode("USR-Last-Number-Dialed-Out", "5").hex() == "1a0b000001ad00000066" + "35"
