"""What Linux knows about processes and Python does not offer."""

import ctypes
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def signal_at_parents_death(number: int) -> None:
    """Ask the kernel to send this process the signal `number` when the thread that started it ends. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")


def runs(pid: int) -> bool:
    """Whether the process `pid` exists and is more than a zombie, which has let go of its files and memory already."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # The name before it is in brackets and may itself hold brackets and spaces.
    return state.rpartition(")")[2].split()[0] not in {"Z", "X", "x"}
