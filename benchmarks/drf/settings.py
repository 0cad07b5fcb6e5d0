"""Django's settings of the peer, as the documentation of both projects advises for production."""

import os

from psycopg.conninfo import conninfo_to_dict

_where = {name: str(value) for name, value in conninfo_to_dict(os.environ["DATABASE_URL"]).items() if value is not None}

SECRET_KEY = "only for measuring"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "drf"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "drf.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _where.get("host", ""),
        "PORT": _where.get("port", ""),
        "USER": _where.get("user", ""),
        "PASSWORD": _where.get("password", ""),
        "NAME": _where["dbname"],
        "CONN_MAX_AGE": None,
    }
}
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["drf.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["drf.authentication.HasPermission"],
    "UNAUTHENTICATED_USER": None,
}
