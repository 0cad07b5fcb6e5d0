"""`gate dictionary`: which attributes there are, and whether an operator's folder of dictionaries can be read."""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from gate import dictionaries
from gate.core.errors import Invalid
from gate.protocols.radius import dictionary
from gate.protocols.radius.dictionary import Attribute
from gate.protocols.radius.dictionary.reader import DictionaryMalformed
from gate.settings import Settings


def listing(options: argparse.Namespace) -> int:
    """Print the attributes whose name holds the word, or whose vendor has that number; 1 where there are none."""
    word = options.word.casefold()
    found = [one for one in dictionary.every() if word in one.name.casefold() or (word.isdigit() and int(word) == one.vendor)]
    found.sort(key=lambda one: (one.vendor, one.internal, one.number, one.name))
    if options.json:
        _print([json.dumps([_told(one) for one in found])])
    else:
        _print(_line(one) for one in found)
    return 0 if found else 1


def check(settings: Settings, options: argparse.Namespace) -> int:
    """Read the folder; 1 where a file cannot be read. Raises Invalid where no folder is named."""
    folder = settings.dictionary if options.folder is None else Path(options.folder)
    if folder is None:
        raise Invalid("Say which folder: gate dictionary check FOLDER, or set GATE_DICTIONARY.")
    try:
        reading = dictionaries.check(folder)
    except DictionaryMalformed as error:
        _print([json.dumps({"error": str(error)}) if options.json else str(error)])
        return 1
    if options.json:
        told = {"files": reading.files, "attributes": len(reading.attributes), "remarks": list(reading.warnings)}
        _print([json.dumps(told)])
    else:
        _print(reading.warnings)
        _print([f"{reading.files} files, {len(reading.attributes)} attributes, {len(reading.warnings)} remarks. No fault."])
    return 0


def _line(one: Attribute) -> str:
    told = _told(one)
    words = " ".join(list(one.values)[:8]) + (" ..." if len(one.values) > 8 else "")
    return f"{one.name:<44} {told['number']:<14} {one.kind.value:<11} {told['flags']:<22} {words}".rstrip()


def _told(one: Attribute) -> dict[str, object]:
    layout = one.layout
    numbers = [] if layout is None or not layout.extended else [layout.extended, *([26] if one.vendor else [])]
    path = () if layout is None else layout.path
    number = ".".join(str(part) for part in (*numbers, *([one.vendor] if one.vendor else []), one.number, *path))
    flags = " ".join(
        [*(["tagged"] if one.tagged else []), *(["for checks only"] if one.internal else []),
         *(["never sent in clear"] if one.kind is dictionary.Kind.HIDDEN else [])]
    )  # fmt: skip
    return {
        "name": one.name, "vendor": one.vendor, "number": number, "type": one.kind.value, "flags": flags,
        "values": dict(one.values),
    }  # fmt: skip


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
