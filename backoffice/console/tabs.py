"""Tabs that a room above contributes to the form of a lower room's screen."""

from django.db.models import Model

from backoffice.console.forms import Tab

_contributed: dict[type[Model], list[Tab]] = {}


def contribute(model: type[Model], tab: Tab) -> None:
    """Add ``tab`` to the forms of ``model``'s screen; called by the higher room in ``apps.ready``."""
    _contributed.setdefault(model, []).append(tab)


def contributed(model: type[Model]) -> list[Tab]:
    return _contributed.get(model, [])
