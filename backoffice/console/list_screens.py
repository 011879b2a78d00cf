"""What a screen says about its list: columns, filters, rows, the buttons of rows and head, deeds over many rows."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console.ahead import MOST
from backoffice.console.bulk import declaring, pages
from backoffice.console.buttons import Action
from backoffice.console.columns import BUTTONS
from backoffice.console.filters import Filter
from backoffice.console.lists import Column, ListPage, header_links
from backoffice.texts import normalise


class ListScreen:
    """The half of a screen that shows many records. :class:`backoffice.console.screens.ScreenAdmin` is the whole."""

    list_columns: tuple[Column, ...] = ()
    list_filters: tuple[Filter, ...] = ()
    list_order: tuple[str, ...] = ("pk",)
    search_hint: Any = ""
    empty_text: Any = ""
    """One sentence what the list is for, shown while it is empty."""
    files: tuple[str, ...] = ()
    """File formats that Import and Export of this list offer."""
    listed_by: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {}
    """How the list shows the rows that refer to a record: by the reference (``products.Product.tax_set``), what the
    record makes of the filters; nothing where they show other rows too."""
    bulk: tuple[Any, ...] = ()
    """What is done to many rows at once, as :class:`backoffice.console.bulk.declaring.Bulk`."""
    list_template = "console/list.html"

    def list_rows(self, request: HttpRequest) -> QuerySet:
        """What the list counts and narrows."""
        return self.visible_rows(request)

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        """``narrowed`` with what the columns and the order need: annotations, joined rows."""
        return narrowed

    def prepared(self, request: HttpRequest, found: list[Any]) -> list[Any]:
        """The rows of one page, with what needs one more query for all of them."""
        return found

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        return found.filter(search__contains=normalise(text))

    def exact_ids(self, found: QuerySet, text: str) -> list[int]:
        """The records with just this code; a search lists them first."""
        if not self.code_field:
            return []
        coded = found.order_by().annotate(code_lowered=Lower(self.code_field))
        return list(coded.filter(code_lowered=text.lower()).values_list("pk", flat=True)[:MOST])

    def filters(self, request: HttpRequest) -> Iterable[Filter]:
        return self.list_filters

    def list_of(self, reference: str, record: Any) -> str:
        """The address of the list of all rows that refer to a record; empty where the list cannot show just those."""
        filters = self.listed_by[reference](record) if reference in self.listed_by else {}
        return f"{self.list_url}?{urlencode(filters)}" if filters else ""

    def columns(self, request: HttpRequest) -> tuple[Column, ...]:
        """The columns of the list; a setting may add some."""
        return self.list_columns

    def hit_text(self, row: Any) -> str:
        """How the search of the top bar names a row."""
        column = next(c for c in self.list_columns if c.link)
        return column.shown(row) or str(row)

    def named(self, request: HttpRequest, rows: list[Any]) -> list[Any]:
        """Rows with what :meth:`hit_text` tells of them, for the search of the top bar."""
        return rows

    def row_buttons(self, request: HttpRequest) -> int:
        """So many places the actions of a row have; where there are more, the last place is a menu with the rest."""
        return BUTTONS

    def menu_count(self, request: HttpRequest) -> tuple[int, str]:
        """A number beside the menu item and its words; zero shows nothing."""
        return 0, ""

    def row_url_maker(self, request: HttpRequest, back: str) -> Callable[[Any], str]:
        """Where the first column leads: edit, or view without *change*."""
        page = "change" if self.has_change_permission(request) else "view"
        pattern = self.url(page, pk=0)
        tail = f"?{back}" if back else ""
        return lambda row: pattern.replace("/0/", f"/{row.pk}/", 1) + tail

    def row_actions_maker(self, request: HttpRequest, back: str) -> Callable[[Any], list[Action]]:
        """The buttons at the end of a row."""
        tail = f"?{back}" if back else ""
        pages = [("change", _("Edit"), "pencil", "")] if self.has_change_permission(request) else []
        pages += [("delete", _("Delete"), "trash-2", "is-bad")] if self.has_delete_permission(request) else []
        patterns = [(self.url(page, pk=0), label, icon, css) for page, label, icon, css in pages]
        return lambda row: [
            Action(label, pattern.replace("/0/", f"/{row.pk}/", 1) + tail, icon, css)
            for pattern, label, icon, css in patterns
        ]

    def list_actions(self, request: HttpRequest) -> list[Action]:
        """The buttons in the head of the list; the last one is the main one."""
        found = [
            Action(label, url, icon) for link in header_links for label, url, icon in link(request, self)
        ]
        if self.has_add_permission(request):
            label = _("Create %(name)s") % {"name": self.model._meta.verbose_name}
            found.append(Action(label, self.url("add"), "plus", "is-main"))
        return found

    def quick_actions(self, request: HttpRequest) -> list[Action]:
        """What the start page offers of this screen: the few deeds that a day begins with."""
        return []

    def list_view(self, request: HttpRequest) -> HttpResponse:
        listing = ListPage(request, self)
        title = capfirst(str(self.tab_label))
        return self.page(
            request, self.list_template, title=title, list=listing, actions=self.list_actions(request)
        )

    def bulk_view(self, request: HttpRequest, *, deed: Any) -> HttpResponse:
        return pages.page(request, self, deed)

    def bulk_buttons(self, request: HttpRequest) -> list[Any]:
        """What this user may do with many rows of the list."""
        return declaring.buttons(request, self) if self.bulk else []
