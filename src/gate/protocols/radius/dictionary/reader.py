"""Dictionary files as FreeRADIUS writes them (its manual page dictionary(5)), read on top of the attributes GATE knows itself.

What GATE knows stays as it is: a file may give further words to one of its attributes, further names to a number of a vendor,
and everything that is new. Whatever else a file says of them is left out and told as a warning. A line that cannot be read is a
fault, and then nothing of any file counts: half a dictionary would refuse profiles for no reason an operator can see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind, Layout
from gate.protocols.radius.errors import RadiusError

MAX_DEPTH: Final = 16
"""Files that include files."""
MAX_FILES: Final = 2_000
MAX_LINE: Final = 1_000
"""Characters."""
MAX_NAMES: Final = 200_000
"""Attributes and words together."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:+-]{0,127}")
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]{1,16}|-?[0-9]{1,20}")
_KINDS: Final = {
    "string": Kind.TEXT, "text": Kind.TEXT, "octets": Kind.OCTETS, "abinary": Kind.OCTETS, "struct": Kind.OCTETS,
    "integer": Kind.INTEGER, "uint32": Kind.INTEGER, "enum": Kind.INTEGER, "integer64": Kind.INTEGER64,
    "uint64": Kind.INTEGER64, "byte": Kind.BYTE, "uint8": Kind.BYTE, "bool": Kind.BYTE, "boolean": Kind.BYTE,
    "short": Kind.SHORT, "uint16": Kind.SHORT, "signed": Kind.SIGNED, "int32": Kind.SIGNED, "date": Kind.DATE,
    "time": Kind.DATE, "ipaddr": Kind.IPADDR, "ipv4addr": Kind.IPADDR, "ipv6addr": Kind.IPV6ADDR,
    "ipv6prefix": Kind.IPV6PREFIX, "ipv4prefix": Kind.IPV4PREFIX, "combo-ip": Kind.COMBO_IP, "ifid": Kind.IFID,
    "ether": Kind.ETHER, "tlv": Kind.TLV, "vsa": Kind.VSA, "evs": Kind.VSA, "extended": Kind.OCTETS,
    "long-extended": Kind.OCTETS,
}  # fmt: skip
_LIMITS: Final = {
    Kind.BYTE: (0, 2**8 - 1), Kind.SHORT: (0, 2**16 - 1), Kind.INTEGER: (0, 2**32 - 1), Kind.INTEGER64: (0, 2**64 - 1),
    Kind.SIGNED: (-(2**31), 2**31 - 1),
}  # fmt: skip
_FLAGS: Final = frozenset({"has_tag", "array", "concat", "virtual", "secret"})
_FORMAT: Final = re.compile(r"format=([124]),([012])(,c)?")
_PLAIN: Final = Layout()


class DictionaryMalformed(RadiusError):
    """A dictionary file cannot be read; the text names file, line and field, and says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What files came to."""

    attributes: tuple[Attribute, ...]
    """For `dictionary.extend`."""
    warnings: tuple[str, ...]
    """What was left out and why, each with file and line."""
    files: int


@dataclass(slots=True)
class _Vendor:
    name: str
    number: int
    layout: Layout


@dataclass(slots=True)
class _Draft:
    """An attribute whose words are still being collected."""

    attribute: Attribute
    words: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Place:
    """Where a file is being read."""

    file: str
    number: int = 0
    vendor: _Vendor | None = None
    extended: int = 0
    parents: list[Attribute] = field(default_factory=list)


def read(
    files: Sequence[str],
    *,
    open_file: Callable[[str, str], tuple[str, str] | None],
    by_name: Callable[[str], Attribute | None],
    by_number: Callable[[int, int], Attribute | None],
) -> Reading:
    """Read files and what they include. Raises `DictionaryMalformed`.

    `open_file` takes a name and the file it stands in (empty: none), and gives the file's own name and its text, None where
    there is no such file; what it raises of `DictionaryMalformed` is told with the line. `by_name` and `by_number` find what
    GATE knows itself.
    """
    reader = _Reader(open_file, by_name, by_number)
    for name in files:
        reader.include(name, _Place(""), 0)
    return reader.finished()


class _Reader:
    def __init__(
        self,
        open_file: Callable[[str, str], tuple[str, str] | None],
        by_name: Callable[[str], Attribute | None],
        by_number: Callable[[int, int], Attribute | None],
    ) -> None:
        self._open = open_file
        self._by_name = by_name
        self._by_number = by_number
        self._vendors: dict[str, _Vendor] = {}
        self._drafts: dict[str, _Draft] = {}
        self._lost: set[str] = set()
        """Names that were left out: their words are as well."""
        self._words: list[tuple[str, str, int, str]] = []
        self._warnings: list[str] = []
        self._open_files: list[str] = []
        self._files = self._names = 0

    def include(self, name: str, place: _Place, depth: int) -> None:
        """Read one file. Raises `DictionaryMalformed`."""
        optional = name.startswith("?")
        name = name.removeprefix("?")
        if depth > MAX_DEPTH:
            raise _fault(place, "$INCLUDE", f"files include files more than {MAX_DEPTH} deep")
        try:
            opened = self._open(name, place.file)
        except DictionaryMalformed as error:
            raise (_fault(place, "$INCLUDE", str(error)) if place.file else error) from None
        if opened is None:
            if optional:
                return
            raise _fault(place, "$INCLUDE", f"there is no file {name} in the folder")
        own, text = opened
        if own in self._open_files:
            raise _fault(place, "$INCLUDE", f"{name} includes itself")
        self._files += 1
        if self._files > MAX_FILES:
            raise _fault(place, "$INCLUDE", f"more than {MAX_FILES} files")
        self._open_files.append(own)
        # A vendor begun in a file ends with it.
        here = _Place(own)
        for here.number, line in enumerate(text.split("\n"), 1):
            self._line(line, here, depth)
        if here.parents:
            raise _fault(here, "BEGIN-TLV", f"{here.parents[-1].name} has no END-TLV")
        if here.vendor is not None:
            raise _fault(here, "BEGIN-VENDOR", f"{here.vendor.name} has no END-VENDOR")
        self._open_files.pop()

    def finished(self) -> Reading:
        """Put the words to their attributes. Raises `DictionaryMalformed`."""
        more: dict[str, dict[str, int]] = {}
        for written, word, number, where in self._words:
            name = written.lower()
            if name in self._lost:
                continue
            draft = self._drafts.get(name)
            if draft is None:
                more.setdefault(name, {})
                self._word_of_ours(more[name], written, word, number, where)
            else:
                self._word_of_theirs(draft, word, number, where)
        made = [replace(draft.attribute, values=draft.words) for draft in self._drafts.values()]
        for name, words in more.items():
            known = self._by_name(name)
            if known is not None and words:
                made.append(replace(known, values={**known.values, **words}))
        return Reading(tuple(made), tuple(self._warnings), self._files)

    def _word_of_ours(self, words: dict[str, int], name: str, word: str, number: int, where: str) -> None:
        known = self._by_name(name)
        if known is None:
            raise DictionaryMalformed(f"{where}, VALUE: there is no attribute {name}")
        held = {text.lower(): value for text, value in known.values.items()}.get(word.lower())
        if held is not None and held != number:
            self._warnings.append(f"{where}: {known.name} {word} stays {held}, as GATE has it, not {number}")
        elif held is None and known.kind is Kind.INTEGER and not known.internal:
            words[word] = number

    def _word_of_theirs(self, draft: _Draft, word: str, number: int, where: str) -> None:
        attribute = draft.attribute
        limits = _LIMITS.get(attribute.kind)
        if attribute.kind is Kind.HIDDEN:
            return  # never printed, never sent
        if limits is None:
            self._warnings.append(f"{where}: {word} is left out, {attribute.name} is {attribute.kind}, which has no words")
            return
        top = 2**24 - 1 if attribute.tagged else limits[1]
        if not limits[0] <= number <= top:
            raise DictionaryMalformed(f"{where}, VALUE: {number} is not between {limits[0]} and {top}")
        if draft.words.setdefault(word, number) != number:
            raise DictionaryMalformed(f"{where}, VALUE: {attribute.name} {word} is {draft.words[word]} already")

    def _line(self, line: str, place: _Place, depth: int) -> None:
        if len(line) > MAX_LINE:
            raise _fault(place, "", f"the line is longer than {MAX_LINE} characters")
        fields = line.split()
        for at, one in enumerate(fields):
            if one.startswith("#"):
                fields = fields[:at]
                break
        if not fields:
            return
        keyword = fields[0].upper()
        if keyword in {"$INCLUDE", "$INCLUDE-"}:
            _count(fields, 2, 2, place, keyword)
            self.include(f"?{fields[1]}" if keyword.endswith("-") else fields[1], place, depth + 1)
            return
        work = self._keywords().get(keyword)
        if work is None:
            raise _fault(place, fields[0], "is no keyword of a dictionary")
        self._names += 1
        if self._names > MAX_NAMES:
            raise _fault(place, keyword, f"more than {MAX_NAMES} names")
        work(fields, place)

    def _keywords(self) -> dict[str, Callable[[list[str], _Place], None]]:
        return {
            "ATTRIBUTE": self._attribute, "VALUE": self._value, "VENDOR": self._vendor, "BEGIN-VENDOR": self._begin_vendor,
            "END-VENDOR": self._end_vendor, "BEGIN-TLV": self._begin_tlv, "END-TLV": self._end_tlv,
        }  # fmt: skip

    def _vendor(self, fields: list[str], place: _Place) -> None:
        _count(fields, 3, 4, place, "VENDOR")
        name, number, layout = _name(fields[1], place, "VENDOR"), _number(fields[2], place, "VENDOR"), _PLAIN
        if not 0 < number < 2**32:
            raise _fault(place, "VENDOR", f"{number} is no vendor's number")
        if len(fields) == 4:
            match = _FORMAT.fullmatch(fields[3])
            if match is None:
                raise _fault(place, "format", f"{fields[3]} is not of the form format=1,1")
            layout = Layout(type_size=int(match[1]), length_size=int(match[2]), continued=match[3] is not None)
        held = self._vendors.get(name.lower())
        if held is not None and (held.number, held.layout) != (number, layout):
            raise _fault(place, "VENDOR", f"{name} is {held.number} already")
        self._vendors[name.lower()] = _Vendor(name, number, layout)

    def _begin_vendor(self, fields: list[str], place: _Place) -> None:
        _count(fields, 2, 3, place, "BEGIN-VENDOR")
        if place.vendor is not None:
            raise _fault(place, "BEGIN-VENDOR", f"{place.vendor.name} has not ended")
        place.vendor = self._known_vendor(fields[1], place, "BEGIN-VENDOR")
        place.extended = 0
        if len(fields) == 3:
            named = fields[2].removeprefix("format=").lower()
            match = re.fullmatch(r"extended-vendor-specific-([1-6])", named)
            if match is None:
                raise _fault(place, "format", f"{fields[2]} is none of Extended-Vendor-Specific-1 to -6")
            place.extended = 240 + int(match[1])

    def _end_vendor(self, fields: list[str], place: _Place) -> None:
        _count(fields, 2, 2, place, "END-VENDOR")
        if place.vendor is None or place.vendor.name.lower() != fields[1].lower():
            raise _fault(place, "END-VENDOR", f"{fields[1]} was not begun")
        place.vendor, place.extended = None, 0

    def _begin_tlv(self, fields: list[str], place: _Place) -> None:
        _count(fields, 2, 2, place, "BEGIN-TLV")
        draft = self._drafts.get(fields[1].lower())
        if draft is None or draft.attribute.kind is not Kind.TLV:
            raise _fault(place, "BEGIN-TLV", f"{fields[1]} is no attribute of type tlv")
        place.parents.append(draft.attribute)

    def _end_tlv(self, fields: list[str], place: _Place) -> None:
        _count(fields, 2, 2, place, "END-TLV")
        if not place.parents or place.parents[-1].name.lower() != fields[1].lower():
            raise _fault(place, "END-TLV", f"{fields[1]} was not begun")
        place.parents.pop()

    def _value(self, fields: list[str], place: _Place) -> None:
        _count(fields, 4, 4, place, "VALUE")
        number = _number(fields[3], place, f"VALUE {fields[2]}")
        self._words.append((fields[1], fields[2], number, _where(place)))

    def _attribute(self, fields: list[str], place: _Place) -> None:
        # Some old files leave blanks between a type and its flags' commas.
        _count(fields, 4, 8, place, "ATTRIBUTE")
        name = _name(fields[1], place, "ATTRIBUTE")
        kind, vendor, flags = self._kind(fields[3:], name, place)
        attribute = self._placed(name, fields[2], kind, vendor, place)
        # Under a vendor's own numbers a tag is a tag; of the RFCs' own GATE knows those that have one.
        attribute = replace(attribute, tagged="has_tag" in flags and kind in {Kind.INTEGER, Kind.TEXT})
        self._take(attribute, place)

    def _kind(self, fields: list[str], name: str, place: _Place) -> tuple[Kind, _Vendor | None, set[str]]:
        """Type, vendor and flags."""
        said = fields[0].lower()
        kind = _KINDS.get(re.sub(r"\[[0-9]{1,3}\]$", "", said))
        if kind is None:
            raise _fault(place, f"type of {name}", f"{fields[0]} is no type of attributes")
        vendor, flags = place.vendor, set[str]()
        for flag in ",".join(fields[1:]).split(","):
            if flag.lower() in {"encrypt=1", "encrypt=2", "encrypt=3"}:
                kind = Kind.HIDDEN
            elif flag.lower() in _FLAGS:
                flags.add(flag.lower())
            elif flag.lower() in self._vendors:
                vendor = self._vendors[flag.lower()]
            elif flag:
                raise _fault(place, f"flags of {name}", f"{flag} is no flag GATE knows")
        return kind, vendor, flags

    def _placed(self, name: str, numbers: str, kind: Kind, vendor: _Vendor | None, place: _Place) -> Attribute:
        """The attribute at its place on the wire."""
        first, *inner = [_number(one, place, f"number of {name}") for one in numbers.split(".")]
        if any(not 0 < one <= 255 for one in inner) or len(inner) + len(place.parents) > 8:
            raise _fault(place, f"number of {name}", f"{numbers} is no place in a packet")
        if place.parents:
            parent = place.parents[-1]
            if not 0 < first <= 255:
                raise _fault(place, f"number of {name}", f"{first} is not between 1 and 255")
            layout = parent.layout or _PLAIN
            held = replace(layout, path=(*layout.path, first, *inner))
            return Attribute(name, parent.number, kind, vendor=parent.vendor, layout=held)
        if vendor is None:
            if 241 <= first <= 246 and inner:
                return Attribute(name, inner[0], kind, layout=Layout(extended=first, path=tuple(inner[1:])))
            if not 0 <= first < 2**32:
                raise _fault(place, f"number of {name}", f"{first} is no attribute's number")
            layout_of = Layout(path=tuple(inner)) if inner else None
            return Attribute(name, first, kind, internal=first > 255 or first == 0, layout=layout_of)
        return self._of_vendor(name, (first, *inner), kind, vendor, place)

    @staticmethod
    def _of_vendor(name: str, numbers: tuple[int, ...], kind: Kind, vendor: _Vendor, place: _Place) -> Attribute:
        layout = Layout(extended=place.extended) if place.extended else vendor.layout
        if not 0 <= numbers[0] < 1 << 8 * layout.type_size:
            raise _fault(place, f"number of {name}", f"{numbers[0]} does not fit into {layout.type_size} octets")
        layout = replace(layout, path=numbers[1:])
        return Attribute(name, numbers[0], kind, vendor=vendor.number, layout=None if layout == _PLAIN else layout)

    def _take(self, attribute: Attribute, place: _Place) -> None:
        """Keep the attribute, unless GATE knows better."""
        key, where = attribute.name.lower(), _where(place)
        known = self._by_name(key)
        if known is not None and known.name.lower() == key:
            if _same_place(known, attribute):
                if known.kind is not attribute.kind and not known.internal and Kind.HIDDEN not in {known.kind, attribute.kind}:
                    self._warnings.append(f"{where}: {known.name} stays {known.kind}, as GATE has it, not {attribute.kind}")
            else:
                self._warnings.append(f"{where}: {known.name} stays what GATE has under this name, number {known.number}")
                self._lost.add(key)
            return
        if not attribute.vendor and not attribute.internal and attribute.layout is None:
            known = self._by_number(0, attribute.number)
            if known is not None:
                self._warnings.append(f"{where}: {attribute.name} is left out, number {attribute.number} is {known.name}")
                self._lost.add(key)
                return
        held = self._drafts.get(key)
        if held is not None and not _same_place(held.attribute, attribute):
            raise _fault(place, "ATTRIBUTE", f"{attribute.name} is defined already, as another number")
        if held is None:
            self._drafts[key] = _Draft(attribute)

    def _known_vendor(self, name: str, place: _Place, field_name: str) -> _Vendor:
        found = self._vendors.get(name.lower())
        if found is None:
            raise _fault(place, field_name, f"there is no VENDOR {name} before this line")
        return found


def _same_place(one: Attribute, other: Attribute) -> bool:
    if one.internal or other.internal:
        return one.internal and other.internal
    return (one.vendor, one.number, one.layout) == (other.vendor, other.number, other.layout)


def _where(place: _Place) -> str:
    return f"{place.file}, line {place.number}"


def _fault(place: _Place, named: str, why: str) -> DictionaryMalformed:
    where = f"{_where(place)}, " if place.file else ""
    return DictionaryMalformed(f"{where}{named}: {why}" if named else f"{where}{why}")


def _count(fields: list[str], least: int, most: int, place: _Place, keyword: str) -> None:
    if not least <= len(fields) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise _fault(place, keyword, f"has {len(fields)} fields, not {wanted}")


def _name(text: str, place: _Place, keyword: str) -> str:
    if not _NAME.fullmatch(text):
        raise _fault(place, keyword, f"{text[:40]!r} is no name")
    return text


def _number(text: str, place: _Place, named: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise _fault(place, named, f"{text[:40]!r} is no number")
    return int(text, 16 if text[:2].lower() == "0x" else 10)
