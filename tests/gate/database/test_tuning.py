"""The configuration of the private PostgreSQL."""

from pathlib import Path

import pytest

from gate.database import tuning

GIB = 1024**3


@pytest.mark.parametrize(
    ("memory", "shared", "work"),
    [(GIB // 2, "64MB", "4MB"), (8 * GIB, "1024MB", "8MB"), (256 * GIB, "2048MB", "32MB"), (1, "32MB", "4MB")],
)
def test_memory_settings_follow_the_machine(memory: int, shared: str, work: str) -> None:
    settings = tuning.memory_settings(memory=memory)
    assert settings["shared_buffers"] == shared
    assert settings["work_mem"] == work


def test_machine_memory_is_plausible() -> None:
    assert tuning.machine_memory() > 64 * tuning.MIB


def test_values_are_quoted_and_options_come_last() -> None:
    text = tuning.configuration(
        memory=GIB,
        socket=Path('/a,b/"c"'),
        port=5432,
        hba=Path("/it's/hba"),
        local=Path("/local.conf"),
        options={"fsync": "off"},
    )
    lines = text.splitlines()
    assert "hba_file = '/it''s/hba'" in lines
    assert """unix_socket_directories = '"/a,b/""c""\"'""" in lines
    assert lines[-2:] == ["include_if_exists = '/local.conf'", "fsync = 'off'"]
    assert "fsync = 'on'" in lines
    assert "trust" not in tuning.HBA
