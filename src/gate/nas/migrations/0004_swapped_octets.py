from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nas", "0003_guard")]

    operations = [
        migrations.AddField(
            model_name="nas",
            name="swapped_octets",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Its accounting tells what users received as input, and what they sent as output.",
            ),
        ),
    ]
