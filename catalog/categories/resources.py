"""The files of categories (spec: import-export 4.3.1, 4.10)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.numbers import Int
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import Bool, Code, Listed, Text
from backoffice.transfer.models import JobFile, RowResult
from backoffice.transfer.planning.batches import Batch
from catalog.categories import forest, importing
from catalog.categories.models import Category, CategoryTemplate


def category_ref() -> Ref:
    """A category named by another file, or by another row of its own."""
    return Ref(Category, "key", file=importing.FILE, remedy=_("Import category.csv first."))


class AlwaysMain(Bool):
    """A category has one place, which is its main one: 0 is ignored."""

    def clean(self, value: str, row: Any = None, **options: Any) -> bool | None:
        return None if super().clean(value) is None else True


class StoreNames(Listed):
    """Names of stores, or ``*`` for all of them."""

    def clean(self, value: str, row: Any = None, **options: Any) -> tuple[str, ...] | None:
        found = dict.fromkeys(name for name in super().clean(value) or () if name)
        return tuple(found) or None


def _flag(name: str, help: Any) -> Column:
    return Column(name, widget=Bool(), default=False, help=help, samples=("1", "1", "0"))


@register
class CategoryTemplateFile(FileResource):
    """Which page templates the shop knows."""

    name = Column(
        "name", "template_name", Code(255), required=KEY, samples=("Sample A", "Sample B", "Sample C")
    )
    path = Column("path", "template_path", default="", samples=("sample/a", "sample/b", ""))

    class Meta:
        model = CategoryTemplate
        screen = Category
        file = importing.TEMPLATES


@register
class CategoryFile(FileResource):
    """One row makes or changes a category; its parent may stand on any row of the file."""

    key = Column(
        "key", importing.KEY, Code(255), required=KEY, samples=("sample-yard", "sample-seats", "sample-pots")
    )
    parent = Column(
        "parent",
        importing.PARENT,
        category_ref(),
        help=_("Changing it moves the category with all below it. Only the root has none."),
        samples=("catalog", "sample-yard", "sample-yard"),
    )
    name = Column(
        "name",
        widget=Text(255),
        localized=True,
        required=CREATE,
        help=_("Its addresses follow from it."),
        samples={"en_US": ("Yard", "Seats", "Pots"), "de_DE": ("Hof", "Sitze", "Töpfe")},
    )
    meta_title = Column("meta_title", widget=Text(255), localized=True)
    meta_description = Column("meta_description", widget=Text(), localized=True)
    meta_keywords = Column("meta_keywords", widget=Text(), localized=True)
    is_active = _flag("is_active", _("Without the column a new category is active."))
    is_in_menu = _flag("is_in_menu", _("Offered in the menu of the shop."))
    is_clickable = _flag("is_clickable", _("Has a page of its own."))
    is_searchable = _flag("is_searchable", _("Found by the search of the shop."))
    is_root = Column(
        "is_root", widget=Bool(), default=False, help=_("1 for the one category without parent.")
    )
    is_main = Column("is_main", widget=AlwaysMain(), default=True, help=_("0 is ignored."))
    node_order = Column(
        "node_order", widget=Int(), default=0, help=_("Lower comes first."), samples=("10", "10", "20")
    )
    template_name = Column(
        "template_name",
        importing.TEMPLATE,
        Text(255),
        default="",
        help=_("A name that category_template.csv does not hold is kept and told."),
    )

    class Meta:
        model = Category
        file = importing.FILE
        ignored = ("category_image_name.*",)
        similar_keys = True
        parent_column = importing.PARENT
        once = {importing.ROOT: ("conflict", _("Line %(line)s states another root."))}

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        return importing.facts(values)

    def review(self, batch: Batch) -> None:
        importing.review(batch)

    def review_bad(self, batch: Batch) -> None:
        importing.refuse_second_root(
            batch, batch.with_outcome(RowResult.Outcome.NEW, RowResult.Outcome.CHANGED)
        )

    def after_write(self, batch: Batch) -> None:
        importing.follow(batch)


@register
class CategoryStoreFile(FileResource):
    """In which stores a category and all below it are shown."""

    key = Column("key", importing.KEY, Code(255), required=KEY, samples=("tools", "office", "safety"))
    included = Column(
        "included",
        forest.INCLUDED,
        StoreNames(),
        help=_("Stores parted by commas, or *. Empty: those of the parent."),
        samples=("*", "", "*"),
    )
    excluded = Column(
        "excluded", forest.EXCLUDED, StoreNames(), help=_("Taken away; exclusion beats inclusion.")
    )
    parts = forest.StoresOfRow()

    class Meta:
        model = Category
        content = _("Stores of categories")
        file = "category_store"
        creates = False
        made_by = importing.FILE
        missing = ("unknown_ref", importing.KEY, "")
        begins_with: ClassVar[dict[str, Any]] = {"is_root": True}
        """A check only tries the row out on a category that the run brings; as a root it breaks no rule."""
        run_options = ("lists",)

    def space(self, file: JobFile) -> str:
        """The files of several stores speak of the same categories."""
        return f"{self.file}/{file.position}"

    def review(self, batch: Batch) -> None:
        forest.review(batch)

    def before_write(self, batch: Batch) -> None:
        """The room writes whole branches itself and leaves nothing to the engine."""
        forest.write(batch)
        batch.shelf.keep([])

    def rows(self, user: Any = None) -> QuerySet:
        return super().rows(user).prefetch_related("store_links__store", "parent__store_links__store")

    def cell(self, record: Model, column: Column, locale: str = "") -> str:
        if column is self.fields["key"]:
            return super().cell(record, column, locale)
        own, above = _names(record), _names(record.parent) if record.parent else set()
        if column is self.fields["included"]:
            return column.widget.render(sorted(own))
        if not own:
            return forest.ALL if above else ""
        return column.widget.render(sorted(above - own))


def _names(category: Category) -> set[str]:
    return {link.store.name for link in category.store_links.all()}
