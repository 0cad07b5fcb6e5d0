"""`gate doctor`: looks at everything GATE stands on, and says what to do about what it finds.

A finding is good, a warning (GATE runs, but not as well as it could), or a fault. Faults make the exit status 1. Nothing
here needs GATE to run, and nothing is changed.
"""

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from gate import dictionaries, ports
from gate.core import seal
from gate.database import home as homes
from gate.database.errors import DatabaseStartError
from gate.doctor import database, machine
from gate.doctor.findings import Finding, State, fault, good, warning
from gate.protocols.radius.dictionary.reader import DictionaryMalformed
from gate.settings import Settings

Check = Callable[[Settings], Iterator[Finding]]

_MARKS = {State.GOOD: "✓", State.WARNING: "!", State.FAULT: "✗"}
GIB = 1024**3
_LEAST_DISK = GIB // 2
_COMFORTABLE_DISK = 5 * GIB
_SHORTEST_KEY = 32
_RECEIVE_BUFFER = 8 * 1024 * 1024


def run(settings: Settings, *, as_json: bool = False) -> int:
    """Print the findings, for people or as JSON for machines; answers the exit status: 0 if there is no fault."""
    findings = [finding for check in CHECKS for finding in check(settings)]
    faults = [finding for finding in findings if finding.state is State.FAULT]
    sys.stdout.write((_as_json(findings) if as_json else _as_text(findings)) + "\n")
    return 1 if faults else 0


def _as_text(findings: list[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.state]} {finding.subject}: {finding.text}")
        if finding.advice:
            lines.append(f"    → {finding.advice}")
    faults = sum(finding.state is State.FAULT for finding in findings)
    warnings = sum(finding.state is State.WARNING for finding in findings)
    lines.append(f"{len(findings)} checks, {faults} faults, {warnings} warnings.")
    return "\n".join(lines)


def _as_json(findings: list[Finding]) -> str:
    rows = [
        {"subject": finding.subject, "state": finding.state.value, "text": finding.text, "advice": finding.advice}
        for finding in findings
    ]
    return json.dumps({"ok": all(finding.state is not State.FAULT for finding in findings), "findings": rows}, indent=2)


def check_ports(settings: Settings) -> Iterator[Finding]:
    """Each port is free, or GATE's own."""
    web, *radius = ports.of(settings)
    answers = ports.web_answers(settings)
    if answers:
        yield good(f"port {web.number}", "GATE's web server answers /health/live")
    for port in radius if answers else (web, *radius):
        subject = f"port {port.number}"
        try:
            ports.check(port)
        except ports.PortInUseError as error:
            if port is web:
                yield fault(subject, "a program listens there that does not answer /health/live", advice=str(error))
            else:
                yield good(subject, f"in use, as it should be when GATE runs ({port.use})")
        except ports.PortError as error:
            yield fault(subject, f"cannot be used for {port.use}", advice=str(error))
        else:
            yield good(subject, f"free ({port.use})")


def check_secrets(settings: Settings) -> Iterator[Finding]:
    """The secret key is there, long enough, and readable by this user alone."""
    subject = "secret key"
    if settings.secret_key is not None:
        yield good(subject, "given by GATE_SECRET_KEY")
        return
    path = settings.data / seal.KEY_FILE
    try:
        status = path.stat()
        key = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        yield warning(subject, f"{path} is not there yet", advice="the first start makes it; keep a copy with your backups")
        return
    except (OSError, UnicodeDecodeError) as error:
        yield fault(subject, f"{path} cannot be read: {error}", advice="run this as the user GATE runs as")
        return
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        yield fault(subject, f"others may use {path} (mode {mode:o})", advice=f"chmod 600 {path}")
    elif len(key) < _SHORTEST_KEY:
        yield fault(
            subject,
            f"the key in {path} has fewer than {_SHORTEST_KEY} characters",
            advice="put the whole file back from a backup: what was sealed under the key opens with no other",
        )
    else:
        yield good(subject, f"{path}, readable by its owner alone")


def check_disk(settings: Settings) -> Iterator[Finding]:
    """There is room where the data is."""
    folders = {settings.data}
    if settings.database_url is None:
        try:
            home = homes.existing(data=settings.data)
        except DatabaseStartError as error:
            yield fault("disk", error.sentence)
            return
        except OSError as error:
            yield fault("disk", f"{settings.data} cannot be read: {error}", advice="run this as the user GATE runs as")
            return
        if home is not None:
            folders.add(home.folder)
    devices: dict[int, Path] = {}
    for folder in sorted(folders):
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        devices.setdefault(existing.stat().st_dev, existing)
    for folder in devices.values():
        space = os.statvfs(folder)
        free = space.f_bavail * space.f_frsize
        text = f"{free / GIB:.1f} GiB free in {folder}"
        if free < _LEAST_DISK:
            yield fault("disk", text, advice="make room: PostgreSQL stops when the disk is full")
        elif free < _COMFORTABLE_DISK:
            yield warning("disk", text, advice="make room before accounting fills it")
        else:
            yield good("disk", text)


def check_machine(_: Settings) -> Iterator[Finding]:
    """The kernel keeps time and lets RADIUS have a buffer for bursts."""
    synchronised = machine.clock_synchronised()
    if synchronised is None:
        yield warning("time service", "this system does not tell", advice="see that the host runs NTP")
    elif synchronised:
        yield good("time service", "the kernel's clock is synchronised")
    else:
        yield warning(
            "time service",
            "the kernel's clock is not synchronised",
            advice="run chrony or systemd-timesyncd here or on the host: sessions and credit are counted by the clock",
        )
    limit = machine.largest_receive_buffer()
    if limit is None:
        yield good("receive buffer", "set by the host, not visible in this container")
    elif limit < _RECEIVE_BUFFER:
        yield warning(
            "receive buffer",
            f"net.core.rmem_max is {limit // 1024} KiB, so bursts of RADIUS packets may be lost",
            advice=f"sysctl -w net.core.rmem_max={_RECEIVE_BUFFER}, and the same in /etc/sysctl.d/gate.conf",
        )
    else:
        yield good("receive buffer", f"net.core.rmem_max is {limit // 1024} KiB")


def check_dictionary(settings: Settings) -> Iterator[Finding]:
    """The operator's folder of dictionaries, where one is named."""
    if settings.dictionary is None:
        return
    subject = f"Dictionaries in {settings.dictionary}"
    try:
        reading = dictionaries.check(settings.dictionary)
    except DictionaryMalformed as error:
        yield fault(subject, str(error), advice="Mend the file, or unset GATE_DICTIONARY: GATE does not start with it.")
        return
    told = f"{len(reading.attributes)} attributes in {reading.files} files"
    yield good(subject, f"{told}, {len(reading.warnings)} remarks (gate dictionary check)" if reading.warnings else told)


CHECKS: tuple[Check, ...] = (database.check, check_ports, check_machine, check_secrets, check_disk, check_dictionary)
