"""802.1X over a wire: hostapd as the switch, wpa_supplicant as the device, each in a network namespace of its own.

```
 GATE, this namespace              the switch's namespace               the device's namespace
 g<token> 198.18.x.1 ──────veth────── uplink 198.18.x.2
                                      port1 (hostapd, wired) ───veth─── eth0 (wpa_supplicant, wired)
```

Namespaces and addresses have names nobody else has, and go with the block that made them: first the processes, each by its
id, then the namespaces, and with those both cables. 198.18.0.0/15 is for tests of networks (RFC 2544) and leaves no machine.
"""

import contextlib
import dataclasses
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gate.processes import signal_at_parents_death
from radius_server import until

PROGRAMS = ("hostapd", "wpa_supplicant", "wpa_cli", "ip")
_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
DAS_PORT = 3799
UNTESTED = "802.1X BY HOSTAPD AND WPA_SUPPLICANT IS NOT TESTED"


def found(program: str) -> str | None:
    """Where it is; Debian keeps these in folders that are not on everybody's PATH."""
    return shutil.which(program, path=_PATH)


def _ip(*words: str) -> str:
    done = subprocess.run([str(found("ip")), *words], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def lacking() -> str:
    """Which packages are missing, in words; empty where none is."""
    gone = [program for program in PROGRAMS if found(program) is None]
    return f"{', '.join(gone)} missing: apt-get install hostapd wpasupplicant iproute2. {UNTESTED}" if gone else ""


def forbidden() -> str:
    """Why no cables can be laid here, in words; empty where they can."""
    try:
        with wired():
            return ""
    except OSError as error:
        return f"no network namespace can be made here, that takes root with CAP_NET_ADMIN ({error}). {UNTESTED}"


@dataclasses.dataclass(frozen=True)
class Wire:
    """The two namespaces, and the addresses of the cable between GATE and the switch."""

    switch: str
    device: str
    gate_address: str
    switch_address: str

    def within(self, namespace: str, *command: str) -> list[str]:
        """The command, run there. `ip netns exec` becomes the program, so that its id is the program's."""
        return [str(found("ip")), "netns", "exec", namespace, str(found(command[0])), *command[1:]]


@contextlib.contextmanager
def wired() -> Iterator[Wire]:
    """Both cables, plugged in. OSError with what `ip` said where it may not."""
    token = secrets.token_hex(4)
    # A /30 of 198.18.0.0/15 by chance: another run on this machine has another.
    block = secrets.randbelow(1 << 15) * 4
    network = f"198.{18 + (block >> 16)}.{block >> 8 & 255}."
    wire = Wire(f"gate-sw-{token}", f"gate-dev-{token}", f"{network}{(block & 255) + 1}", f"{network}{(block & 255) + 2}")
    outside = f"g{token}"
    try:
        for namespace in (wire.switch, wire.device):
            _ip("netns", "add", namespace)
        _ip("link", "add", outside, "type", "veth", "peer", "name", "uplink", "netns", wire.switch)
        _ip("-n", wire.switch, "link", "add", "port1", "type", "veth", "peer", "name", "eth0", "netns", wire.device)
        _ip("address", "add", f"{wire.gate_address}/30", "dev", outside)
        _ip("-n", wire.switch, "address", "add", f"{wire.switch_address}/30", "dev", "uplink")
        _ip("link", "set", outside, "up")
        for namespace, link in ((wire.switch, "uplink"), (wire.switch, "port1"), (wire.device, "eth0")):
            _ip("-n", namespace, "link", "set", link, "up")
        yield wire
    finally:
        # A namespace goes when its last process is gone, and its ends of the cables with it. The outer end first: it is ours.
        for words in (("link", "delete", outside), ("netns", "delete", wire.device), ("netns", "delete", wire.switch)):
            with contextlib.suppress(OSError):  # it was not made
                _ip(*words)


def end_with_the_tests() -> None:
    """For a process about to start: it ends with the tests, should they be killed before they end it."""
    signal_at_parents_death(signal.SIGTERM)


class _Program:
    """One that runs, and what it wrote."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=end_with_the_tests,  # noqa: PLW1509  no lock is taken in it
            )

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def says(self, *texts: str, after: int = 0, within: float = 15.0) -> None:
        """Wait until its log has one of these, past so many characters of it."""
        try:
            until(lambda: self.process.poll() is not None or any(text in self.text[after:] for text in texts), within=within)
        except AssertionError:
            raise AssertionError(f"never said {texts}:\n{self.text[-4000:]}") from None
        assert any(text in self.text[after:] for text in texts), self.text[-4000:]

    def end(self, *, kill: bool = False) -> None:
        """Its end, by its id: as a service manager ends it, or as a power cut does."""
        if self.process.poll() is None:
            (self.process.kill if kill else self.process.terminate)()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)


class Hostapd(_Program):
    """The switch's port: an 802.1X authenticator that asks GATE, and takes its Disconnects."""

    @classmethod
    def start(
        cls,
        wire: Wire,
        folder: Path,
        *,
        auth_port: int,
        acct_port: int,
        secret: str,
        interim: int = 1,
        identifier: str = "switch.test",
    ) -> "Hostapd":
        """Run it. `interim`: seconds between updates, where no Access-Accept says another."""
        lines = {
            "interface": "port1", "driver": "wired", "ieee8021x": 1, "eap_reauth_period": 0, "use_pae_group_addr": 1,
            "own_ip_addr": wire.switch_address, "nas_identifier": identifier,
            "auth_server_addr": wire.gate_address, "auth_server_port": auth_port, "auth_server_shared_secret": secret,
            "acct_server_addr": wire.gate_address, "acct_server_port": acct_port, "acct_server_shared_secret": secret,
            "radius_acct_interim_interval": interim, "radius_das_port": DAS_PORT,
            "radius_das_client": f"{wire.gate_address} {secret}", "radius_das_require_event_timestamp": 1,
            "radius_das_require_message_authenticator": 1, "logger_stdout": -1, "logger_stdout_level": 0,
        }  # fmt: skip
        configuration = folder / "hostapd.conf"
        configuration.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        configuration.chmod(0o600)
        log = folder / "hostapd.log"
        said = len(log.read_text(errors="replace")) if log.exists() else 0
        made = cls(wire.within(wire.switch, "hostapd", "-dd", str(configuration)), log)
        made.says("AP-ENABLED", after=said)
        return made


class Supplicant(_Program):
    """The device that is plugged in."""

    def __init__(self, wire: Wire, folder: Path, network: dict[str, str | int]) -> None:
        self._wire, self._control = wire, folder / f"control-{secrets.token_hex(3)}"
        quoted = {name: value if isinstance(value, int) else f'"{value}"' for name, value in network.items() if name != "eap"}
        lines = "".join(f"  {name}={value}\n" for name, value in quoted.items())
        configuration = folder / "supplicant.conf"
        configuration.write_text(
            f"ctrl_interface={self._control}\nap_scan=0\n"
            f"network={{\n  key_mgmt=IEEE8021X\n  eapol_flags=0\n  eap={network['eap']}\n{lines}}}\n"
        )
        configuration.chmod(0o600)
        command = wire.within(wire.device, "wpa_supplicant", "-D", "wired", "-i", "eth0", "-c", str(configuration), "-dd")
        super().__init__(command, folder / f"{self._control.name}.log")

    def _say(self, word: str) -> str:
        command = self._wire.within(self._wire.device, "wpa_cli", "-p", str(self._control), "-i", "eth0", word)
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout

    def status(self) -> dict[str, str]:
        """What it says of itself; empty while it does not answer."""
        return dict(line.split("=", 1) for line in self._say("status").splitlines() if "=" in line)

    def leave(self) -> None:
        """Sign out: EAPOL-Logoff (IEEE 802.1X), as a device does that is switched off in order."""
        self._say("logoff")

    def again(self) -> None:
        """Sign in anew, as a device does whose cable was pulled and plugged in."""
        self._say("reassociate")


@contextlib.contextmanager
def running(make: Callable[[], Any]) -> Iterator[Any]:
    """The program, ended with the block."""
    program = make()
    try:
        yield program
    finally:
        program.end()


@contextlib.contextmanager
def plugged_in(wire: Wire, folder: Path, **network: str | int) -> Iterator[Supplicant]:
    """A device nobody saw before, which signs in as these lines of wpa_supplicant's `network` block say.

    A MAC address of its own, since a switch lets one that failed wait for a minute (IEEE 802.1X quietPeriod).
    """
    address = ":".join(["02", *(f"{octet:02x}" for octet in secrets.token_bytes(5))])
    _ip("-n", wire.device, "link", "set", "eth0", "address", address)
    with running(lambda: Supplicant(wire, folder, network)) as device:
        until(device.status, within=10)
        yield device
