"""The change history: all change sets a user may see, and what each did (spec: working-day 7.6)."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.actor import current
from backoffice.console.filters import Choice, DateRange, Filter, Words
from backoffice.console.lists import Column, ListPage
from backoffice.console.logs import LogAdmin
from backoffice.console.past import entry
from backoffice.console.rights import Asked, OwnRows, Right, has_any_right
from backoffice.console.screens import Action, Screen
from backoffice.console.seen import seen_changes
from backoffice.console.site import site
from backoffice.console.templatetags.console import zoned
from backoffice.history import summary, undoing
from backoffice.history.models import Change, ChangeSet
from backoffice.history.screens.access import has_undo_right
from backoffice.history.screens.fields import field_filter
from backoffice.history.screens.left import LeftPage, left_parts
from backoffice.history.screens.report import ReportPage
from backoffice.history.screens.revert import RevertPage
from backoffice.history.screens.undo import UndoPage
from backoffice.history.summary import summaries
from backoffice.texts import normalise

PER_PAGE = 50
SEARCHED = 500_000
"""So many changes, the last ones, are searched for the label of a record."""
summary.listed = lambda: {model._meta.label_lower for model in site._registry}


def screen_choices(request: HttpRequest) -> list[tuple[str, str]]:
    """The screens this user may view, by name."""
    screens = [s for s in site._registry.values() if s.right("view").held_by(request.user)]
    return sorted(((s.name, capfirst(str(s.tab_label))) for s in screens), key=lambda pair: pair[1])


def touching(changes: QuerySet) -> Q:
    """Change sets of which the person at work sees one of these changes."""
    seen = changes.filter(seen_changes(current().user)) if current().user else changes
    return Q(pk__in=seen.order_by().values("change_set"))


def of_kinds(rows: QuerySet, names: list[str]) -> QuerySet:
    """Change sets that changed records of these models, or what hangs on them."""
    return rows.filter(touching(Change.objects.filter(Q(object_type__in=names) | Q(parent_type__in=names))))


def model_of(name: str) -> Any:
    """The model a recorded name stands for; None when the program has it no more."""
    try:
        return apps.get_model(name) if name else None
    except LookupError:
        return None


def record_urls(request: HttpRequest, changes: list[Change]) -> dict[int, str]:
    """Where the records of changes are shown, by change: on their own screen, or on that of the record they hang on.
    Records that are gone or that the user does not see have no page. One query per screen."""
    screens = {screen.name: screen for screen in site._registry.values() if screen.may(request, "view")}
    wanted: dict[str, dict[int, int]] = {}
    for change in changes:
        is_own = change.object_type in screens
        name = change.object_type if is_own else change.parent_type
        if name in screens:
            wanted.setdefault(name, {})[change.pk] = change.object_id if is_own else change.parent_id
    found: dict[int, str] = {}
    for name, ids in wanted.items():
        screen = screens[name]
        rows = screen.visible_rows(request).filter(pk__in=set(ids.values()))
        url_of = screen.row_url_maker(request, "")
        pages = {row.pk: url_of(row) for row in rows}
        found |= {change: pages[pk] for change, pk in ids.items() if pages.get(pk)}
    return found


def record_name(name: str) -> str:
    """What people call one record of a model."""
    model = model_of(name)
    return capfirst(str(model._meta.verbose_name)) if model else name


def screen_name(name: str) -> str:
    """What people call the screen that a change set came from."""
    model = model_of(name)
    return capfirst(str(model._meta.verbose_name_plural)) if model else name


@admin.register(ChangeSet, site=site)
class ChangeSetAdmin(UndoPage, ReportPage, LeftPage, RevertPage, LogAdmin):
    icon = "history"
    screens = (
        *LogAdmin.screens,
        Screen("<int:pk>/undo/", "undo_view", "undo", "view"),
        Screen("<int:pk>/undo/drift/", "drift_view", "drift", "view"),
        Screen("<int:pk>/left/", "left_view", "left", "view"),
        Screen("<int:pk>/revert/", "revert_view", "revert", "view"),
    )
    list_order = ("-pk",)
    search_hint = gettext_lazy("Note, name or record")
    empty_text = gettext_lazy(
        "Every save, action and import leaves an entry here: who, when, what from and to."
    )
    list_columns = (
        Column("at", link=True, sort="at"),
        Column("user_name", gettext_lazy("User"), value=lambda row: row.user_name or _("System")),
        Column("kind", value=lambda row: row.get_kind_display()),
        Column("screen", value=lambda row: screen_name(row.screen)),
        Column("summary", gettext_lazy("Records")),
        Column("note", priority=1),
    )
    list_filters = (
        Choice("kind", gettext_lazy("Kind"), choices=ChangeSet.Kind.choices),
        Choice("screen", gettext_lazy("Screen"), choices=screen_choices),
        Choice("object", gettext_lazy("Kind of record"), choices=screen_choices, apply=of_kinds),
        Words("user", gettext_lazy("User"), apply=lambda rows, text: rows.filter(user_name__icontains=text)),
        DateRange("at", gettext_lazy("Time")),
    )

    def filters(self, request: HttpRequest) -> list[Filter]:
        known = {name for name, _label in screen_choices(request)}
        kinds = [name for name in dict.fromkeys(request.GET.getlist("object")) if name in known]
        return [*self.list_filters, field_filter(kinds, touching)]

    export_name = "change-history"
    export_columns = ("id", "at", "user", "kind", "screen", "note", "record", "action", "fields")

    def quick_actions(self, request: HttpRequest) -> list[Action]:
        """For those who look after the history of all, not only of what they may view."""
        may = self.may(request, "export")
        return [Action(_("Search history"), self.list_url, "search")] if may else []

    def export_rows(self, request: HttpRequest, listing: ListPage) -> QuerySet:
        """One line per changed record that this user may view."""
        return (
            Change.objects.filter(
                seen_changes(request.user),
                change_set__in=super().export_rows(request, listing).order_by().values("pk"),
            )
            .select_related("change_set")
            .order_by("-pk")
        )

    def line(self, row: Change) -> dict[str, Any]:
        deed = row.change_set
        return {
            "id": deed.pk,
            "at": deed.at.isoformat(),
            "user": deed.user_name,
            "kind": deed.kind,
            "screen": deed.screen,
            "note": deed.note,
            "record": f"{row.object_type} {row.label}",
            "action": row.action,
            "fields": row.fields or {},
        }

    def right(self, action: str) -> Asked:
        """Everybody with a role sees his own change sets; those of others need *view* of the history."""
        if action == "view":
            return OwnRows(str(ChangeSet._meta.verbose_name_plural), has_any_right)
        return super().right(action)

    def visible_rows(self, request: HttpRequest, action: str = "view") -> QuerySet:
        found = super().visible_rows(request, action)
        sees_all = Right(ChangeSet, "view").held_by(request.user)
        return found if sees_all else found.filter(user=request.user)

    def list_rows(self, request: HttpRequest) -> QuerySet:
        """Without those of which nothing may be seen. The first change decides row by row: as EXISTS the planner
        would read all changes into a table of hashes."""
        changes = Change.objects.order_by().filter(seen_changes(request.user), change_set=OuterRef("pk"))
        first = Subquery(changes.values("pk")[:1])
        return self.visible_rows(request).filter(IsNull(first, False))

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        """By note and name, and by the label that a record had: among the last changes, so that a search stays quick
        however long the history is."""
        newest = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        last = Change.objects.filter(pk__gt=newest - SEARCHED, label__icontains=text)
        return found.filter(Q(search__contains=normalise(text)) | touching(last))

    def hit_text(self, row: Any) -> str:
        """What it touched, then when: the time alone tells nobody which one it is."""
        return f"{row.summary} · {zoned(row.at)}" if getattr(row, "summary", "") else super().hit_text(row)

    def named(self, request: HttpRequest, rows: list[Any]) -> list[Any]:
        return self.prepared(request, rows)

    def prepared(self, request: HttpRequest, found: list[Any]) -> list[Any]:
        shown = summaries([row.pk for row in found], seen_changes(request.user))
        for row in found:
            row.summary = str(shown.get(row.pk, ""))
        return found

    def detail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        change_set = self.record_or_404(request, pk)
        changes = change_set.changes.filter(seen_changes(request.user)).order_by("pk")
        after = request.GET.get("after", "")
        if after.isdecimal() and len(after) < 19:
            changes = changes.filter(pk__gt=int(after))
        found = list(changes[: PER_PAGE + 1])
        urls = record_urls(request, found[:PER_PAGE])
        entries = [
            (
                record_name(change.object_type),
                entry(model_of(change.object_type), change),
                urls.get(change.pk),
            )
            for change in found[:PER_PAGE]
        ]
        return self.page(
            request,
            "history/change_set.html",
            title=_("Change set %(number)s") % {"number": change_set.pk},
            crumbs=[(capfirst(str(self.tab_label)), self.list_url)],
            main_class="is-form",
            record=change_set,
            screen_name=screen_name(change_set.screen),
            entries=entries,
            next_mark=found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
            is_first=not after,
            undone=undoing.undo_of(change_set),
            job_url=summary.job_page(change_set.job, request.user) if change_set.job else "",
            left=left_parts(change_set, request.user) if change_set.undoes_id else (),
            actions=self.record_actions(request, change_set),
        )

    def record_actions(self, request: HttpRequest, record: ChangeSet) -> list[Action]:
        refusal = undoing.refusal(record, request.user, has_right=has_undo_right(request.user))
        return [] if refusal else [Action(_("Undo"), self.url("undo", pk=record.pk), "undo-2")]
