from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nas", "0005_radsec")]

    operations = [
        migrations.AddField(
            model_name="nas",
            name="unchangeable",
            field=models.CharField(
                choices=[("leave", "Leave it until the next sign-in"), ("disconnect", "End it, so that it begins anew")],
                db_default="leave",
                default="leave",
                help_text="When a live session's limits change and the NAS cannot be told by CoA, or refuses it.",
                max_length=10,
            ),
        ),
    ]
