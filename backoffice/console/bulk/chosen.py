"""The rows of a deed: ticked ones or all of a filter, frozen with their versions."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from backoffice.console.bulk.declaring import Bulk
from backoffice.console.list_state import narrowed, read_state

LIMIT = 100_000
"""So many rows at most; ``BULK_ROWS`` in the settings is another number."""


class NotChosen(Exception):
    """The rows cannot be taken; the text says why."""


def limit() -> int:
    return getattr(settings, "BULK_ROWS", LIMIT)


def chosen(request: HttpRequest, screen: Any, deed: Bulk) -> dict[int, int]:
    """The ticked rows, or all of the list's filter, with their versions. Only rows the user may use so."""
    rows = screen.visible_rows(request, deed.right)
    if request.POST.get("all"):
        rows = rows.filter(pk__in=_of_filter(request, screen).order_by().values("pk"))
    else:
        ticked = [*request.POST.getlist("pick"), *request.POST.get("picked", "").split(",")]
        ids = {int(each) for each in ticked if each.isdecimal() and len(each) < 19}
        if not ids:
            raise NotChosen(_("Tick at least one row."))
        rows = rows.filter(pk__in=ids)
    found = dict(versions(rows)[: limit() + 1])
    if len(found) > limit():
        text = _("At most %(limit)s rows are changed at once. Narrow the list, or tick fewer rows.")
        raise NotChosen(text % {"limit": f"{limit():,}"})
    if not found:
        raise NotChosen(_("None of these rows can be changed by you."))
    return found


def _of_filter(request: HttpRequest, screen: Any) -> QuerySet:
    listed = request.GET
    request.GET = QueryDict(request.POST.get("list", ""))
    try:
        return narrowed(request, screen, read_state(request, screen), screen.list_rows(request))
    finally:
        request.GET = listed


def versions(rows: QuerySet) -> QuerySet:
    has_version = any(field.name == "version" for field in rows.model._meta.concrete_fields)
    return rows.order_by("pk").values_list("pk", "version" if has_version else "pk")


def frozen(rows: Mapping[int, int]) -> str:
    return " ".join(f"{pk}.{version}" for pk, version in rows.items())


def thawed(text: str) -> dict[int, int]:
    """The rows of a preview with the versions they had then."""
    parts = (each.partition(".") for each in text.split())
    return {int(pk): int(v) for pk, _dot, v in parts if pk.isdecimal() and v.isdecimal() and len(pk + v) < 30}
