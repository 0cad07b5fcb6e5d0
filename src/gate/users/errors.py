"""Why somebody could not sign in with a password. Each is an error of core/errors.py, so the ways in know its kind."""

import datetime as dt

from gate.core.errors import Forbidden, GateError, Invalid, TooMany


class SignInRefused(GateError):
    """Nobody was signed in. What it says is the same for a name that exists and one that does not."""

    username: str
    attempts_remaining: int | None = None
    """Further attempts before the name is locked."""
    locked_until: dt.datetime | None = None


class WrongCredentials(SignInRefused, Invalid):
    """Nobody has this name and password."""

    code = "auth_failed"

    def __init__(self, *, username: str, attempts_remaining: int, locked_until: dt.datetime | None) -> None:
        super().__init__("Invalid credentials")
        self.username = username
        self.attempts_remaining = attempts_remaining
        self.locked_until = locked_until


class Locked(SignInRefused, Forbidden):
    """The name is locked after too many failures; the password was not looked at."""

    code = "account_locked"

    def __init__(self, *, username: str, locked_until: dt.datetime) -> None:
        super().__init__("Too many failed sign-ins; this name is locked for now.")
        self.username = username
        self.attempts_remaining = 0
        self.locked_until = locked_until


class Suspended(SignInRefused, Forbidden):
    """The password is right, and the account is inactive, expired, or of an inactive organization."""

    code = "account_suspended"

    def __init__(self, *, username: str) -> None:
        super().__init__("This account is suspended or has expired.")
        self.username = username


class DeviceBlocked(SignInRefused, Forbidden):
    """The password is right, and the device is blocked."""

    code = "device_blocked"

    def __init__(self, *, username: str) -> None:
        super().__init__("The device is blocked.")
        self.username = username


class Throttled(SignInRefused, TooMany):
    """Too many failures from this network address; the password was not looked at."""

    code = "too_many_attempts"

    def __init__(self, *, username: str, retry_after: int) -> None:
        super().__init__("Too many failed sign-ins from this address.", retry_after=retry_after)
        self.username = username
