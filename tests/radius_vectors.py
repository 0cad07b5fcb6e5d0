"""Reads tests/vectors/radius/*.txt; the format is described on top of those files."""

import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "vectors" / "radius"


@dataclass
class Vector:
    """One named vector: its keys as text, its packet as octets, its attributes in wire order."""

    name: str
    keys: dict[str, str] = field(default_factory=dict)
    attributes: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def packet(self) -> bytes:
        repeated = re.sub(r"([0-9a-f]{2}) \* (\d+)", lambda match: match[1] * int(match[2]), self.keys["packet"])
        return bytes.fromhex(repeated)

    @property
    def secret(self) -> bytes:
        return self.keys["secret"].encode()

    @property
    def checks(self) -> set[str]:
        return {check.strip() for check in self.keys.get("check", "").split(",") if check.strip()}


def read(name: str) -> dict[str, Vector]:
    """Read one file: name of the vector → vector."""
    vectors: dict[str, Vector] = {}
    text = re.sub(r"\n[ \t]+", " ", (FOLDER / name).read_text(encoding="utf-8"))
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("["):
            vector = vectors[line.strip("[]")] = Vector(line.strip("[]"))
            continue
        key, _, value = (part.strip() for part in line.partition("="))
        if key == "attr":
            number, _, digits = value.partition(" ")
            vector.attributes.append((int(number), bytes.fromhex(digits)))
        else:
            vector.keys[key] = value
    return vectors


PACKETS = read("packets.txt")
BROKEN = read("broken.txt")
