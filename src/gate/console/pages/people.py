"""Organizations, users, profiles."""

# ruff: noqa: ARG002  Django and unfold hand every hook the request and the row.

import re
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from gate.attributes import RadiusDictionary
from gate.console import human, permissions
from gate.console.pages.base import CommandAdmin, CommandForm, badge, values
from gate.console.unfolded import AnyForm, AutocompleteSelectFilter, PasswordInput, SelectWidget, TextareaWidget, TextInputWidget
from gate.core import tenancy
from gate.core.errors import Conflict, Forbidden
from gate.core.tenancy import Scope
from gate.credit import commands as credit_commands
from gate.credit import queries as credit_queries
from gate.credit.types import Entry
from gate.organizations import commands as organization_commands
from gate.organizations.models import Organization
from gate.organizations.types import OrganizationFields
from gate.profiles import commands as profile_commands
from gate.profiles import rules as profile_rules
from gate.profiles.models import Profile
from gate.profiles.types import Item, ProfileFields
from gate.users import commands as user_commands
from gate.users import queries as user_queries
from gate.users import rules as user_rules
from gate.users.models import Role, User
from gate.users.types import UserFields

LEDGER_LINES = 20
_REASONS = {"operator": "Operator", "api": "API call", "session": "Session", "voucher": "Voucher"}

RECOVERABLE_HELP = (
    "Off: passwords are kept only as Argon2id hashes, and nobody can read them back; sign-in by PAP, EAP-TTLS/PAP and the portal "
    "works. On: subscribers' passwords are also kept encrypted, because CHAP and MS-CHAP cannot be checked otherwise. Whoever "
    "holds both the database and the secret key can then read them. It counts from each subscriber's next password change."
)


class OrganizationAdmin(CommandAdmin[Organization]):
    """The tree, as far as the person reaches."""

    category = permissions.ORGANIZATIONS
    list_display = ("in_tree", "short_name", "country_code", "active", "updated")
    list_display_links = ("in_tree",)
    list_filter = ("is_active",)
    search_fields = ("name", "short_name")
    ordering = ("path",)
    autocomplete_fields = ("parent",)
    fieldsets = (
        (None, {"fields": (("name", "short_name"), ("display_name", "parent"), "is_active", "description")}),
        ("Passwords", {"fields": ("recoverable_passwords",)}),
        ("App", {"fields": ("self_registration", "device_mac_sign_in")}),
        ("Limits", {"fields": (("max_users", "max_api_calls"),)}),
        (
            "More",
            {"fields": (("country_code", "timezone"), ("language", "currency"), ("industry", "size"), "website", "logo_url",
                        ("primary_color", "secondary_color"))},
        ),
    )  # fmt: skip

    @admin.display(description="Name", ordering="path")
    def in_tree(self, row: Organization) -> SafeString:
        """The name, indented by its depth below the person's own organization."""
        top = tenancy.current().organization_ids
        above = sum(1 for label in row.path.split(".")[:-1] if int(label) in top)
        return format_html('<span class="gate-tree" style="--depth:{}">{}</span>', above, row.name)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        """Without the deleted ones, which stay for what names them."""
        return super().get_queryset(request).filter(deleted=False)

    def get_readonly_fields(self, request: HttpRequest, obj: Organization | None = None) -> Any:
        """The top of what the person reaches does not move."""
        return ("parent",) if obj is not None and obj.pk == tenancy.current().organization_id else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new one hangs below the person's own."""
        return {"parent": tenancy.current().organization_id, **super().get_changeform_initial_data(request)}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A parent is needed: roots are tenants, made by `gate init`. The password switch says what it means."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "parent":
            field.required = True
        if db_field.name == "recoverable_passwords":
            field.help_text = RECOVERABLE_HELP
        return field

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new organization below another."""
        parent = form.cleaned_data["parent"]
        return organization_commands.create_child(scope, parent_id=parent.pk, fields=_organization_fields(form)).id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """Changed values, and another place in the tree."""
        organization_commands.update(scope, row_id, fields=_organization_fields(form))
        if "parent" in form.changed_data:
            organization_commands.move(scope, row_id, parent_id=form.cleaned_data["parent"].pk)

    def remove(self, scope: Scope, row_id: int) -> None:
        """Mark it deleted."""
        if row_id == scope.organization_id:
            raise Conflict("This is your own organization.", code="in_use")
        organization_commands.delete(scope, row_id)


def _organization_fields(form: AnyForm) -> OrganizationFields:
    return cast("OrganizationFields", values(form, OrganizationFields.__annotations__))


class UserForm(CommandForm):
    """A password goes in and never comes out."""

    new_password = forms.CharField(
        required=False, strip=False, max_length=user_rules.MAX_PASSWORD, label="Password",
        widget=PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    profiles = forms.CharField(
        required=False,
        widget=TextInputWidget,
        help_text="Short names of AAA profiles, separated by commas; the first counts first.",
    )
    seconds_left = forms.IntegerField(
        required=False, max_value=2**53, widget=TextInputWidget, label="Time credit (seconds)",
        help_text="Empty: not limited by time. A change writes an entry in the ledger.",
    )  # fmt: skip
    role = forms.ChoiceField(choices=Role.choices, widget=SelectWidget, initial=Role.DEVICE_USER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope, row = tenancy.current(), self.instance
        password = self.fields.get("new_password")
        if password is not None:
            password.help_text = "Leave empty to keep the present one." if row.pk else "Empty: no sign-in with a password."
        role = self.fields.get("role")
        if isinstance(role, forms.ChoiceField):
            role.choices = [(name, label) for name, label in Role.choices if _may_give(scope, name)]
        if row.pk:
            names = user_queries.profile_names(scope, [row.pk]).get(row.pk, ())
            self.initial.setdefault("profiles", ", ".join(names))
            self.initial.setdefault("seconds_left", credit_queries.balances(scope, [row.pk]).get(row.pk))

    def clean_profiles(self) -> list[str]:
        """The names typed, in their order."""
        return [name for name in re.split(r"[,\s]+", self.cleaned_data["profiles"]) if name]


def _may_give(scope: Scope, role: str) -> bool:
    try:
        user_rules.check_may_manage(scope, role)
    except Forbidden:
        return False
    return True


class UserAdmin(CommandAdmin[User]):
    """Subscribers and staff."""

    category = permissions.USERS
    form = UserForm
    list_display = ("username", "full_name", "role_name", "organization", "active", "expiration", "last_login")
    list_select_related = ("organization",)
    list_filter = ("role", "is_active", ("organization", AutocompleteSelectFilter))
    search_fields = ("username", "email", "first_name", "last_name", "external_id")
    autocomplete_fields = ("organization",)

    @admin.display(description="Name")
    def full_name(self, row: User) -> str:
        """First and last name."""
        return f"{row.first_name} {row.last_name}".strip() or "-"

    @admin.display(description="Role", ordering="role")
    def role_name(self, row: User) -> SafeString:
        """Staff stand out."""
        return badge(row.get_role_display(), "staff" if row.is_staff else "")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """What signs in, who it is, for how long."""
        dates = [("date_joined", "last_login")] if obj is not None else []
        signed_in = ("sign_ins",) if obj is not None and permissions.may(permissions.TRACES, "read") else ()
        ledger: list[Any] = [("Time credit", {"fields": ("ledger",)})] if obj is not None and _entries(obj) else []
        return [
            (None, {"fields": (("username", "new_password"), ("organization", "role"), "is_active")}),
            ("Access", {"fields": ("profiles", ("expiration", "max_sessions"), "seconds_left", *signed_in)}),
            ("Person", {"fields": (("first_name", "last_name"), ("email", "external_id"), "klass", "description", *dates)}),
            *ledger,
        ]

    @admin.display(description="Sign-ins")
    def sign_ins(self, row: User) -> SafeString:
        """To what was decided of this user's sign-ins, and why."""
        address = f"{reverse('admin:traces')}?user={row.pk}"
        return format_html('<a class="gate-link" href="{}">What was decided, and why</a>', address)

    @admin.display(description="Newest entries")
    def ledger(self, row: User) -> SafeString:
        """What was granted and used, and why: the newest entries of the ledger."""
        lines = format_html_join(
            "", '<tr><td>{}</td><td class="gate-number">{}</td><td>{}</td><td>{}</td></tr>',
            ((human.moment(entry.created), f"{entry.seconds:+d}", _reason(entry), entry.note) for entry in _entries(row)),
        )  # fmt: skip
        return format_html(
            '<table class="gate-table"><thead><tr><th>When (UTC)</th><th class="gate-number">Seconds</th><th>Why</th>'
            "<th>Note</th></tr></thead><tbody>{}</tbody></table>",
            lines,
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """A role is given when the user is made; the ledger is written by what happens."""
        return ("role", "date_joined", "last_login", "ledger", "sign_ins") if obj is not None else ()

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new user."""
        made = user_commands.create(scope, fields=_user_fields(form), role=form.cleaned_data["role"])
        _set_credit(scope, made.id, form)
        return made.id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """A changed one."""
        user_commands.update(scope, row_id, fields=_user_fields(form))
        if "seconds_left" in form.changed_data:
            _set_credit(scope, row_id, form)

    def remove(self, scope: Scope, row_id: int) -> None:
        """One less. Accounting stays, with the username."""
        if scope.actor == f"user:{row_id}":
            raise Conflict("You are signed in as this user.", code="in_use")
        user_commands.delete(scope, row_id)


def _entries(row: User) -> list[Entry]:
    return credit_queries.entries(tenancy.current(), row.pk, limit=LEDGER_LINES)


def _reason(entry: Entry) -> str:
    number = entry.radacctid or entry.voucher_id
    named = f"{_REASONS[entry.reason]} {number}" if number is not None else _REASONS[entry.reason]
    return f"{named} ({entry.actor})" if entry.actor else named


def _user_fields(form: AnyForm) -> UserFields:
    fields = values(form, [name for name in UserFields.__annotations__ if name not in {"password", "profile"}])
    fields["profile"] = form.cleaned_data["profiles"]
    if form.cleaned_data["new_password"]:
        fields["password"] = form.cleaned_data["new_password"]
    return cast("UserFields", fields)


def _set_credit(scope: Scope, user_id: int, form: AnyForm) -> None:
    seconds = form.cleaned_data["seconds_left"]
    credit_commands.set_balance(scope, user_id, seconds=seconds, reason="operator", actor=scope.actor)


class ItemsField(forms.CharField):
    """Check or reply items, one a line, as RADIUS people write them: `Session-Timeout := 3600`."""

    widget = TextareaWidget(attrs={"rows": 6, "class": "gate-code", "spellcheck": "false"})
    _operators = sorted(profile_rules.REPLY_OPERATORS | profile_rules.CHECK_OPERATORS, key=len, reverse=True)
    _line = re.compile(rf"(?P<attribute>[^\s=!:<>+~]+(?::\d+)?)\s*(?P<op>{'|'.join(map(re.escape, _operators))})\s*(?P<value>.*)")

    def to_python(self, value: Any) -> Any:
        """Items from lines. Raises ValidationError naming the line."""
        items = []
        for number, line in enumerate(str(value or "").splitlines(), start=1):
            if not line.strip():
                continue
            found = self._line.fullmatch(line.strip())
            if found is None:
                raise forms.ValidationError(
                    f"Line {number}: an attribute, an operator, a value, for example Session-Timeout := 3600."
                )
            items.append(Item(attribute=found["attribute"], op=found["op"], value=_unquoted(found["value"])))
        return tuple(items)

    def prepare_value(self, value: Any) -> Any:
        """Lines from stored items; what was typed stays as it was."""
        if isinstance(value, str):
            return value
        return "\n".join(f"{item['attribute']} {item['op']} {item['value']}".rstrip() for item in value or ())

    def has_changed(self, initial: Any, data: Any) -> bool:
        """By the lines."""
        return str(self.prepare_value(initial)).split() != str(data or "").split()


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] == '"'
    return value[1:-1] if quoted else value


_LIMITS = (
    ("rate_up", "rate_down"), ("quota_up", "quota_down", "quota_total"), ("session_timeout", "idle_timeout"),
    ("vlan", "role"), ("redirect_url", "max_sessions"),
)  # fmt: skip
_LIMITS_TOLD = "Sent in the attributes and units of each make of NAS. A reply item of the same attribute goes before."


class ProfileForm(CommandForm):
    """Items as lines."""

    reply_attribute = ItemsField(
        required=False, label="Reply items", help_text="Sent with the grant. Operators: = += :=. Example: Session-Timeout := 3600"
    )
    check_attribute = ItemsField(
        required=False, label="Check items",
        help_text="All must hold, or the user is refused. Operators: == != > >= < <= =~ !~ =* !*. "
        "Example: NAS-Port-Type == Wireless-802.11",
    )  # fmt: skip


class ProfileAdmin(CommandAdmin[Profile]):
    """Who may, and with what."""

    category = permissions.PROFILES
    form = ProfileForm
    list_display = ("short_name", "name", "organization", "replies", "checks", "last_change")
    list_select_related = ("organization",)
    list_filter = (("organization", AutocompleteSelectFilter),)
    search_fields = ("name", "short_name")
    autocomplete_fields = ("organization",)
    dictionary: ClassVar[RadiusDictionary] = RadiusDictionary()

    @admin.display(description="Reply items")
    def replies(self, row: Profile) -> int:
        """How many."""
        return len(row.reply_attribute)

    @admin.display(description="Check items")
    def checks(self, row: Profile) -> int:
        """How many."""
        return len(row.check_attribute)

    def get_fieldsets(self, request: HttpRequest, obj: Profile | None = None) -> Any:
        """Names, then items."""
        return [
            (None, {"fields": (("name", "short_name"), "organization", "description")}),
            ("Limits", {"fields": _LIMITS, "description": _LIMITS_TOLD}),
            ("Items", {"fields": ("reply_attribute", "check_attribute")}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Profile | None = None) -> Any:
        """A profile stays where it was made: users below have it."""
        return ("organization",) if obj is not None else ()

    def create(self, scope: Scope, form: AnyForm) -> int:
        """A new profile."""
        return profile_commands.create(scope, fields=_profile_fields(form), dictionary=self.dictionary).id

    def update(self, scope: Scope, row_id: int, form: AnyForm) -> None:
        """A changed one."""
        profile_commands.update(scope, row_id, fields=_profile_fields(form), dictionary=self.dictionary)

    def remove(self, scope: Scope, row_id: int) -> None:
        """One less, unless users have it."""
        profile_commands.delete(scope, row_id)


def _profile_fields(form: AnyForm) -> ProfileFields:
    return cast("ProfileFields", values(form, ProfileFields.__annotations__))


ALL: tuple[tuple[type[Model], type[CommandAdmin[Any]]], ...] = (
    (Organization, OrganizationAdmin),
    (User, UserAdmin),
    (Profile, ProfileAdmin),
)
