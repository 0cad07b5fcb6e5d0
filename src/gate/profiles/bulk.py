"""All profiles, a page at a time, for exports."""

from gate.core.tenancy import Scope
from gate.profiles import models
from gate.profiles.queries import profile_of
from gate.profiles.types import Profile


def after(scope: Scope, profile_id: int, *, limit: int) -> list[Profile]:
    """The next profiles of the scope by id, beyond `profile_id`, at most `limit`."""
    return [profile_of(row) for row in models.Profile.objects.within(scope).filter(pk__gt=profile_id).order_by("pk")[:limit]]
