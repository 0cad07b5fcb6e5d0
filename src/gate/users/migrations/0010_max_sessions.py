"""How many sessions a user may have open at once, whatever the profiles say.

The RADIUS server asks only while there is anybody with such a number, so it hears of each change of one.
"""

from django.db import migrations, models

NOTICE = """
CREATE FUNCTION gate_notify_own_limits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('gate_changed', 'users_user.max_sessions');
    RETURN NULL;
END $$;
-- A row at a time, and only where the number changes: sign-ins update users all day.
CREATE TRIGGER users_user_limited AFTER INSERT ON users_user FOR EACH ROW
WHEN (NEW.max_sessions IS NOT NULL) EXECUTE FUNCTION gate_notify_own_limits();
CREATE TRIGGER users_user_limits AFTER UPDATE OF max_sessions ON users_user FOR EACH ROW
WHEN (OLD.max_sessions IS DISTINCT FROM NEW.max_sessions) EXECUTE FUNCTION gate_notify_own_limits();
"""
NOTICE_DOWN = """
DROP TRIGGER users_user_limited ON users_user;
DROP TRIGGER users_user_limits ON users_user;
DROP FUNCTION gate_notify_own_limits();
"""


class Migration(migrations.Migration):
    dependencies = [("users", "0009_names_in_lists"), ("organizations", "0002_self_registration")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="max_sessions",
            field=models.IntegerField(
                blank=True,
                null=True,
                help_text="Sessions open at once, whatever the profiles say; empty: as they say.",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["tenant"], name="user_max_sessions", condition=models.Q(("max_sessions__isnull", False))),
        ),
        migrations.RunSQL(NOTICE, NOTICE_DOWN),
    ]
