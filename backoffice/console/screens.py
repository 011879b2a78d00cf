"""The base of every screen: a ModelAdmin that states its columns, filters, tabs and extra addresses as facts.

What a screen is called, where it lies, who may use it and which rows he sees stands here; what it says about its list
in :mod:`backoffice.console.list_screens`, about one record in :mod:`backoffice.console.record_screens`.
"""

from functools import cached_property, partial
from typing import Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from backoffice.console import contributing, rows
from backoffice.console.buttons import Action
from backoffice.console.forms import Tab
from backoffice.console.list_screens import ListScreen
from backoffice.console.record_screens import RecordScreen
from backoffice.console.rights import PUBLIC, SIGNED_IN, Asked, OwnRows, Refused, Right
from backoffice.console.site import Address

__all__ = ["PUBLIC", "SIGNED_IN", "Action", "OwnRows", "Refused", "Right", "Screen", "ScreenAdmin", "Tab"]


class Screen(NamedTuple):
    """An extra address of a screen: ``Screen("<int:pk>/release/", "release_view", name="release", right="change")``.
    ``right`` is an action on the screen's model, or what else :class:`Asked` allows."""

    route: str
    method: str
    name: str
    right: str | Asked


class ScreenAdmin(ListScreen, RecordScreen, ModelAdmin):
    """Facts first: subclasses mostly set attributes. Every address of it is guarded by the right it names."""

    icon = "package"
    tab_label: Any = ""
    """The name in a bar of sister screens; by default the model's plural."""
    rights_model: type[Model] | None = None
    """The model whose rights rule this screen, when it is not its own."""
    code_field = ""
    """The key, SKU or name people type to find one row; the search of the top bar puts what has just this first."""
    screens: tuple[Screen, ...] = ()
    has_history = True
    """Whether its records change, so that their history is worth a page."""
    is_log = False
    """Whether the program writes its rows by itself; the search of the top bar puts few of them, and last."""
    can_add = can_change = can_delete = True
    """Whether the screen has such pages at all; who may is the right's matter."""
    change_page = change_right = "change"
    """The page that edits a record and the action it asks for; a second form of the same record has others."""
    change_label: Any = gettext_lazy("Edit")
    """What the breadcrumb calls that page."""
    owner: "ScreenAdmin | None" = None
    """For the screen of a second form: the one that the record belongs to."""

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

    # --- pages -----------------------------------------------------------------------------------

    def frame(self, request: HttpRequest, **context: Any) -> dict[str, Any]:
        """The context of one of this screen's pages."""
        return self.admin_site.frame(request, screen=self, **context)

    def page(self, request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return render(request, template, self.frame(request, **context), status=status)

    # Django's log of its own admin is not kept: history is ours.
    def log_addition(self, *args: Any, **kwargs: Any) -> None: ...
    def log_change(self, *args: Any, **kwargs: Any) -> None: ...
    def log_deletions(self, *args: Any, **kwargs: Any) -> None: ...
