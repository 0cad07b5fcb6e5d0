"""Failed sign-ins to the console."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SignInAttempts",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="Digest of what is counted; no name is kept.", max_length=64, primary_key=True, serialize=False
                    ),
                ),
                ("failures", models.PositiveIntegerField()),
                ("last", models.DateTimeField()),
                ("blocked_until", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["last"], name="sign_in_attempts_last")],
            },
        ),
    ]
