"""What a process of GATE shares with the supervisor that started it, and what Linux knows about processes.

The three variables here are how `gate up` speaks to its children. They are no settings and nothing for operators.
"""

import ctypes
import os
import signal
from pathlib import Path

SUPERVISED = "GATE_SUPERVISED"
"""In the environment of a child: the process id of the supervisor that started it."""
READY_FD = "GATE_READY_FD"
"""In the environment of a child: the number of an open pipe, for the word that it is ready."""
READY = b"ready\n"

_PR_SET_PDEATHSIG = 1


def signal_at_parents_death(number: int) -> None:
    """Ask the kernel to send this process the signal `number` when the thread that started it ends. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")


def die_with_parent() -> None:
    """Tie this process to the supervisor that started it, if one did: it gets SIGTERM when the supervisor ends.

    Raises SystemExit if the supervisor is gone already.
    """
    supervisor = os.environ.pop(SUPERVISED, None)  # this process's own children have another parent
    if supervisor is None:
        return
    signal_at_parents_death(signal.SIGTERM)
    if os.getppid() != int(supervisor):
        raise SystemExit("The supervisor that started this process is gone.")


def report_ready() -> None:
    """Tell the supervisor, if there is one, that this process does its work now. A second call does nothing."""
    number = os.environ.pop(READY_FD, None)
    if number is not None:
        os.write(int(number), READY)
        os.close(int(number))


def runs(pid: int) -> bool:
    """Whether the process `pid` exists and is more than a zombie, which has let go of its files and memory already."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # The name before it is in brackets and may itself hold brackets and spaces.
    return state.rpartition(")")[2].split()[0] not in {"Z", "X", "x"}
