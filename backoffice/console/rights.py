"""Who may: the right an address asks for, and the refusal that names it (spec: users-and-roles 2)."""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, NamedTuple, Protocol

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

ACTION_NAMES = {
    "view": _("view"),
    "add": _("add"),
    "change": _("change"),
    "delete": _("delete"),
    "import": _("import"),
    "export": _("export"),
    "undo": _("undo of other people's changes"),
    "cancel": _("cancel"),
    "translate": _("translate"),
    "activate": _("activate"),
    "approve": _("approve"),
}
"""The words of the rights matrix. A verb that is missing here is shown by its permission's own name."""


class Asked(Protocol):
    """What an address may ask for: something a user holds or does not hold."""

    def held_by(self, user: Any) -> bool: ...


class Access(Enum):
    """Addresses that ask for no right of a screen."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"

    def held_by(self, user: Any) -> bool:
        return self is Access.PUBLIC or (user.is_authenticated and user.is_active)


PUBLIC, SIGNED_IN = Access.PUBLIC, Access.SIGNED_IN


class Right(NamedTuple):
    """One right on one screen, such as *import* on packaging types. A model declares its rights in
    ``Meta.default_permissions`` and ``Meta.permissions``; one it does not declare is held by nobody."""

    model: type[Model]
    action: str

    @property
    def codename(self) -> str:
        return f"{self.action}_{self.model._meta.model_name}"

    @property
    def permission(self) -> str:
        return f"{self.model._meta.app_label}.{self.codename}"

    @property
    def is_declared(self) -> bool:
        options = self.model._meta
        return self.action in options.default_permissions or self.codename in dict(options.permissions)

    @property
    def screen_name(self) -> str:
        return str(self.model._meta.verbose_name_plural)

    @property
    def action_name(self) -> str:
        named = dict(self.model._meta.permissions).get(self.codename)
        return str(ACTION_NAMES.get(self.action) or named or self.action)

    def held_by(self, user: Any) -> bool:
        return self.is_declared and user.is_active and user.has_perm(self.permission)


class OwnRows(NamedTuple):
    """A screen that shows everybody his own rows, such as jobs: open to those the test lets in."""

    screen_name: str
    test: Callable[[Any], bool]
    action_name: str = "view"
    rights: Callable[[], Iterable[Right]] = tuple
    """The rights any of which opens it, where it is rights that do."""

    def held_by(self, user: Any) -> bool:
        return user.is_authenticated and user.is_active and self.test(user)


def has_any_right(user: Any) -> bool:
    """Whether some role gives the user anything at all."""
    return user.is_superuser or bool(user.get_all_permissions())


class Refused(PermissionDenied):
    """The request asks for a right that the user does not hold. Answered by the 403 page in the frame."""

    def __init__(self, asked: Asked, reason: str = "") -> None:
        super().__init__(reason)
        self.asked, self.reason = asked, reason
