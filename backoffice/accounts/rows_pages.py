"""The page *Rows* of a role or a user: per kind of scope all rows, or only those chosen (users-and-roles 5.1).

The kinds are a register; nothing here knows what a warehouse or a category is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from backoffice.accounts.role_verbs import SuperusersOnly
from backoffice.accounts.scopes import ScopeKind
from backoffice.console.form_page import record_head
from backoffice.console.screens import Screen

EDIT_ROWS = SuperusersOnly(gettext_lazy("Rows"), gettext_lazy("limit (superusers only)"))
BOXES = 3
"""So many rows can be added with one save."""


@dataclass(frozen=True)
class Chosen:
    """A row that is granted, and whether with all that lies below it."""

    row: Model
    is_deep: bool


@dataclass
class Part:
    """One kind on the page: what is stored or typed. ``added`` are the codes typed, ``unknown`` those of no row."""

    kind: ScopeKind
    is_limited: bool
    chosen: list[Chosen]
    added: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return capfirst(str(self.kind.label))

    @property
    def boxes(self) -> list[str]:
        return [*self.added, *[""] * max(BOXES - len(self.added), 0)]

    @property
    def suggest_url(self) -> str:
        return reverse(self.kind.suggest) if self.kind.suggest else ""

    @property
    def state(self) -> tuple[bool, set[tuple[Any, bool]]]:
        return self.is_limited, {(each.row.pk, each.is_deep) for each in self.chosen if self.is_limited}


class RowsPages:
    """Mixed into a screen whose records can be limited. ``holder_of`` gives the role's group or the user."""

    rows_screens = (
        Screen("<int:pk>/rows/", "rows_view", "rows", "view"),
        Screen("<int:pk>/rows/save/", "save_rows_view", "save_rows", EDIT_ROWS),
    )

    def holder_of(self, record: Any) -> Group | User:
        return record

    def rows_page(self, record: Any) -> list[tuple[Any, str]]:
        """The entry in the bar of a record's pages."""
        return [(_("Rows"), self.url("rows", pk=record.pk))] if scopes.kinds() else []

    def rows_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record_or_404(request, pk)
        holder = self.holder_of(record)
        return self._rows_page(request, record, [_stored(holder, kind) for kind in scopes.kinds()])

    def save_rows_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self.record_or_404(request, pk)
        holder = self.holder_of(record)
        parts = [_typed(request, kind) for kind in scopes.kinds()]
        if any(part.unknown for part in parts):
            return self._rows_page(request, record, parts)
        with transaction.atomic():
            changed = [part for part in parts if part.state != _stored(holder, part.kind).state]
            for part in changed:
                _write(holder, part)
        if changed:
            messages.success(request, format_html(_("The rows of {} were saved."), record))
        else:
            messages.info(request, _("Nothing changed."))
        return redirect(self.url("rows", pk=pk))

    def _rows_page(self, request: HttpRequest, record: Any, parts: Sequence[Part]) -> HttpResponse:
        return self.page(
            request,
            "accounts/rows.html",
            title=_("Rows of %(name)s") % {"name": record},
            crumbs=[(str(self.tab_label), self.list_url), (str(record), self.url("view", pk=record.pk))],
            main_class="is-mid",
            record=record,
            parts=parts,
            is_superuser=getattr(record, "is_superuser", False),
            may_edit=EDIT_ROWS.held_by(request.user),
            save_url=self.url("save_rows", pk=record.pk),
            rights_url=self.url("rows", pk=record.pk),
            head=record_head(request, self, record, "rows"),
        )


def _stored(holder: Group | User, kind: ScopeKind) -> Part:
    chosen = [
        Chosen(grant.content_object, bool(kind.deep and getattr(grant, kind.deep)))
        for grant in scopes.grants_of(holder, kind)
    ]
    return Part(kind, scopes.is_limited(holder, kind), chosen)


def _typed(request: HttpRequest, kind: ScopeKind) -> Part:
    """The part as it was sent. A row that went meanwhile is left out; a code of no row is named."""
    posted, rows = request.POST, kind.model._default_manager
    ids = [int(pk) for pk in posted.getlist(f"keep.{kind.key}") if pk.isdecimal() and len(pk) < 19]
    codes = list(dict.fromkeys(code.strip() for code in posted.getlist(f"add.{kind.key}") if code.strip()))
    found = {getattr(row, kind.code): row for row in rows.filter(**{f"{kind.code}__in": codes})}
    kept = sorted(rows.filter(pk__in=ids), key=lambda row: ids.index(row.pk))
    chosen = {row.pk: Chosen(row, bool(kind.deep) and f"deep.{kind.key}.{row.pk}" in posted) for row in kept}
    for row in found.values():
        chosen.setdefault(row.pk, Chosen(row, bool(kind.deep) and f"deep.{kind.key}.new" in posted))
    unknown = [code for code in codes if code not in found]
    return Part(kind, posted.get(f"limit.{kind.key}") == "only", list(chosen.values()), unknown, unknown)


def _write(holder: Group | User, part: Part) -> None:
    if not part.is_limited:
        scopes.unlimit(holder, part.kind)
        return
    with_below = [each.row for each in part.chosen if each.is_deep or not part.kind.deep]
    alone = [each.row for each in part.chosen if part.kind.deep and not each.is_deep]
    scopes.limit(holder, part.kind, with_below, alone=alone)
