"""A secret shown exactly once: sealed in the server-side session between the reply that made it and the page that shows it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from gate.core import seal

_KEY = "gate_once"
_PURPOSE = "console-once"


def show(request: HttpRequest, *, title: str, secret: str, about: str, back: str) -> HttpResponse:
    """A redirect to the page that shows `secret`. `back` is the address its button leads to."""
    sealed = seal.seal(secret.encode(), purpose=_PURPOSE, row=f"user:{request.user.pk}")
    request.session[_KEY] = {"title": title, "sealed": sealed.hex(), "about": about, "back": back}
    return HttpResponseRedirect(reverse("admin:secret"))


def page(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Show the secret and forget it; without one, say so."""
    kept = request.session.pop(_KEY, None)
    if kept is None:
        context = {**site.each_context(request), "title": "Nothing to show"}
        return TemplateResponse(request, "console/secret_gone.html", context, status=410)
    secret = seal.unseal(bytes.fromhex(kept["sealed"]), purpose=_PURPOSE, row=f"user:{request.user.pk}").decode()
    context = {
        **site.each_context(request),
        "title": kept["title"],
        "secret": secret,
        "about": kept["about"],
        "back": kept["back"],
    }
    response = TemplateResponse(request, "console/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response
