"""What binds a certificate to a NAS: names and fingerprints of RadSec, each held by one NAS of the whole install."""

from django.db import migrations, models

ONCE = """
CREATE UNIQUE INDEX nas_radsec_name_once ON nas_nas (radsec_name) WHERE radsec_name <> '';
CREATE UNIQUE INDEX nas_radsec_fingerprint_once ON nas_nas (radsec_fingerprint) WHERE radsec_fingerprint <> '';
"""
ONCE_DOWN = """
DROP INDEX nas_radsec_name_once;
DROP INDEX nas_radsec_fingerprint_once;
"""


class Migration(migrations.Migration):
    dependencies = [("nas", "0004_swapped_octets")]

    operations = [
        migrations.AddField(
            model_name="nas",
            name="radsec_name",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Name in its certificate for RadSec: a DNS name, a URI, or the common name; "
                "gate radius certs --nas sets it.",
                max_length=255,
            ),
        ),
        migrations.AddField(
            model_name="nas",
            name="radsec_fingerprint",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="SHA-256 fingerprint of its certificate for RadSec; with a name as well, both have to fit.",
                max_length=64,
            ),
        ),
        migrations.RunSQL(ONCE, ONCE_DOWN),
    ]
