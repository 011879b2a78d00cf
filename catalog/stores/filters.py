"""Filters that lists with names per locale share."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.console.filters import Choice
from backoffice.texts import content_locales


def locale_choices(request: HttpRequest) -> list[tuple[str, str]]:
    """The content locales as choices of a filter."""
    return [(code, code) for code in content_locales()]


NAME_MISSING = Choice(
    "missing",
    _("Name missing in"),
    choices=locale_choices,
    apply=lambda rows, codes: rows.without_name_in(codes),
)
"""For querysets of :class:`~catalog.stores.glossary.GlossaryNames`."""
