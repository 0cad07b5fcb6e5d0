"""Bearer tokens out of their table, as REST framework's own TokenAuthentication does it: one lookup a request."""

import hashlib
from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from drf.models import Organization, Token


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Organization, Token] | None:
        words = get_authorization_header(request).split()
        if len(words) != 2 or words[0].lower() != b"bearer":
            return None
        try:
            token = Token.objects.select_related("organization").get(digest=hashlib.sha256(words[1]).digest())
        except Token.DoesNotExist:
            raise AuthenticationFailed("Invalid token.") from None
        if token.revoked or (token.expires and token.expires <= timezone.now()):
            raise AuthenticationFailed("The token is over.")
        if token.organization.deleted or not token.organization.is_active:
            raise AuthenticationFailed("The organization is gone.")
        return token.organization, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return "Bearer"


class HasPermission(BasePermission):
    """The view's `category`, to read or to write."""

    def has_permission(self, request: Request, view: Any) -> bool:
        action = "read" if request.method == "GET" else "write"
        wanted = {"*", f"*:{action}", f"{view.category}:{action}"}
        return request.auth is not None and not wanted.isdisjoint(request.auth.permissions)
