"""What stands behind a request whose proof is more than a password: MS-CHAP-V2, and one turn of an EAP conversation.

`authenticate.py` looks the user up and decides as for everybody; a turn says what the proof comes to, and what the answer
carries beside the grant.
"""

from gate.access.types import Grant, Proof
from gate.radiusd.found import Row
from gate.radiusd.request import Request


class Turn:
    """One request's. The bare one proves nothing and adds nothing."""

    asks = False
    """Whether only the proof is asked for: then `proved` is told, and nothing is decided or answered yet."""

    def prove(self, row: Row, password: bytes | None) -> Proof:  # noqa: ARG002 - the bare one needs neither
        """What the credential comes to for this user; `password` is the recoverable one, if there is one."""
        return Proof.ABSENT

    def proved(self, row: Row | None, proof: Proof) -> None:
        """The proof that was asked for; `row` is None for an unknown user."""

    def accepted(self, request: Request, row: Row, grant: Grant) -> bytes:  # noqa: ARG002 - the bare one adds nothing
        """What the Access-Accept carries beside the grant."""
        return b""

    def rejected(self) -> bytes:
        """What the Access-Reject carries."""
        return b""
