"""Writing replies: JSON by msgspec, straight from what the view made. The schema beside it in each view documents it."""

from typing import Any

import msgspec
from django.http import HttpResponse

_encoder = msgspec.json.Encoder()


def json(data: Any, *, status: int = 200) -> HttpResponse:
    """`data` (dicts, lists, text, numbers, structs) as the reply."""
    return HttpResponse(_encoder.encode(data), status=status, content_type="application/json")


def nothing() -> HttpResponse:
    """204: done, and nothing to say."""
    response = HttpResponse(status=204)
    del response["Content-Type"]
    return response
