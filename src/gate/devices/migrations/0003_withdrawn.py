"""Words that let a device in by its MAC address and do so no more: whose live sessions are to be looked for, and ended.

Lines are written by triggers, so that no way of taking a word back is missed. A line is about a MAC address, or about all devices
of an organization's users, whatever their number. The worker looks for their sessions for a day (access/withdrawals.py).
"""

from django.db import migrations

from gate.database import walls

TABLE = """
CREATE TABLE devices_withdrawn (
    tenant_id       bigint      NOT NULL,
    mac             text        NOT NULL DEFAULT '',
    organization_id bigint      NOT NULL DEFAULT 0,
    at              timestamptz NOT NULL,
    fresh           boolean     NOT NULL DEFAULT true,
    PRIMARY KEY (tenant_id, mac, organization_id)
);
COMMENT ON COLUMN devices_withdrawn.mac IS 'AA:BB:CC:DD:EE:FF; empty where the line is about an organization';
COMMENT ON COLUMN devices_withdrawn.organization_id IS 'Whose users'' devices sign in by their address no more; else 0';
COMMENT ON COLUMN devices_withdrawn.fresh IS 'Nobody looked for its sessions since it was written';
CREATE INDEX devices_withdrawn_fresh ON devices_withdrawn (at) WHERE fresh;
"""
_LINE = "ON CONFLICT (tenant_id, mac, organization_id) DO UPDATE SET at = EXCLUDED.at, fresh = true"
TRIGGERS = f"""
CREATE FUNCTION gate_authorized_mac_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO devices_withdrawn AS w (tenant_id, mac, at) VALUES (OLD.tenant_id, OLD.mac, now()) {_LINE};
    RETURN NULL;
END $$;
CREATE TRIGGER devices_authorizedmac_deleted AFTER DELETE ON devices_authorizedmac FOR EACH ROW
EXECUTE FUNCTION gate_authorized_mac_withdrawn();
CREATE TRIGGER devices_authorizedmac_changed AFTER UPDATE ON devices_authorizedmac FOR EACH ROW
WHEN (OLD.mac <> NEW.mac OR OLD.organization_id <> NEW.organization_id OR (OLD.is_active AND NOT NEW.is_active)
      OR (NEW.expires IS NOT NULL AND NEW.expires IS DISTINCT FROM OLD.expires))
EXECUTE FUNCTION gate_authorized_mac_withdrawn();

CREATE FUNCTION gate_device_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO devices_withdrawn AS w (tenant_id, mac, at) VALUES (OLD.tenant_id, OLD.mac_addr, now()) {_LINE};
    RETURN NULL;
END $$;
CREATE TRIGGER devices_device_deleted AFTER DELETE ON devices_device FOR EACH ROW
WHEN (OLD.mac_addr IS NOT NULL) EXECUTE FUNCTION gate_device_withdrawn();
CREATE TRIGGER devices_device_changed AFTER UPDATE ON devices_device FOR EACH ROW
WHEN (OLD.mac_addr IS NOT NULL
      AND (OLD.mac_addr IS DISTINCT FROM NEW.mac_addr OR OLD.user_id IS DISTINCT FROM NEW.user_id
           OR (NEW.is_blocked AND NOT OLD.is_blocked)))
EXECUTE FUNCTION gate_device_withdrawn();

CREATE FUNCTION gate_device_sign_in_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO devices_withdrawn AS w (tenant_id, organization_id, at) VALUES (OLD.tenant_id, OLD.id, now()) {_LINE};
    RETURN NULL;
END $$;
CREATE TRIGGER organizations_organization_device_sign_in AFTER UPDATE ON organizations_organization FOR EACH ROW
WHEN (OLD.device_mac_sign_in AND NOT NEW.device_mac_sign_in) EXECUTE FUNCTION gate_device_sign_in_withdrawn();
"""
TRIGGERS_DOWN = """
DROP TRIGGER organizations_organization_device_sign_in ON organizations_organization;
DROP TRIGGER devices_device_changed ON devices_device;
DROP TRIGGER devices_device_deleted ON devices_device;
DROP TRIGGER devices_authorizedmac_changed ON devices_authorizedmac;
DROP TRIGGER devices_authorizedmac_deleted ON devices_authorizedmac;
DROP FUNCTION gate_device_sign_in_withdrawn();
DROP FUNCTION gate_device_withdrawn();
DROP FUNCTION gate_authorized_mac_withdrawn();
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0002_authorized_macs"), ("organizations", "0003_authorities")]
    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE devices_withdrawn;"),
        migrations.RunSQL(walls.tenant_wall("devices_withdrawn"), walls.tenant_wall_down("devices_withdrawn")),
        migrations.RunSQL(TRIGGERS, TRIGGERS_DOWN),
    ]
