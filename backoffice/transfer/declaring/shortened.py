"""Keys that look like a number which a spreadsheet has shortened, such as 2E+3, and yet are keys: a cell with such a
text is taken as it is when exactly that key is stored (spec: import-export 2.2)."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist

from backoffice.console.rows import visible
from backoffice.transfer.declaring.columns import KEY, Column
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource

CODE = "sci_notation"
_LOOK = r"^[0-9]([.,][0-9]+)?[eE][+][0-9]+$|^[0-9][.,][0-9]+[eE][0-9]+$"
_MOST = 10_000


class ShortenedKeys:
    """Looked up once per column, and only when a file has such a cell: while it is read no query can be made, so that
    it is read again where :meth:`look_up` finds any. A key that ``user`` may not see counts as none."""

    def __init__(self, resource: FileResource, user: Any) -> None:
        self.resource, self.user = resource, user
        self._asked: dict[str, Column] = {}
        self._known: dict[str, frozenset[str]] = {}

    def has(self, column: Column, text: str) -> bool:
        """Whether the key is known to be stored; the column is remembered."""
        self._asked[column.column_name] = column
        return text in self._known.get(column.column_name, ())

    def look_up(self) -> bool:
        """Ask for the keys of the columns that had such a cell. Whether there are any."""
        asked = [name for name in self._asked if name not in self._known]
        self._known |= {name: self._stored(self._asked[name]) for name in asked}
        return any(self._known[name] for name in asked)

    def _stored(self, column: Column) -> frozenset[str]:
        model, field = self.resource.model, column.attribute
        if isinstance(column.widget, Ref):
            model, field = column.widget.model, column.widget.field
        elif column.required != KEY:
            return frozenset()
        try:
            model._meta.get_field(field)
        except FieldDoesNotExist:
            return frozenset()
        rows = model._default_manager.filter(**{f"{field}__regex": _LOOK}).order_by()
        seen = visible(rows, self.user) if self.user is not None else rows
        return frozenset(seen.values_list(field, flat=True)[:_MOST])
