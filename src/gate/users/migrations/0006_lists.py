"""Lists skip users in an index that has what the walls ask for."""

from django.db import migrations, models

INDEXES = [
    ("user", "user_tenant", "tenant", "organization"),
    ("user", "user_organization", "organization", "tenant"),
    ("userextra", "user_extra_tenant", "tenant", "organization"),
    ("userextra", "user_extra_organization", "organization", "tenant"),
]


class Migration(migrations.Migration):
    dependencies = [("users", "0005_mailed")]
    operations = [
        operation
        for model, name, first, further in INDEXES
        for operation in (
            migrations.RemoveIndex(model_name=model, name=name),
            migrations.AddIndex(model_name=model, index=models.Index(fields=[first, "id"], include=[further], name=name)),
        )
    ]
