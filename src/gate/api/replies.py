"""Writing replies: JSON by msgspec, straight from what the view made. The schema beside it in each view documents it."""

from typing import Any

import msgspec
from django.http import HttpResponse

_encoder = msgspec.json.Encoder()


def json(data: Any, *, status: int = 200) -> HttpResponse:
    """`data` (dicts, lists, text, numbers, structs) as the reply."""
    body = _encoder.encode(data)
    # Without a length the server would send it in chunks.
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return HttpResponse(body, status=status, headers=headers)


def nothing() -> HttpResponse:
    """204: done, and nothing to say."""
    response = HttpResponse(status=204)
    del response["Content-Type"]
    return response
