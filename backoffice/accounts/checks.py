"""Production does not start while an account of the trial set-up is active (users-and-roles 1.4)."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from backoffice.accounts import demo

_REMEDY = "Make a superuser with manage.py createadmin, then run manage.py demo_accounts --deactivate."


@register(Tags.database)
def no_demo_accounts(app_configs: Any, databases: Any = None, **options: Any) -> list[CheckMessage]:
    """Runs with ``check --database default`` and with ``migrate``."""
    if not settings.PRODUCTION or not databases:
        return []
    try:
        found = demo.active_accounts()
    except DatabaseError:
        return []
    if not found:
        return []
    return [Error(f"Demo accounts are active: {', '.join(found)}.", hint=_REMEDY, id="accounts.E001")]


def refuse_unsafe_start() -> None:
    """Called by the web server's entry: raises in production while a demo account is active."""
    if settings.PRODUCTION:
        found = demo.active_accounts()
        if found:
            raise ImproperlyConfigured(
                f"Production does not start with active demo accounts: {', '.join(found)}. {_REMEDY}"
            )
