"""What the kernel tells."""

from pathlib import Path

from gate.doctor import machine


def test_the_clock_is_asked_and_not_changed() -> None:
    assert machine.clock_synchronised() in {True, False, None}


def test_the_receive_buffer(tmp_path: Path) -> None:
    file = tmp_path / "rmem_max"
    assert machine.largest_receive_buffer(file) is None
    file.write_text("212992\n")
    assert machine.largest_receive_buffer(file) == 212992
