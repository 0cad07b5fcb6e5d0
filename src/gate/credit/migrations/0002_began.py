"""Balances have a beginning, sessions are debited from there on; entries name their voucher and outlive their user."""

import datetime as dt

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from gate.core import clock

ALWAYS = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Migration(migrations.Migration):
    dependencies = [
        ("credit", "0001_initial"),
        ("database", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="balance",
            name="began",
            field=models.DateTimeField(
                db_default=ALWAYS,
                default=clock.now,
                help_text="What sessions use from here on is debited. Null: the user is not limited by time any more.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="began",
            field=models.DateTimeField(
                db_default=ALWAYS,
                default=ALWAYS,
                editable=False,
                help_text="The beginning of the balance a session's entry counts from.",
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="voucher_id",
            field=models.BigIntegerField(help_text="The voucher, where that is the reason.", null=True),
        ),
        # The column and its index stay as they are; only the constraint goes.
        migrations.AlterField(
            model_name="entry",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="entry", name="credit_entry_user"),
                migrations.RemoveField(model_name="entry", name="user"),
                migrations.AddField(
                    model_name="entry",
                    name="user_id",
                    field=models.BigIntegerField(default=0, help_text="The user, also once deleted."),
                    preserve_default=False,
                ),
                migrations.AddIndex(model_name="entry", index=models.Index(fields=["user_id", "-id"], name="credit_entry_user")),
            ]
        ),
        migrations.RemoveConstraint(model_name="entry", name="credit_entry_session_once"),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("radacctid__isnull", False)),
                fields=("radacctid", "began"),
                name="credit_entry_session_once",
            ),
        ),
    ]
