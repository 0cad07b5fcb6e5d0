"""The indexes of lists hold names as well: a search by a part of the username looks at no row it does not show."""

from django.db import migrations, models

INDEXES = [("user_tenant", "tenant", "organization"), ("user_organization", "organization", "tenant")]


class Migration(migrations.Migration):
    dependencies = [("users", "0008_far_pages")]
    operations = [
        operation
        for name, first, further in INDEXES
        for operation in (
            migrations.RemoveIndex(model_name="user", name=name),
            migrations.AddIndex(
                model_name="user", index=models.Index(fields=[first, "id"], include=[further, "username_key"], name=name)
            ),
        )
    ]
