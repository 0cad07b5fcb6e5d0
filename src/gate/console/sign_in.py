"""Signing in, and changing one's own password."""

from typing import Any

from django import forms
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm as DjangoAuthenticationForm
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from gate.console import throttle
from gate.console.middleware import TENANT_KEY
from gate.console.unfolded import AuthenticationForm, PasswordInput
from gate.core import clock, tenancy
from gate.users import commands as users
from gate.users.hashing import check_password
from gate.users.rules import MAX_PASSWORD

SHORTEST_PASSWORD = 10
"""For people who hold the keys to everybody else's; NIST SP 800-63B asks for 8."""
_NO_MATCH = "This username and password do not open the console."


class SignInForm(AuthenticationForm):
    """Username and password, behind the throttle."""

    error_messages = {**DjangoAuthenticationForm.error_messages, "invalid_login": _NO_MATCH, "inactive": _NO_MATCH}
    retry_after = 0
    """Seconds to wait, where the throttle said so."""

    def clean(self) -> dict[str, Any]:
        """Ask the throttle first. Raises ValidationError, the same for every kind of wrong."""
        username, address = self.cleaned_data.get("username") or "", _address(self.request)
        if not username or not self.cleaned_data.get("password"):
            return self.cleaned_data
        self.retry_after = throttle.attempt(username=username, address=address, now=clock.now())
        if self.retry_after:
            raise ValidationError(f"Too many failed sign-ins. Try again in {_waiting(self.retry_after)}.", code="throttled")
        cleaned: dict[str, Any] = super().clean()
        throttle.succeeded(username=username, address=address)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        """Nothing left to ask: StaffBackend lets only staff through who may enter."""


class SignIn(auth_views.LoginView):
    """The sign-in page."""

    authentication_form = SignInForm
    template_name = "console/login.html"

    def form_valid(self, form: DjangoAuthenticationForm) -> HttpResponse:
        """Keep the tenant beside the person: OperatorScope cannot look for the one without the other."""
        response = super().form_valid(form)
        self.request.session[TENANT_KEY] = form.get_user().tenant_id
        return response

    def form_invalid(self, form: DjangoAuthenticationForm) -> HttpResponse:
        """Say how long to wait, in the page and to programs."""
        response = super().form_invalid(form)
        wait = getattr(form, "retry_after", 0)
        if wait:
            response.status_code = 429
            response["Retry-After"] = str(wait)
        return response


class OwnPasswordForm(PasswordChangeForm):
    """The present password, then a new one twice."""

    old_password = forms.CharField(label="Present password", strip=False, widget=PasswordInput)
    new_password1 = forms.CharField(
        label="New password", strip=False, min_length=SHORTEST_PASSWORD, max_length=MAX_PASSWORD, widget=PasswordInput
    )
    new_password2 = forms.CharField(label="The same again", strip=False, widget=PasswordInput)

    def clean_old_password(self) -> str:
        """Checked by the room's own hashing. Raises ValidationError."""
        given: str = self.cleaned_data["old_password"]
        if not check_password(given, self.user.password):
            raise ValidationError("This is not your present password.", code="password_incorrect")
        return given

    def save(self, commit: bool = True) -> Any:  # noqa: ARG002  Django's signature
        """Through the room, which also drops every other copy of the old one. Raises GateError."""
        users.set_password(tenancy.current(), self.user.pk, password=self.cleaned_data["new_password1"])
        # Django keeps this session signed in by the new hash.
        self.user.refresh_from_db(fields=["password"])
        return self.user


def _address(request: HttpRequest | None) -> str:
    # The connection's own address: a forwarded one is whatever the caller writes.
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""


def _waiting(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 90 else f"{-(-seconds // 60)} minutes"
