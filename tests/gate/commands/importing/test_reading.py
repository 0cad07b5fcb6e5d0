"""CSV files as records: what is read, on which line, and what ends the reading."""

import io
import tracemalloc
from collections.abc import Iterator

import pytest

from gate.commands.importing.reading import MAX_CELL, MAX_LINE, BrokenFile, Record, lines_of, records

KNOWN = ("username", "email", "description")


def read(data: bytes, *, required: tuple[str, ...] = ("username",)) -> list[Record]:
    return list(records(lines_of(io.BytesIO(data)), known=KNOWN, required=required))


@pytest.mark.parametrize(
    "data",
    [
        b"username,email\nmaria,m@example.net\n",
        b"\xef\xbb\xbfusername,email\r\nmaria,m@example.net\r\n",
        b"Username; EMAIL \nmaria;m@example.net",
        b'"username","email"\n\n"maria","m@example.net"\n\n',
    ],
    ids=["plain", "byte order mark", "semicolons", "quotes and empty lines"],
)
def test_one_record_in_several_spellings(data: bytes) -> None:
    assert [record.cells for record in read(data)] == [{"username": "maria", "email": "m@example.net"}]


def test_a_record_is_known_by_the_line_it_begins_on() -> None:
    data = b'username,description\nana,"one\ntwo, ""three"""\n\nbea,x\n'
    assert [(record.line, record.cells["description"]) for record in read(data)] == [(2, 'one\ntwo, "three"'), (5, "x")]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"ana", "has 1 cells, the header 2"),
        (b"ana,b,c", "has 3 cells, the header 2"),
        (b"ana,\0", "email: holds a NUL character"),
    ],
)
def test_a_bad_record_does_not_end_the_reading(line: bytes, problem: str) -> None:
    found = read(b"username,email\n" + line + b"\nbea,b@example.net\n")
    assert [(record.line, record.problem) for record in found] == [(2, problem), (3, None)]


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b"", 1, "no header"),
        (b"\n", 1, "no header"),
        (b"email\n", 1, "lacks the columns username"),
        (b"username,shoe,email,size\n", 1, "unknown columns: shoe, size"),
        (b"username,Username\n", 1, "twice: username"),
        (b"username\nana\nb\xff\n", 3, "not UTF-8 at byte 2"),
        ("username\nana\n".encode("utf-16"), 1, "UTF-16"),
        (b'username\nana\n"bea\nmore\n', 3, "never closed"),
        (b'username\nana\n"bea"x\n', 3, "no CSV"),
        (b"username,email\rana,b\rbea,c\r", 1, "carriage return"),
        (b"username\nana\n" + b"x" * (MAX_CELL + 1) + b"\n", 3, "more than"),
    ],
)
def test_a_broken_file_says_where(data: bytes, line: int, said: str) -> None:
    with pytest.raises(BrokenFile) as broken:
        read(data)
    assert broken.value.line == line
    assert said in broken.value.reason


def test_what_a_file_without_header_holds_is_not_told_at_length() -> None:
    with pytest.raises(BrokenFile) as broken:
        read(b"maria," + b"secret" * 100 + b"\n")
    assert len(broken.value.reason) < 150


def test_a_line_without_end_is_not_read_to_the_end() -> None:
    file = io.BytesIO(b"username\n" + b"x" * (3 * MAX_LINE))
    with pytest.raises(BrokenFile):
        list(records(lines_of(file), known=KNOWN, required=()))
    assert file.tell() <= MAX_LINE + 20


def test_memory_does_not_grow_with_the_file() -> None:
    def endless() -> Iterator[bytes]:
        yield b"username,email\n"
        for number in range(20_000):
            yield b"guest%d,%d@example.net\n" % (number, number)

    tracemalloc.start()
    try:
        count = sum(1 for _ in records(endless(), known=KNOWN, required=()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 300_000
