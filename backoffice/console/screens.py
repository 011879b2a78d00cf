"""The base of every screen: a ModelAdmin that states its columns, filters, tabs and extra addresses as facts."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import contributing, deleting, editing, past, rows, tabs
from backoffice.console.bulk import declaring, pages
from backoffice.console.facts import Texts
from backoffice.console.filters import Filter
from backoffice.console.forms import ScreenForm, Tab
from backoffice.console.lists import Column, ListPage, header_links
from backoffice.console.rights import PUBLIC, SIGNED_IN, Asked, OwnRows, Refused, Right
from backoffice.console.site import Address
from backoffice.fields import LocalizedField
from backoffice.history.recording import Recorder, Snapshot, snapshot
from backoffice.texts import normalise

__all__ = ["PUBLIC", "SIGNED_IN", "Action", "OwnRows", "Refused", "Right", "Screen", "ScreenAdmin", "Tab"]


class Screen(NamedTuple):
    """An extra address of a screen: ``Screen("<int:pk>/release/", "release_view", name="release", right="change")``.
    ``right`` is an action on the screen's model, or what else :class:`Asked` allows."""

    route: str
    method: str
    name: str
    right: str | Asked


class Action(NamedTuple):
    """A button of a row or a head. With ``post`` it is a form; ``css`` is ``is-main``, ``is-bad`` or nothing."""

    label: Any
    url: str
    icon: str = ""
    css: str = ""
    post: bool = False


class ScreenAdmin(ModelAdmin):
    """Facts first: subclasses mostly set attributes. Every address of it is guarded by the right it names."""

    icon = "package"
    tab_label: Any = ""
    """The name in a bar of sister screens; by default the model's plural."""
    rights_model: type[Model] | None = None
    """The model whose rights rule this screen, when it is not its own."""
    list_columns: tuple[Column, ...] = ()
    list_filters: tuple[Filter, ...] = ()
    list_order: tuple[str, ...] = ("pk",)
    search_hint: Any = ""
    code_field = ""
    """The key, SKU or name people type to find one row; the search of the top bar puts what has just this first."""
    empty_text: Any = ""
    """One sentence what the list is for, shown while it is empty."""
    form: type[ScreenForm] = ScreenForm
    tabs: tuple[Tab, ...] = ()
    screens: tuple[Screen, ...] = ()
    files: tuple[str, ...] = ()
    """File formats that Import and Export of this list offer."""
    bulk: tuple[Any, ...] = ()
    """What is done to many rows at once, as :class:`backoffice.console.bulk.declaring.Bulk`."""
    has_history = True
    """Whether its records change, so that their history is worth a page."""
    can_add = can_change = can_delete = True
    """Whether the screen has such pages at all; who may is the right's matter."""
    change_page = change_right = "change"
    """The page that edits a record and the action it asks for; a second form of the same record has others."""
    change_label: Any = gettext_lazy("Edit")
    """What the breadcrumb calls that page."""
    owner: "ScreenAdmin | None" = None
    """For the screen of a second form: the one that the record belongs to."""
    view_template = "console/view.html"
    form_template = "console/form.html"
    list_template = "console/list.html"

    # --- names and addresses ---------------------------------------------------------------------

    def __init__(self, model: type[Model], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        self.tab_label = self.tab_label or capfirst(model._meta.verbose_name_plural)

    @cached_property
    def name(self) -> str:
        return self.model._meta.label_lower

    def url(self, name: str, **kwargs: Any) -> str:
        """The address of one of this screen's pages: ``url("change", pk=3)``."""
        options = self.model._meta
        return reverse(f"admin:{options.app_label}_{options.model_name}_{name}", kwargs=kwargs or None)

    @property
    def list_url(self) -> str:
        return self.url("changelist")

    def right(self, action: str) -> Asked:
        """What a page asks for. Screens that show everybody his own rows answer with :class:`OwnRows`."""
        return Right(self.rights_model or self.model, action)

    def may(self, request: HttpRequest, action: str) -> bool:
        return self.right(action).held_by(request.user)

    def addresses(self) -> list[Address]:
        """Every address of this screen with the access it asks for."""
        options = self.model._meta
        prefix = f"{options.app_label}_{options.model_name}_"
        pages: list[Screen] = [Screen("", "list_view", "changelist", "view")]
        pages += [Screen("add/", "add_view", "add", "add")] if self.can_add else []
        pages += list(self.screens)
        pages += [Screen("<int:pk>/", "detail_view", "view", "view")]
        pages += [Screen("<int:pk>/history/", "past_view", "history", "view")] if self.has_history else []
        pages += [Screen("<int:pk>/change/", "change_view", "change", "change")] if self.can_change else []
        pages += [Screen("<int:pk>/delete/", "delete_view", "delete", "delete")] if self.can_delete else []
        found = [
            Address(
                page.route,
                getattr(self, page.method),
                prefix + page.name,
                self.right(page.right) if isinstance(page.right, str) else page.right,
            )
            for page in pages
        ]
        found += [
            Address(page.route, partial(page.view, screen=self), prefix + page.name, page.right)
            for page in contributing.pages(self.model)
        ]
        return found + [
            Address(
                f"bulk/{deed.name}/",
                partial(self.bulk_view, deed=deed),
                f"{prefix}bulk_{deed.name}",
                self.right(deed.right),
            )
            for deed in self.bulk
        ]

    # Django's own hooks ask the same rights.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "view")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add and self.may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_change and self.may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete and self.may(request, "delete")

    # --- rows ------------------------------------------------------------------------------------

    def visible_rows(self, request: HttpRequest, action: str = "view") -> QuerySet:
        """The rows this user may use with ``action``."""
        return rows.visible(self.model._default_manager.get_queryset(), request.user, action)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.visible_rows(request)

    def record_or_404(
        self, request: HttpRequest, pk: int, action: str = "view", *, lock: bool = False
    ) -> Any:
        """The row, 404 if the user may not even see it, 403 if he may see but not use it so."""
        held = self.visible_rows(request, action)
        record = (held.select_for_update(of=("self",)) if lock else held).filter(pk=pk).first()
        if record is None:
            if action != "view" and self.visible_rows(request).filter(pk=pk).exists():
                raise Refused(self.right(action))
            raise Http404
        return record

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

    def filters(self, request: HttpRequest) -> Iterable[Filter]:
        return self.list_filters

    def columns(self, request: HttpRequest) -> tuple[Column, ...]:
        """The columns of the list; a setting may add some."""
        return self.list_columns

    def hit_text(self, row: Any) -> str:
        """How the search of the top bar names a row."""
        column = next(c for c in self.list_columns if c.link)
        return column.shown(row) or str(row)

    def menu_count(self, request: HttpRequest) -> tuple[int, str]:
        """A number beside the menu item and its words; zero shows nothing."""
        return 0, ""

    # --- buttons ---------------------------------------------------------------------------------

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

    def record_pages(self, request: HttpRequest, record: Any) -> list[tuple[Any, str]]:
        """(label, address) of further pages of a record, in the tab bar between its form and its history."""
        return []

    def record_actions(self, request: HttpRequest, record: Any) -> list[Action]:
        """Buttons in the head of a record's pages, besides Edit and Delete."""
        return []

    def title_of(self, request: HttpRequest, record: Any) -> str:
        """What people call a record: the heading of its pages."""
        return str(record)

    def key_of(self, record: Any) -> str:
        """The key that stands beside the heading, or nothing."""
        return ""

    def record_badges(self, request: HttpRequest, record: Any) -> list[tuple[Any, str]]:
        """(words, status class) that stand beside the heading of a record's pages."""
        return []

    # --- forms -----------------------------------------------------------------------------------

    def form_tabs(self, request: HttpRequest, record: Any) -> list[Tab]:
        """The tabs of the form, own ones first, then contributed ones, as far as this user sees them."""
        found = [*self.tabs, *tabs.contributed(self.model)]
        return [tab for tab in found if tab.is_shown(request, record)]

    def form_class(self, request: HttpRequest, record: Any) -> type[ScreenForm]:
        from django.forms import modelform_factory

        if getattr(self.form, "_meta", None) and self.form._meta.model:
            return self.form
        names = [name for tab in self.form_tabs(request, record) for name in tab.fields]
        return modelform_factory(self.model, form=self.form, fields=names)

    def add_title(self, request: HttpRequest) -> str:
        """The heading of the page that creates a record."""
        return _("Create %(name)s") % {"name": self.model._meta.verbose_name}

    def add_crumbs(self, request: HttpRequest, list_url: str) -> list[tuple[str, str]]:
        """What stands before the heading of that page in the breadcrumb."""
        return [(capfirst(str(self.tab_label)), list_url)]

    def form_screens(self) -> "list[ScreenAdmin]":
        """The screens whose forms change its records: itself, and those of further pages of the same record."""
        return [self]

    def after_add(self, request: HttpRequest, record: Any) -> str:
        """Where a creation leads instead of the list; nothing by default."""
        return ""

    def state(self, record: Any) -> Snapshot:
        """What history records of a row; extend it by what hangs on the row."""
        return snapshot(record)

    def save(self, request: HttpRequest, form: ScreenForm, recorder: Recorder) -> Any:
        """Write the main form. A room whose save is more than one row calls its verb here."""
        return form.save()

    def remove(self, request: HttpRequest, record: Any, recorder: Recorder) -> None:
        """Delete a row after all refusals were asked."""
        recorder.deleted(record, self.state(record))
        record.delete()

    def why_not_delete(self, request: HttpRequest, record: Any) -> str:
        """A sentence that forbids the deletion, or nothing."""
        return ""

    def why_not_delete_each(self, request: HttpRequest, records: Sequence[Any]) -> dict[int, str]:
        """The same for many records, those that may go left out. A screen that asks the database overrides it."""
        if type(self).why_not_delete is ScreenAdmin.why_not_delete:
            return {}
        reasons = {record.pk: self.why_not_delete(request, record) for record in records}
        return {pk: reason for pk, reason in reasons.items() if reason}

    def facts(self, request: HttpRequest, record: Any, tab: Tab) -> list[tuple[str, Any]]:
        """(label, value) pairs of a tab on the view page. A text per locale is a dictionary."""
        found = []
        for name in (*tab.read_only, *tab.fields):
            field = self.model._meta.get_field(name)
            shown = getattr(record, f"get_{name}_display", None)
            if isinstance(field, LocalizedField):
                value = Texts.of(getattr(record, name), self.fallbacks(record, name))
            else:
                value = shown() if shown else getattr(record, name)
            found.append((capfirst(str(field.verbose_name)), value))
        return found

    def fallbacks(self, record: Any, name: str) -> dict[str, str]:
        """Texts per locale that stand in where ``record`` has none of its own."""
        return {}

    # --- pages -----------------------------------------------------------------------------------

    def frame(self, request: HttpRequest, **context: Any) -> dict[str, Any]:
        """The context of one of this screen's pages."""
        return self.admin_site.frame(request, screen=self, **context)

    def page(self, request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return render(request, template, self.frame(request, **context), status=status)

    def list_view(self, request: HttpRequest) -> HttpResponse:
        listing = ListPage(request, self)
        title = capfirst(str(self.tab_label))
        return self.page(
            request, self.list_template, title=title, list=listing, actions=self.list_actions(request)
        )

    def add_view(self, request: HttpRequest) -> HttpResponse:
        return editing.add(request, self)

    def change_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return editing.change(request, self, pk)

    def detail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return editing.show(request, self, pk)

    def delete_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return deleting.delete(request, self, pk)

    def past_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return past.show(request, self, pk)

    def bulk_view(self, request: HttpRequest, *, deed: Any) -> HttpResponse:
        return pages.page(request, self, deed)

    def bulk_buttons(self, request: HttpRequest) -> list[Any]:
        """What this user may do with many rows of the list."""
        return declaring.buttons(request, self) if self.bulk else []

    # Django's log of its own admin is not kept: history is ours.
    def log_addition(self, *args: Any, **kwargs: Any) -> None: ...
    def log_change(self, *args: Any, **kwargs: Any) -> None: ...
    def log_deletions(self, *args: Any, **kwargs: Any) -> None: ...
