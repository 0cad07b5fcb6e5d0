"""What may go wrong with a call, as one tree.

ClientError
├── ConnectionFailed        no reply: no connection, a cut one, or a timeout
├── ReplyNotUnderstood      a reply of another shape than documented: no GATE, or one of another version
└── GateApiError            GATE refused; `status`, `code`, `detail`, `errors`, `request_id`
    ├── BadRequest          400
    ├── Unauthorized        401
    ├── Forbidden           403
    ├── NotFound            404
    ├── Conflict            409
    ├── Unprocessable       422
    ├── TooManyRequests     429; `retry_after` in seconds
    └── ServerFault         5xx
        └── Unavailable     503; `retry_after` in seconds
"""

from collections.abc import Mapping, Sequence
from typing import Any


class ClientError(Exception):
    """Anything a call raises."""


class ConnectionFailed(ClientError):
    """No reply came, after as many attempts as the method allows. Whether GATE did what was asked is not known."""


class ReplyNotUnderstood(ClientError):
    """The reply is not of the documented shape."""


class GateApiError(ClientError):
    """GATE refused, and said why."""

    def __init__(
        self,
        detail: str,
        *,
        status: int,
        code: str,
        errors: Mapping[str, Sequence[str]] | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        """A word for programs: `not_found`, `duplicate`, `missing`."""
        self.detail = detail
        """One sentence for people."""
        self.errors: dict[str, list[str]] = {name: list(reasons) for name, reasons in (errors or {}).items()}
        """Fields at fault, each with the reasons."""
        self.request_id = request_id
        """What GATE's log knows the request by."""
        self.retry_after = retry_after
        """Seconds after which it may work, where GATE said so."""
        self.body: Mapping[str, Any] = body or {}
        """The reply whole: a refused sign-in says `attempts_remaining` and `lockout_time` too."""


class BadRequest(GateApiError):
    """400: the request cannot be understood, or a value is refused."""


class Unauthorized(GateApiError):
    """401: no token, or one that is unknown, expired or revoked."""


class Forbidden(GateApiError):
    """403: the token may not do this; or the user or device is locked, suspended or expired."""


class NotFound(GateApiError):
    """404: no such row among the token's organizations."""


class Conflict(GateApiError):
    """409: the name is taken, or the row in use."""


class Unprocessable(GateApiError):
    """422: understood, and a value is refused; a wrong user password."""


class TooManyRequests(GateApiError):
    """429, still after the retries: a limit on calls or attempts is reached."""


class ServerFault(GateApiError):
    """5xx: GATE failed; its log has the reason under `request_id`."""


class Unavailable(ServerFault):
    """503, still after the retries: GATE's database does not answer."""


BY_STATUS: dict[int, type[GateApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Unprocessable,
    429: TooManyRequests,
    503: Unavailable,
}


def of_status(status: int) -> type[GateApiError]:
    """The class for a status."""
    return BY_STATUS.get(status, ServerFault if status >= 500 else GateApiError)
