"""The deed itself: done for the rows that are as they were, told in words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.apps import apps
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.console.bulk.chosen import versions
from backoffice.console.bulk.declaring import Bulk, Done, Values
from backoffice.console.past import Entry, entry
from backoffice.history.recording import Recorder
from backoffice.spreadsheets import csv_lines

SHOWN = 100
"""So many rows are listed on a page of a preview."""

on_bulk: list[Callable[[str, str, int], None]] = []
"""Called with (screen, deed, rows changed) after every run; accounts writes the security log here."""


def did(
    request: HttpRequest, screen: Any, deed: Bulk, rows: Mapping[int, int], values: Values, recorder: Recorder
) -> tuple[Done, list[int]]:
    """Do it for the rows that are as they were. Gives the answer and the rows that somebody changed meanwhile."""
    held = dict(versions(screen.visible_rows(request, deed.right).filter(pk__in=rows)))
    same = [pk for pk, version in rows.items() if held.get(pk) == version]
    return deed.run(request, same, values, recorder), [pk for pk in rows if held.get(pk) != rows[pk]]


def tell_all(screen: Any, deed: Bulk, changed: int) -> None:
    """Tell who listens that a run has changed something."""
    for tell in on_bulk if changed else ():
        tell(screen.name, deed.name, changed)


def told(deed: Bulk, *, changed: int, unchanged: int, refused: int, stale: int) -> str:
    """One sentence about a run."""
    words = ngettext("%(n)s record changed", "%(n)s records changed", changed) % {"n": f"{changed:,}"}
    rest = [
        (_("%(n)s were so already"), unchanged),
        (_("%(n)s were refused"), refused),
        (_("%(n)s were left out, because somebody changed them meanwhile"), stale),
    ]
    sentence = ", ".join([words, *(text % {"n": f"{n:,}"} for text, n in rest if n)])
    return f"{deed.label}: {sentence}."


class Listed(NamedTuple):
    """A row of the preview: its changes, each with the fields before and after."""

    pk: int
    title: str
    url: str
    entries: list[Entry]


def listed(request: HttpRequest, screen: Any, recorder: Recorder, first: int = 0) -> list[Listed]:
    """One page of the changed rows, from the row with the number ``first`` on."""
    changed = recorder.changed_records(screen.name)
    grouped = {pk: changed[pk] for pk in sorted(changed)[first : first + SHOWN]}
    records = screen.visible_rows(request).filter(pk__in=grouped)
    return [
        Listed(
            record.pk,
            screen.title_of(request, record),
            screen.url("view", pk=record.pk),
            [entry(apps.get_model(change.object_type), change) for change in grouped[record.pk]],
        )
        for record in records.order_by("pk")
    ]


def refusals(screen: Any, deed: Bulk, done: Done, at_most: int | None = SHOWN) -> list[tuple[str, str]]:
    """(record, reason) of what is refused, the first ones."""
    few = dict(list(done.refused.items())[:at_most])
    model = deed.counted or screen.model
    named = {record.pk: str(record) for record in model._base_manager.filter(pk__in=few)}
    return [(named.get(pk, f"#{pk}"), str(reason)) for pk, reason in few.items()]


def refused_file(refused: Iterable[tuple[str, str]], name: str) -> StreamingHttpResponse:
    """(record, reason) as a CSV that is downloaded."""
    lines = csv_lines(["record", "reason"], refused)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-refused.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def plural(screen: Any, deed: Bulk) -> str:
    return str((deed.counted or screen.model)._meta.verbose_name_plural)
