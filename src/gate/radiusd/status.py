"""Status-Server (RFC 5997): a NAS asks whether this server can work, and gets an answer where it can.

An answer says that sign-ins and accounting are served now. So there is none while PostgreSQL is away, which section 4.2 of the
RFC leaves to the server: a NAS that hears nothing turns to its other server, where an answer would keep it here in vain. That
the packet carries a right Message-Authenticator the listener has seen to. It never reaches the rooms, and no other server.
"""

from gate.protocols.radius.codes import Code
from gate.radiusd.metrics import Metrics
from gate.radiusd.pulse import Pulse
from gate.radiusd.request import Answers, Request


class Status:
    """Answers Status-Server on both ports, each with the answer its port is for."""

    def __init__(self, *, answers: Answers, pulse: Pulse, metrics: Metrics) -> None:
        self._answers = answers
        self._pulse = pulse
        self._metrics = metrics

    def authentication(self, request: Request) -> None:
        """On the port of authentication the answer is an Access-Accept (section 4.2)."""
        self._answer(request, Code.ACCESS_ACCEPT)

    def accounting(self, request: Request) -> None:
        """On the port of accounting it is an Accounting-Response."""
        self._answer(request, Code.ACCOUNTING_RESPONSE)

    def _answer(self, request: Request, code: Code) -> None:
        self._metrics["status-server"] += 1
        if self._pulse.is_away:
            self._answers.drop(request, "status-database-away")
        else:
            self._answers.reply(request, code, b"")
