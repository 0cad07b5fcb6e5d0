"""Column types of PostgreSQL that Django has no field for, read and written as text."""

# ruff: noqa: ARG002  Django hands every hook its connection.

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

# Django's fields take type arguments only in the eyes of the type checker.
if TYPE_CHECKING:
    _Text = models.TextField[str, str]
    _TextOrNone = models.TextField[str | None, str | None]
else:
    _Text = _TextOrNone = models.TextField


class _Cast:
    """What both have in common."""

    column_type: ClassVar[str]

    def db_type(self, connection: Any) -> str:
        """Column type."""
        return self.column_type

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Psycopg sends text; PostgreSQL wants to be told what it is."""
        return f"%s::{self.column_type}"


class CastField(_Cast, _Text):
    """A text in Python, `column_type` in PostgreSQL."""


class NullableCastField(_Cast, _TextOrNone):
    """The same, or nothing."""
