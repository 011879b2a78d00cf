"""Tables that are only ever added to: database triggers refuse everything but INSERT (users-and-roles 10.1).

A migration lists ``*append_only("some_table", purge="some_purge")`` for each table and one
``purge_function("some_purge", ...)``, the only way out. The triggers hold for superusers of the application
too, and for every statement: UPDATE, DELETE and TRUNCATE are refused even where they would touch no row.
"""

from collections.abc import Sequence

from django.db import migrations

_REFUSE = """
CREATE OR REPLACE FUNCTION backoffice_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    stack text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        GET DIAGNOSTICS stack = PG_CONTEXT;
        IF position(TG_ARGV[0] || '(integer)' IN stack) > 0 THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only, % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$body$
"""

_PURGE = """
CREATE OR REPLACE FUNCTION {name}(days integer) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    cutoff timestamptz := now() - make_interval(days => days);
    removed bigint := 0;
    part bigint;
BEGIN
    IF days IS NULL OR days < {minimum} THEN
        RAISE EXCEPTION '{name} keeps at least {minimum} days' USING ERRCODE = 'invalid_parameter_value';
    END IF;
{deletes}
    RETURN removed;
END
$body$
"""

_DELETE = """    DELETE FROM {table} WHERE {condition};
    GET DIAGNOSTICS part = ROW_COUNT;
    removed := removed + part;
"""


def append_only(table: str, *, purge: str) -> list[migrations.RunSQL]:
    """Refuse changes of ``table`` by anything but the function named ``purge``."""
    trigger = f"{table}_append_only"
    return [
        migrations.RunSQL(_REFUSE, migrations.RunSQL.noop),
        migrations.RunSQL(
            f"CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION backoffice_append_only('{purge}')",
            f"DROP TRIGGER {trigger} ON {table}",
        ),
    ]


def purge_function(name: str, deletes: Sequence[tuple[str, str]], *, minimum_days: int) -> migrations.RunSQL:
    """``name(days)`` removes, in this order, the rows of each (table, condition) and gives their number.

    A condition speaks of ``cutoff``, before which lines are expired: ``("some_table", "at < cutoff")``.
    Fewer than ``minimum_days`` are refused.
    """
    statements = "".join(_DELETE.format(table=table, condition=condition) for table, condition in deletes)
    body = _PURGE.format(name=name, minimum=int(minimum_days), deletes=statements)
    return migrations.RunSQL(body, f"DROP FUNCTION {name}(integer)")
