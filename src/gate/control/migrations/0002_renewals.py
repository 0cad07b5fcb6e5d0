"""Live sessions whose limits changed: what is to be told to NAS, a line for each user or profile that changed.

A profile's own line is written by a trigger, so that no way of changing one is missed; that of a user by who changes the user,
where there is a live session. A line that waits takes further changes in.
"""

from django.db import migrations

from gate.database import walls

TABLE = """
CREATE TABLE control_renewal (
    id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id bigint      NOT NULL,
    about     text        NOT NULL CHECK (about IN ('user', 'profile')),
    subject   bigint      NOT NULL,
    reason    text        NOT NULL,
    source    text        NOT NULL,
    actor     text        NOT NULL,
    since     timestamptz NOT NULL,
    due       timestamptz NOT NULL,
    after     bigint      NOT NULL DEFAULT 0,
    again     boolean     NOT NULL DEFAULT false,
    CONSTRAINT control_renewal_once UNIQUE (about, subject)
);
COMMENT ON COLUMN control_renewal.after IS 'The last session of a profile that was looked at; 0 before the first';
COMMENT ON COLUMN control_renewal.again IS 'It changed once more after its round had begun: another round follows';
CREATE INDEX control_renewal_due ON control_renewal (due);
CREATE INDEX control_request_unanswered ON control_request (answered, nas_id) WHERE state = 'unanswered';
"""
_SAID = (
    "reply_attribute", "check_attribute", "rate_up", "rate_down", "quota_up", "quota_down", "quota_total", "session_timeout",
    "idle_timeout", "vlan", "role", "redirect_url",
)  # fmt: skip
PROFILES = f"""
CREATE FUNCTION gate_profile_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO control_renewal AS r (tenant_id, about, subject, reason, source, actor, since, due)
    VALUES (NEW.tenant_id, 'profile', NEW.id, 'profile-changed', 's', 'system', now(),
            now() + interval '15 seconds')
    ON CONFLICT (about, subject) DO UPDATE SET
        again = r.after > 0,
        due = CASE WHEN r.after > 0 THEN r.due
                   ELSE LEAST(EXCLUDED.due, r.since + interval '60 seconds') END;
    RETURN NULL;
END $$;
CREATE TRIGGER profiles_profile_renewed AFTER UPDATE ON profiles_profile FOR EACH ROW
WHEN ({" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _SAID)})
EXECUTE FUNCTION gate_profile_changed();
"""
PROFILES_DOWN = "DROP TRIGGER profiles_profile_renewed ON profiles_profile; DROP FUNCTION gate_profile_changed();"


class Migration(migrations.Migration):
    dependencies = [("control", "0001_requests"), ("profiles", "0003_defaults_in_sql")]
    operations = [
        migrations.RunSQL(TABLE, "DROP INDEX control_request_unanswered; DROP TABLE control_renewal;"),
        migrations.RunSQL(walls.tenant_wall("control_renewal"), walls.tenant_wall_down("control_renewal")),
        migrations.RunSQL(PROFILES, PROFILES_DOWN),
    ]
