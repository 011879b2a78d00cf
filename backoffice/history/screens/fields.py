"""The change history by changed field: which change sets touched the price of variants (spec: working-day 7.6).

Asked of the last changes only, so that it stays quick however long the history is; a day chosen in the filter of time
moves the end of what is looked at.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.filters import Choice
from backoffice.console.past import field_label, field_names, touching_fields
from backoffice.history.models import Change
from backoffice.texts import content_locales

SEARCHED = 500_000
"""So many changes are looked at."""
ENDING = 50
"""The end of what is looked at is the last change of so many change sets: a long one ends after shorter ones that began
later."""


def field_filter(kinds: Sequence[str], touching: Any) -> Choice:
    """The fields of the chosen kinds of records; ``touching(changes)`` is the condition on change sets."""
    if not kinds:
        return Choice("field", gettext_lazy("Field"), remark=gettext_lazy("Choose the kind of record first."))
    remark = _("Looked for in the last %(number)s changes, up to the last day chosen under Time.")
    return Choice(
        "field",
        gettext_lazy("Field"),
        choices=list(_choices(kinds)),
        apply=lambda rows, values: rows.filter(touching(_changes(rows, values))),
        remark=remark % {"number": intcomma(SEARCHED)},
    )


def _choices(kinds: Sequence[str]) -> Iterable[tuple[str, str]]:
    for kind in kinds:
        model = apps.get_model(kind)
        what = "" if len(kinds) == 1 else f"{capfirst(str(model._meta.verbose_name))}: "
        yield from ((f"{kind}.{name}", f"{what}{field_label(model, name)}") for name in field_names(model))


def _changes(sets: QuerySet, values: Sequence[str]) -> QuerySet[Change]:
    """The last changes, as far as these change sets go, of the fields that are named ``app.model.field``."""
    chosen: dict[str, list[str]] = {}
    for value in values:
        kind, _dot, name = value.rpartition(".")
        chosen.setdefault(kind, []).append(name)
    wanted = Q()
    for kind, names in chosen.items():
        wanted |= Q(object_type=kind) & touching_fields(apps.get_model(kind), names, content_locales())
    changes = Change.objects.filter(change_set=OuterRef("pk")).order_by("-pk").values("pk")
    ends = sets.order_by("-pk").values_list(Subquery(changes[:1]), flat=True)[:ENDING]
    end = max(filter(None, ends), default=0)
    return Change.objects.filter(wanted, pk__gt=end - SEARCHED, pk__lte=end)
