"""The operator's folder of RADIUS dictionaries (GATE_DICTIONARY), read on top of the attributes GATE knows itself.

Each process that looks at profiles or packets reads it once, before anything else. A file that cannot be read stops the start:
with half a dictionary profiles would be refused, or sent without what they ought to say. Files lie in that folder alone, however
they are included: what is named from outside, also by a symbolic link, is refused.
"""

import logging
from pathlib import Path

from gate.protocols.radius import dictionary
from gate.protocols.radius.dictionary.reader import DictionaryMalformed, Reading, read
from gate.settings import Settings, SettingsError

log = logging.getLogger(__name__)

MAIN = "dictionary"
"""Where a folder has a file of this name, it says what is read; else all that are named `dictionary.*`, by name."""
MAX_FILE, MAX_ALL = 2 * 1024 * 1024, 32 * 1024 * 1024
"""Octets of one file and of all."""

_loaded: Path | None = None


def load(settings: Settings) -> None:
    """Read the folder, once a process. Raises SettingsError, which says what to mend."""
    global _loaded  # noqa: PLW0603  a process has one dictionary
    folder = settings.dictionary
    if folder is None or folder == _loaded:
        return
    try:
        reading = check(folder)
    except DictionaryMalformed as error:
        raise SettingsError(
            f"GATE_DICTIONARY: {error}. Mend it (`gate dictionary check` tells when it is right), or unset GATE_DICTIONARY."
        ) from error
    dictionary.extend(reading.attributes)
    _loaded = folder
    for warning in reading.warnings:
        log.debug("Dictionary: %s", warning)
    log.info(
        "Read %d files of dictionaries in %s: %d attributes, %d remarks (`gate dictionary check`)",
        reading.files, folder, len(reading.attributes), len(reading.warnings),
    )  # fmt: skip


def check(folder: Path) -> Reading:
    """What the files come to; changes nothing. Raises DictionaryMalformed."""
    held = _Folder(folder)
    return read(held.first(), open_file=held.open, by_name=_known_by_name, by_number=_known_by_number)


_KNOWN_NAMES = {attribute.name.lower(): attribute for attribute in dictionary.ALL}
_KNOWN_NUMBERS = {(attribute.vendor, attribute.number): attribute for attribute in dictionary.ALL if not attribute.internal}


def _known_by_name(name: str) -> dictionary.Attribute | None:
    return _KNOWN_NAMES.get(name.lower())


def _known_by_number(vendor: int, number: int) -> dictionary.Attribute | None:
    return _KNOWN_NUMBERS.get((vendor, number))


class _Folder:
    """Files of one folder, and of no other."""

    def __init__(self, folder: Path) -> None:
        try:
            self._folder = folder.resolve(strict=True)
        except OSError as error:
            raise DictionaryMalformed(f"{folder}: {error.strerror}") from None
        if not self._folder.is_dir():
            raise DictionaryMalformed(f"{folder}: is no folder")
        self._octets = 0

    def first(self) -> list[str]:
        """The files to begin with. Raises DictionaryMalformed."""
        try:
            if (self._folder / MAIN).exists():
                return [MAIN]
            found = sorted(path.name for path in self._folder.iterdir() if path.name.startswith(f"{MAIN}."))
        except OSError as error:
            raise DictionaryMalformed(f"{self._folder}: {error.strerror}") from None
        # What editors leave beside a file is none.
        found = [name for name in found if not name.endswith(("~", ".bak", ".orig", ".swp"))]
        if not found:
            raise DictionaryMalformed(f"{self._folder}: there is neither a file {MAIN} nor one named {MAIN}.*")
        return found

    def open(self, name: str, above: str) -> tuple[str, str] | None:
        """A file's own name and its text; None where there is none. Raises DictionaryMalformed."""
        beside = Path(above).parent if above else self._folder
        try:
            path = (beside / name).resolve()
            if not path.is_relative_to(self._folder):
                raise DictionaryMalformed(f"{name} lies outside of {self._folder}")
            if not path.exists():
                return None
            if not path.is_file():
                raise DictionaryMalformed(f"{name} is no file")
            with path.open("rb") as held:
                octets = held.read(MAX_FILE + 1)
        except (OSError, RuntimeError) as error:
            raise DictionaryMalformed(f"{name}: {error}") from None
        self._octets += len(octets)
        if len(octets) > MAX_FILE or self._octets > MAX_ALL:
            raise DictionaryMalformed(f"{name}: files have at most {MAX_FILE} octets each and {MAX_ALL} together")
        # Comments hold people's names in whatever encoding; names and numbers are ASCII.
        return str(path), octets.decode("utf-8", "replace")
