"""Who the tests are about. Two tenants:

    acme                        rival
    ├── acme-west               └── rival-north
    │   └── acme-west-cafe
    └── acme-east

`owner` (root of acme, all rights), `mate` (same organization, may only read), `west` (all rights in acme-west: sees west and the
café, not the root, not east), `east` (the sibling branch), `stranger` (owner of the other tenant).
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from django.db import connection

import described
from gate.core import clock, seal
from gate.core.tenancy import Scope
from gate.nas.models import Nas
from gate.organizations.models import Organization
from gate.places.models import AccessPoint, Location
from gate.profiles.models import Profile
from gate.tokens.models import ApiToken
from gate.users.hashing import hash_password
from gate.users.models import User, UserProfile

PASSWORD = "correct horse battery staple"
# Argon2id is slow by design: hashed once for the whole run.
_PASSWORD_HASH = hash_password(PASSWORD)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an API token and a console account."""

    name: str
    scope: Scope
    token: str
    user_id: int

    @property
    def headers(self) -> dict[str, str]:
        """What to send to be this person."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, slots=True)
class World:
    """Everything made by `make_world`; ids by name."""

    now: dt.datetime
    organizations: dict[str, int]
    people: dict[str, Person]
    profiles: dict[str, int]
    users: dict[str, int]
    locations: dict[str, int]
    access_points: dict[str, int]
    nas: dict[str, int]
    nas_secret: str

    @property
    def owner(self) -> Person:
        """All rights at the root of acme."""
        return self.people["owner"]

    @property
    def mate(self) -> Person:
        """Same organization as the owner, may only read."""
        return self.people["mate"]

    @property
    def west(self) -> Person:
        """All rights in acme-west."""
        return self.people["west"]

    @property
    def east(self) -> Person:
        """All rights in acme-east, the sibling branch."""
        return self.people["east"]

    @property
    def stranger(self) -> Person:
        """Owner of the other tenant."""
        return self.people["stranger"]


def make_world() -> World:
    """Fill an empty database with both tenants, as the owner of the schema."""
    now = clock.now().replace(microsecond=0)
    organizations: dict[str, int] = {}
    for name, parent in [
        ("acme", None), ("acme-west", "acme"), ("acme-west-cafe", "acme-west"), ("acme-east", "acme"),
        ("rival", None), ("rival-north", "rival"),
    ]:  # fmt: skip
        organizations[name] = _organization(name, None if parent is None else organizations[parent], now)
    acme, rival = organizations["acme"], organizations["rival"]
    people = {
        name: _person(name, tenant, organizations[organization], role, now)
        for name, tenant, organization, role in [
            ("owner", acme, "acme", "owner"), ("mate", acme, "acme", "viewer"), ("west", acme, "acme-west", "owner"),
            ("east", acme, "acme-east", "owner"), ("stranger", rival, "rival", "owner"),
        ]
    }  # fmt: skip
    profiles, users, locations, points, nas = {}, {}, {}, {}, {}
    secret = secrets.token_urlsafe(24)
    for number, (name, tenant) in enumerate(
        [("acme", acme), ("acme-west", acme), ("acme-east", acme), ("rival", rival)], start=1
    ):
        common = {"tenant_id": tenant, "organization_id": organizations[name]}
        dated = {"created": now, "last_change": now}
        profiles[name] = Profile.unscoped.create(
            **common, **dated, name=f"{name} profile", short_name=f"{name}-profile",
            reply_attribute=[{"attribute": "Session-Timeout", "op": ":=", "value": "3600"}],
        ).pk  # fmt: skip
        users[name] = User.unscoped.create(
            **common, username=f"guest.{name}", username_key=f"guest.{name}", password=_PASSWORD_HASH, date_joined=now,
            last_change=now,
        ).pk  # fmt: skip
        UserProfile.objects.create(tenant_id=tenant, user_id=users[name], profile_id=profiles[name], position=0)
        locations[name] = Location.unscoped.create(
            **common, **dated, name=f"{name} site", short_name=f"{name}-site", latitude="37.7749", longitude="-122.4194"
        ).pk  # fmt: skip
        points[name] = AccessPoint.unscoped.create(
            **common, **dated, name=f"{name} AP", short_name=f"{name}-ap", location_id=locations[name],
            mac_addr=f"02:00:00:00:00:{number:02X}",
        ).pk  # fmt: skip
        row = Nas.unscoped.create(
            **common, **dated, name=f"{name} controller", short_name=f"{name}-nas", address=f"127.0.0.{number}/32",
            secret_sealed=b"", location_id=locations[name],
        )  # fmt: skip
        row.secret_sealed = seal.seal(secret.encode(), purpose="nas-secret", row=f"nas:{row.pk}")
        row.save(update_fields=["secret_sealed"])
        nas[name] = row.pk
    return World(
        now=now, organizations=organizations, people=people, profiles=profiles, users=users, locations=locations,
        access_points=points, nas=nas, nas_secret=secret,
    )  # fmt: skip


def _organization(name: str, parent: int | None, now: dt.datetime) -> int:
    row = Organization.unscoped.create(
        name=name.replace("-", " ").title(), short_name=name, parent_id=parent, created=now, updated=now, country_code="US"
    )
    above = Organization.unscoped.get(pk=parent) if parent is not None else None
    row.tenant_id = above.tenant_id if above else row.pk
    row.path = f"{above.path}.{row.pk}" if above else str(row.pk)
    row.save(update_fields=["tenant", "path"])
    return row.pk


def _person(name: str, tenant: int, organization: int, role: str, now: dt.datetime) -> Person:
    permissions = ["*"] if role == "owner" else ["*:read"]
    token = f"gate_{secrets.token_urlsafe(32)}"
    ApiToken.unscoped.create(
        tenant_id=tenant, organization_id=organization, name=name, prefix=token[:12], created=now,
        digest=hashlib.sha256(token.encode()).digest(), permissions=permissions,
    )  # fmt: skip
    user = User.unscoped.create(
        tenant_id=tenant, organization_id=organization, username=f"{name}@staff", username_key=f"{name}@staff", role=role,
        password=_PASSWORD_HASH, date_joined=now, last_change=now,
    )  # fmt: skip
    path = Organization.unscoped.get(pk=organization).path
    below = Organization.unscoped.extra(where=["path <@ %s::ltree"], params=[path]).values_list("id", flat=True)
    scope = Scope(
        tenant_id=tenant, organization_id=organization, organization_ids=tuple(sorted(below)),
        permissions=frozenset(permissions), actor=f"test:{name}",
    )  # fmt: skip
    return Person(name=name, scope=scope, token=token, user_id=user.pk)


class _AsWebProcess(httpx.BaseTransport):
    """Runs each request under the role of the web processes, with no tenant told beforehand, and checks each reply."""

    def __init__(self) -> None:
        from gate.wsgi import application

        self._inner = httpx.WSGITransport(app=application, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with as_web_process(), described.statements() as asked:
            answer = self._inner.handle_request(request)
            body = answer.read()
        described.check(request, answer.status_code, answer.headers, body, statements=asked())
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))


@contextmanager
def as_web_process() -> Iterator[None]:
    """Within the block the database connection has the rights of a web process."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE gate_app; RESET gate.tenant")
    connection.gate_tenant = None  # type: ignore[attr-defined]
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@contextmanager
def web_client() -> Iterator[httpx.Client]:
    """A client for `/api/v1/…` and `/console/…`."""
    with httpx.Client(transport=_AsWebProcess(), base_url="http://testserver") as client:
        yield client
