"""SQL functions that indexes and price filters use."""

from django.db import migrations

# unaccent() alone is only STABLE, because its dictionary could be altered; ours is the one that comes with it.
SEARCHABLE = """
CREATE FUNCTION searchable(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(public.unaccent('public.unaccent'::regdictionary, words));
"""

SEASON_PERCENT = """
CREATE FUNCTION season_percent(seasons jsonb, day text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    (
        SELECT (season ->> 'percent')::numeric
        FROM jsonb_array_elements(seasons) WITH ORDINALITY AS listed(season, place)
        WHERE CASE
            WHEN season ->> 'from' <= season ->> 'to' THEN day BETWEEN season ->> 'from' AND season ->> 'to'
            ELSE day >= season ->> 'from' OR day <= season ->> 'to'
        END
        ORDER BY place
        LIMIT 1
    ),
    100
);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("core", "0001_extensions_and_numbers")]

    operations = [
        migrations.RunSQL(SEARCHABLE, "DROP FUNCTION searchable(text)"),
        migrations.RunSQL(SEASON_PERCENT, "DROP FUNCTION season_percent(jsonb, text)"),
    ]
