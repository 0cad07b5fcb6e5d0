"""Django's own settings, made from `gate.settings`. Nothing here is for operators."""

from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from gate import settings as gate_settings
from gate.console.theme import UNFOLD  # noqa: F401  Django reads settings by name
from gate.core import seal

_current = gate_settings.current()
_package = Path(__file__).parent

ROLES = {"web": "gate_app", "system": "gate_system", "owner": None}


def _database(url: str | None) -> dict[str, Any]:
    """Django's entry for one PostgreSQL. Without a URL the name is empty, and the first query says so."""
    parts = {key: str(value) for key, value in conninfo_to_dict(url or "").items() if value is not None}
    options: dict[str, Any] = {
        key: value for key, value in parts.items() if key not in {"host", "port", "user", "password", "dbname"}
    }
    options["application_name"] = f"gate-{_current.part}"
    # Django switches prepared statements off. Its own cursors cannot use them, but those beside it ask for them.
    options["prepare_threshold"] = 5
    role = ROLES[_current.part]
    if role is not None:
        options["assume_role"] = role
    else:
        # A migration that cannot have its lock gives up rather than making everybody behind it wait.
        options["options"] = f"{options.get('options', '')} -c lock_timeout=4000".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "NAME": parts.get("dbname", "gate"),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": options,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


SECRET_KEY = seal.key("django").hex()
DEBUG = _current.debug
ALLOWED_HOSTS = ["*"]  # the address in the Host header is used for links only, see docs/threat-model.md
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ninja",
    "procrastinate.contrib.django",
    "gate.database",
    "gate.organizations",
    "gate.users",
    "gate.profiles",
    "gate.nas",
    "gate.realms",
    "gate.places",
    "gate.tokens",
    "gate.credit",
    "gate.txlog",
    "gate.devices",
    "gate.telemetry",
    "gate.portals",
    "gate.accounting",
    "gate.control",
    "gate.access",
    "gate.jobs",
    "gate.console",
]
MIDDLEWARE = [
    "gate.console.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "gate.console.middleware.OperatorScope",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "gate.urls"
WSGI_APPLICATION = "gate.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_package / "console" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {"default": _database(_current.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["gate.console.backend.StaffBackend"]
PASSWORD_HASHERS = ["gate.users.hashing.Argon2id"]
SILENCED_SYSTEM_CHECKS = [
    "auth.E003",  # usernames are unique within a tenant, staff usernames within the install: both by constraint
    "auth.W004",
]
LOGIN_URL = "/console/login/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _current.public_url.startswith("https://")
CSRF_TRUSTED_ORIGINS = [_current.public_url]
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # one language throughout, not half of Django's in the browser's
FORMAT_MODULE_PATH = ["gate.console.formats"]
STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
PROCRASTINATE_IMPORT_PATHS = [
    "gate.jobs.close_stale_sessions",
    "gate.jobs.compact_tallies",
    "gate.jobs.end_portal_sessions",
    "gate.jobs.end_unwelcome_sessions",
    "gate.jobs.forget_recoverable_passwords",
    "gate.jobs.make_partitions",
    "gate.jobs.move_closed_sessions",
    "gate.jobs.prune",
    "gate.jobs.roll_up_connections",
]
LOGGING_CONFIG = None  # gate.core.logs sets logging up, the same in every process
