"""Extensions that indexes and constraints use, and the sequences behind plain numbers."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations, models

SERIES = ("mb", "qt", "rc", "tx", "rf")


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        *[migrations.RunSQL(f"CREATE SEQUENCE number_{name}", f"DROP SEQUENCE number_{name}") for name in SERIES],
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("series", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.PositiveBigIntegerField(default=0)),
            ],
            options={"db_table": "counters"},
        ),
    ]
