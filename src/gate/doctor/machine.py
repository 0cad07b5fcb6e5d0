"""What the kernel tells about this machine."""

import ctypes
from pathlib import Path

_TIME_ERROR = 5
_TIMEX_BYTES = 512  # struct timex has 208 on 64 bits; the rest is room


def clock_synchronised() -> bool | None:
    """Whether the kernel's clock is kept by NTP or the like (adjtimex(2)); None if the system does not tell."""
    libc = ctypes.CDLL(None, use_errno=True)
    # All zero: `modes` 0 asks and changes nothing.
    state = libc.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return None if state < 0 else state != _TIME_ERROR


def largest_receive_buffer(path: Path = Path("/proc/sys/net/core/rmem_max")) -> int | None:
    """Bytes a socket may ask for as its receive buffer; None inside containers, which do not see it."""
    return int(path.read_text(encoding="ascii")) if path.exists() else None
