"""A NAS that comes by RadSec alone has no address: its certificate is what it is known by."""

from django.db import migrations, models

import gate.nas.models


class Migration(migrations.Migration):
    dependencies = [("nas", "0006_unchangeable")]

    operations = [
        migrations.AlterField(
            model_name="nas",
            name="address",
            field=gate.nas.models.CidrField(
                blank=True,
                null=True,
                help_text="Source address or range of its packets, e.g. 192.0.2.7 or 192.0.2.0/24; empty: it comes by RadSec "
                "alone.",
            ),
        ),
        migrations.AddConstraint(
            model_name="nas",
            constraint=models.CheckConstraint(
                condition=models.Q(address__isnull=False) | ~models.Q(radsec_name="") | ~models.Q(radsec_fingerprint=""),
                name="nas_known",
            ),
        ),
    ]
