"""How the lists of this room find rows by what they refer to."""

from django.db.models import QuerySet

from backoffice.texts import normalise


def named(rows: QuerySet, text: str, to: str, key: str) -> QuerySet:
    """The rows that refer by ``to`` to the record with just this key, else to those whose texts hold the text."""
    exact = rows.filter(**{f"{to}__{key}": text})
    return exact if exact.exists() else rows.filter(**{f"{to}__search__contains": normalise(text)})
