"""How a NAS takes Disconnect and CoA (RFC 5176)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nas", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="nas",
            name="live_control",
            field=models.CharField(
                choices=[("off", "Takes neither"), ("disconnect", "Disconnect"), ("both", "Disconnect and CoA")],
                default="disconnect",
                help_text="Whether GATE may end or change sessions that run (RFC 5176).",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="nas",
            name="coa_address",
            field=models.GenericIPAddressField(
                blank=True, help_text="Where it takes them; empty: where the session's NAS is.", null=True
            ),
        ),
        migrations.AddField(
            model_name="nas",
            name="coa_attributes",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Attributes that tell it the session; empty: what its make asks for.",
                max_length=300,
            ),
        ),
        migrations.AddField(
            model_name="nas",
            name="coa_mac_format",
            field=models.CharField(
                blank=True,
                default="",
                help_text="How MAC addresses are written to it; empty: what its make asks for.",
                max_length=20,
            ),
        ),
    ]
