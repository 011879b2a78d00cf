"""What a file holds, declared by its room as a ``ModelResource``; everything else follows from it.

class PackagingTypeFile(FileResource):
    key = Column("key", "name", Code(), required=KEY)
    name = Column("name", "name", Text(255), localized=True, extra=True)

    class Meta:
        model = PackagingType
        file = "product_packaging_unit_type"
        similar_keys = True
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import Field as ModelField
from django.db.models import Model, QuerySet
from django.utils.text import capfirst
from import_export.resources import ModelResource

from backoffice.console.rights import Right
from backoffice.transfer.declaring.columns import CREATE, KEYS, Column
from backoffice.transfer.declaring.parts import Part, Parts
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.widgets import Text
from backoffice.transfer.problems import Sentence
from backoffice.transfer.staging.keys import JOIN

if TYPE_CHECKING:
    from backoffice.transfer.models import JobFile
    from backoffice.transfer.planning.batches import Batch
    from backoffice.transfer.planning.cleaning import Planned
    from backoffice.transfer.planning.comparing import Comparison

STORE_NAMES = ("store_name", "store")
Values = dict[str, Any]
"""The values of a row by column name; a text of several as ``name.en_US``."""


class FileResource(ModelResource):
    """The declaration of one format. ``Meta`` names:

    ``file`` the format · ``content`` what its rows are, by default the model's plural · ``screen`` the model whose
    rights rule, by default the model · ``identity`` the model
    fields that find a record, by default those of the key columns · ``similar_keys`` new keys that look like
    known ones are refused · ``last_wins`` a repeated key is no error · ``repeat_code`` else its code · ``creates``
    whether a missing record is made · ``made_by`` the format that makes it instead · ``missing`` code, column and
    sentence when it is not there · ``begins_with`` ``{field: value}`` of a record that a file makes, where the
    model has another default · ``once`` ``{fact: (code, sentence)}`` for what only one row may state ·
    ``stated_in`` the columns without which a file states no facts, if these are few ·
    ``area`` what is applied one at a time · ``unkept`` columns whose content is removed from every upload before
    it is stored, such as passwords · ``ignored`` patterns of columns that former systems write and nobody reads: they
    are left out without a note · ``run_options`` the choices of a run that only some formats know: ``lists``,
    ``stock`` · ``reviews_unchanged`` False where :meth:`review` does not look at what is stored of unchanged rows ·
    ``parent_column`` the column with the key of another record of this format, such as a parent: rows may stand in
    any order, circles are told.
    """

    class Meta:
        file = ""
        content: Sentence = ""
        screen: type[Model] | None = None
        identity: Sequence[str] = ()
        similar_keys = False
        last_wins = False
        repeat_code = "duplicate_row"
        creates = True
        made_by = ""
        missing: tuple[str, str, Sentence] = ("unknown_ref", "", "")
        begins_with: dict[str, Any] = {}
        once: dict[str, tuple[str, Sentence]] = {}
        stated_in: Sequence[str] = ()
        area = "catalogue"
        unkept: Sequence[str] = ()
        ignored: Sequence[str] = ()
        run_options: Sequence[str] = ()
        reviews_unchanged = True
        parent_column = ""

    parts: Parts | None = None
    """What hangs on a record in a table of its own; see :meth:`make_parts`."""

    merged: Sequence[str] = ()
    """The fields that numbered columns are merged into; see :meth:`merge`."""
    sample_numbers: Mapping[str, int] = {"": 2}
    """How often the numbered columns come in a template: ``{locale: times}``, without a locale under ``""``."""

    @cached_property
    def columns(self) -> list[Column]:
        """The declared columns in the order of their declaration."""
        found = [field for field in self.fields.values() if isinstance(field, Column)]
        for column in found:
            self._limit(column)
        return sorted(found, key=lambda column: column.order)

    @cached_property
    def key_columns(self) -> list[Column]:
        return [column for column in self.columns if column.required in KEYS]

    @cached_property
    def create_columns(self) -> list[Column]:
        return [column for column in self.columns if column.required == CREATE]

    @cached_property
    def numbered_columns(self) -> list[Column]:
        return [column for column in self.columns if column.numbered]

    @cached_property
    def parent_column(self) -> Column | None:
        name = self._meta.parent_column
        return next(column for column in self.columns if column.column_name == name) if name else None

    @property
    def model(self) -> type[Model]:
        return self._meta.model

    @property
    def screen(self) -> type[Model]:
        return self._meta.screen or self._meta.model

    @property
    def file(self) -> str:
        return self._meta.file

    def space(self, file: "JobFile") -> str:
        """Where the keys of a file's rows are told apart: the same key twice is a repetition. A format whose files,
        one per store, may all speak of the same record has one space per file."""
        return self.file

    @property
    def title(self) -> str:
        """What people choose it by: the records and the name of the file."""
        return f"{self.what} ({self.file})"

    @property
    def what(self) -> str:
        """The records of its rows, as people call them."""
        return capfirst(str(self._meta.content or self.model._meta.verbose_name_plural))

    @cached_property
    def identity(self) -> list[ModelField]:
        names = self._meta.identity or [column.attribute for column in self.key_columns]
        return [self.model._meta.get_field(name) for name in names]

    @property
    def is_copied(self) -> bool:
        """Whether new records may go straight into their table: nothing has to give way to them first."""
        return type(self).before_write is FileResource.before_write

    @property
    def key_source(self) -> tuple[str, str]:
        """Table and column of a natural key of one column, quoted."""
        field = self.model._meta.get_field(self.key_columns[0].attribute)
        quote = connection.ops.quote_name
        return quote(self.model._meta.db_table), quote(field.column)

    @cached_property
    def store_column(self) -> Column | None:
        """The column that names the store of a row, if rows belong to one."""
        if self.file == "store":
            return self.key_columns[0]
        return next((column for column in self.columns if column.column_name in STORE_NAMES), None)

    @cached_property
    def decimal_columns(self) -> frozenset[str]:
        return frozenset(c.column_name for c in self.columns if c.widget.is_decimal)

    def right(self, action: str) -> Right:
        return Right(self.screen, action)

    def key_text(self, values: Values) -> str:
        """The natural key as one text."""
        return JOIN.join([str(values[column.column_name]) for column in self.key_columns])

    def label(self, values: Values) -> str:
        """How history calls the record: what its ``str()`` gives."""
        names = [column.column_name for column in self.key_columns]
        return str(values[names[0]]) if len(names) == 1 else " ".join([str(values[name]) for name in names])

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        """``(fact, key)`` that a row states beyond its own key; one named in ``once`` may be stated once."""
        return ()

    def foretold(self, values: Values) -> Iterable[tuple[str, str]]:
        """What files after this one find stored in an apply; in a check, which writes nothing, they find these facts
        as those of :meth:`facts`."""
        return ()

    def column_of(self, fact: str, key: str, values: Values) -> str:
        """The column that states a fact of :meth:`facts`; nothing stands for the key of the row."""
        return ""

    def accepts(self, values: Values, locales: Sequence[str]) -> bool:
        """Whether a row concerns this shop; the others are skipped and counted."""
        return True

    def complete(self, values: Values, record: dict[str, Any], is_new: bool) -> dict[str, Any]:
        """Fields beyond the columns, by attribute name."""
        return {}

    def merge(self, row: "Planned", record: list[Any], comparison: "Comparison") -> None:
        """Lay the numbered columns of a row over the fields of ``record`` that :attr:`merged` names. May add
        problems."""

    def comes_late(self, values: Values) -> bool:
        """Whether a row refers to other rows of its file, wherever they stand, and is planned after them."""
        return False

    def make_parts(self, row: "Planned", held: list[Part], *, replaces: bool = False) -> list[Part]:
        """The parts of the record as the row wants them; ``held`` are the stored ones, ``replaces`` the choice that a
        list which otherwise adds is the whole one. May add problems."""
        return held

    def review(self, batch: "Batch") -> None:
        """Look at a planned batch as a whole, add problems; a constant number of queries."""

    def review_bad(self, batch: "Batch") -> None:
        """Look at rows in error: ``batch`` holds stand-ins of them, whose values and records lack the columns that are
        wrong. Add problems that are sure whatever these should have said; a constant number of queries."""

    def before_write(self, batch: "Batch") -> None:
        """Change other records that must give way to the batch; only called by an apply."""

    def after_write(self, batch: "Batch") -> None:
        """Bring in line what follows from the rows that were written, in their transaction; only called by an apply.
        The outcomes of the rows tell what was written."""

    def rows(self, user: Any = None) -> QuerySet:
        """What an export writes, in the order of the natural key, attributes and references loaded."""
        references = [c.attribute for c in self.columns if isinstance(c.widget, Ref)]
        return self.model._default_manager.select_related(*references).order_by(*self.sort_names)

    @property
    def sort_names(self) -> list[str]:
        return [
            f"{c.attribute}__{c.widget.field}" if isinstance(c.widget, Ref) else c.attribute
            for c in self.key_columns
        ]

    def cell(self, record: Model, column: Column, locale: str = "") -> str:
        """A cell as an export writes it."""
        value = getattr(record, column.attribute)
        if locale:
            value = (value or {}).get(locale, "")
        elif isinstance(column.widget, Ref) and value is not None:
            value = getattr(value, column.widget.field)
        return column.widget.render(value)

    def numbers_of(self, records: QuerySet) -> Mapping[str, int]:
        """How often an export of these records needs the numbered columns, as :attr:`sample_numbers`."""
        return {}

    def numbered_cell(self, record: Model, column: Column, locale: str, number: int) -> str:
        """A cell of a numbered column as an export writes it."""
        return ""

    def _limit(self, column: Column) -> None:
        """A text is at most as long as its field."""
        try:
            field = self.model._meta.get_field(column.attribute)
        except FieldDoesNotExist:
            return
        widget = column.widget
        length = getattr(field, "text_length", None) or field.max_length
        if isinstance(widget, Text) and not isinstance(widget, Ref) and length:
            widget.max_length = min(widget.max_length or length, length)
