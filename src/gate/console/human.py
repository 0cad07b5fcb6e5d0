"""Numbers for people."""

import datetime as dt

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def octets(count: int) -> str:
    """`1.5 GB` for 1 500 000 000: decimal units, as network operators count."""
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{count} B" if unit == 0 else f"{value:.3g} {_UNITS[unit]}"


def duration(seconds: int) -> str:
    """`2 d 3 h`, `1 h 5 min`, `5 min 20 s`, `42 s`: the two largest units."""
    days, rest = divmod(max(seconds, 0), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, last = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (last, "s")]
    first = next((at for at, (amount, _) in enumerate(parts) if amount), 3)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount) or "0 s"


def moment(time: dt.datetime | None) -> str:
    """`2024-01-15 09:30:00` in UTC, a dash for none."""
    return "-" if time is None else time.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def scale(largest: int) -> tuple[int, str]:
    """The divisor and unit in which numbers up to `largest` octets read well on an axis."""
    unit = 0
    while largest >= 1000 ** (unit + 1) and unit < len(_UNITS) - 1:
        unit += 1
    return 1000**unit, _UNITS[unit]
