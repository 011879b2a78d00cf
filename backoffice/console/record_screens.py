"""What a screen says about one record: its name, its pages and buttons, its form, how it is saved and deleted."""

from collections.abc import Sequence
from typing import Any

from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console import deleting, editing, past
from backoffice.console.buttons import Action
from backoffice.console.facts import Texts
from backoffice.console.forms import ScreenForm, Tab
from backoffice.console.tabs import contributed
from backoffice.fields import LocalizedField
from backoffice.history.recording import Recorder, Snapshot, snapshot


class RecordScreen:
    """The half of a screen that shows one record. :class:`backoffice.console.screens.ScreenAdmin` is the whole."""

    form: type[ScreenForm] = ScreenForm
    tabs: tuple[Tab, ...] = ()
    view_template = "console/view.html"
    form_template = "console/form.html"

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

    def form_tabs(self, request: HttpRequest, record: Any) -> list[Tab]:
        """The tabs of the form, own ones first, then contributed ones, as far as this user sees them."""
        found = [*self.tabs, *contributed(self.model)]
        return [tab for tab in found if tab.is_shown(request, record)]

    def form_class(self, request: HttpRequest, record: Any) -> type[ScreenForm]:

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

    def form_screens(self) -> list[Any]:
        """The screens whose forms change its records: itself, and those of further pages of the same record."""
        return [self]

    def after_change(self, request: HttpRequest, record: Any) -> str:
        """Where a save leads, if not to the list."""
        return ""

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
        if type(self).why_not_delete is RecordScreen.why_not_delete:
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
