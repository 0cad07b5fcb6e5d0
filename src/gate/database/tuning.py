"""The configuration of the private PostgreSQL, written anew at each start.

An operator's own settings go into `local.conf` beside it, which is read last and never written.
"""

import os
from collections.abc import Mapping
from pathlib import Path

MIB = 1024 * 1024
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")

HBA = "# Written by GATE at each start. A password for everyone, also on this machine.\nlocal all all scram-sha-256\n"


def machine_memory() -> int:
    """Bytes of memory this process may count on: the machine's, or the container's if that is less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in _CGROUP_LIMITS:
        limit = Path(name)
        if limit.exists():
            text = limit.read_text(encoding="ascii").strip()
            if text.isdecimal():
                memory = min(memory, int(text))
    return memory


def memory_settings(*, memory: int) -> dict[str, str]:
    """PostgreSQL's memory settings for a machine with `memory` bytes that it shares with GATE's own processes."""

    def part(divisor: int, least: int, most: int) -> str:
        return f"{max(least, min(most, memory // divisor // MIB))}MB"

    return {
        "shared_buffers": part(8, 32, 2048),
        "effective_cache_size": part(2, 128, 1024 * 1024),
        "work_mem": part(1024, 4, 32),
        "maintenance_work_mem": part(32, 32, 512),
    }


def configuration(*, memory: int, socket: Path, port: int, hba: Path, local: Path, options: Mapping[str, str]) -> str:
    """Text of postgresql.conf. `options` come last and win, also over the operator's `local`."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": _listed(socket),
        "port": str(port),
        "hba_file": str(hba),
        "max_connections": "200",
        **memory_settings(memory=memory),
        "fsync": "on",
        "synchronous_commit": "on",
        # The build at hand has pglz alone, which costs a tenth of a packet's whole processor time to save some disk.
        "wal_compression": "off",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        # Queries here are short: compiling them costs more than it saves.
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # The launcher reads the server's words, so they are English.
        "lc_messages": "C",
        "log_line_prefix": "%m [%p] ",
        "log_checkpoints": "off",
        "cluster_name": "gate",
    }
    lines = ["# Written by GATE at each start. Your own settings belong in local.conf, in this folder."]
    lines += [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    lines += [f"include_if_exists = {_quoted(str(local))}"]
    lines += [f"{name} = {_quoted(value)}" for name, value in options.items()]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    """A value of postgresql.conf, where a quote is doubled and a backslash escapes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _listed(path: Path) -> str:
    """One element of a list of folders, where a comma separates and double quotes keep the text whole."""
    return '"' + str(path).replace('"', '""') + '"'
