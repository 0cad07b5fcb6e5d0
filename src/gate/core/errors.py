"""The one error tree of the rooms. Ways in map it in one table each: HTTP in api/errors.py, RADIUS in radiusd/dispatch.py.

GateError
├── NotFound            the row is not there, or not for this scope; the two are not to be told apart
├── Unauthenticated     nobody is known to be calling
├── Forbidden           the caller may not do this
├── Invalid             values are refused; `fields` says which and why
│   └── Missing         required values are absent
├── TooMany             a limit is reached; `retry_after` says when it may work again
├── Conflict            the change collides with what is stored
└── Unavailable         something GATE needs (the database) is away; trying later may work
"""

from collections.abc import Mapping, Sequence


class GateError(Exception):
    """Something a caller can be told: `code` is for machines, the text is one sentence for people."""

    code = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class NotFound(GateError):
    """No such row in the caller's organizations."""

    code = "not_found"


class Unauthenticated(GateError):
    """No bearer, or one that is unknown, expired, revoked or used from elsewhere."""

    code = "unauthenticated"


class Forbidden(GateError):
    """The caller is known and may not do this."""

    code = "forbidden"


class Invalid(GateError):
    """One or more values are refused; nothing was changed."""

    code = "invalid"

    def __init__(self, detail: str, *, fields: Mapping[str, Sequence[str]] | None = None, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.fields: dict[str, list[str]] = {name: list(reasons) for name, reasons in (fields or {}).items()}

    @classmethod
    def field(cls, name: str, reason: str) -> "Invalid":
        """An error about the one field `name`."""
        return cls(f"{name}: {reason}", fields={name: [reason]})


class Missing(Invalid):
    """Required fields are absent."""

    code = "missing"


class Conflict(Invalid):
    """The change collides with a stored row: a taken name, a row in use."""

    code = "conflict"


class TooMany(GateError):
    """A limit on calls or attempts is reached; `retry_after` is in whole seconds."""

    code = "too_many"

    def __init__(self, detail: str, *, retry_after: int, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after = retry_after


class Unavailable(GateError):
    """Something GATE needs does not answer."""

    code = "unavailable"
