"""What `gate doctor` says of what is kept how long, and of months that should have gone."""

import datetime as dt

import psycopg
import pytest
from django.db import connection

from gate import settings
from gate.core import clock
from gate.database import partitions
from gate.doctor import kept
from gate.doctor.findings import State

pytestmark = pytest.mark.django_db


def finding(**environ):
    connection.ensure_connection()
    # Rows as psycopg has them, from the connection of the test.
    inner = connection.connection
    assert isinstance(inner, psycopg.Connection)
    (found,) = kept.check(inner, settings.read(environ))
    return found


def test_it_says_how_long_each_kind_is_kept():
    found = finding(GATE_KEEP_SIGN_INS="120")
    assert found.state is State.GOOD
    assert "accounting for ever" in found.text
    assert "sign-ins 120 days" in found.text


def test_it_names_what_should_have_gone():
    with connection.cursor() as cursor:
        long_ago = (clock.now() - dt.timedelta(days=200)).date()
        partitions.ensure(cursor, first=long_ago, last=long_ago, parents=("access_sign_in", "accounting_history"))
    found = finding(GATE_KEEP_ACCOUNTING="90")
    assert found.state is State.WARNING
    assert f"access_sign_in {long_ago:%Y-%m}" in found.text
    assert "accounting_history" not in found.text
    assert "gate worker" in found.advice
    assert finding(GATE_KEEP_SIGN_INS="0").state is State.GOOD
