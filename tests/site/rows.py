"""A row of every registered model. A room that registers a screen names here how one of its rows is made."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model

from backoffice.accounts.models import SecurityEvent, User
from backoffice.history.models import ChangeSet
from tests import make

MAKERS: dict[str, Callable[[User | None], Model]] = {
    "accounts.user": lambda user: make.user(),
    "accounts.role": lambda user: make.role(),
    "accounts.securityevent": lambda user: SecurityEvent.objects.create(action="login_ok", actor=user),
    "history.changeset": lambda user: ChangeSet.objects.create(kind="save", user=user),
    "stores.store": lambda user: make.store(),
    "stores.currency": lambda user: make.currency(),
    "stores.glossarytext": lambda user: make.glossary_text(),
    "packaging.packagingtype": lambda user: make.packaging_type(),
}


def row(model: type[Model], user: User | None = None) -> Any:
    """A row that belongs to ``user`` where rows belong to people."""
    name = model._meta.label_lower
    assert name in MAKERS, f"{name} is registered: say in tests/site/rows.py how a row is made"
    return MAKERS[name](user)
