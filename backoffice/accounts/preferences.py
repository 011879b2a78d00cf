"""What a person may choose for himself: language, time zone, content locale, store."""

import zoneinfo
from collections.abc import Callable

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.accounts.models import languages
from backoffice.actor import remembered
from backoffice.texts import content_locales

FIELDS = ("ui_language", "time_zone", "content_locale", "store")

_store_source: Callable[[], list[str]] | None = None


def register_stores(source: Callable[[], list[str]]) -> None:
    """The room that knows the stores says here what they are called."""
    global _store_source
    _store_source = source


def store_names() -> list[str]:
    return remembered("store names", _store_source) if _store_source else []


def zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]


def offer(form: forms.BaseForm) -> None:
    """Turn the four fields of a form into choices; a stored value that went away stays choosable."""
    held = form.instance
    choices = {
        "ui_language": languages(),
        "time_zone": zone_choices(),
        "content_locale": [("", _("the default")), *((code, code) for code in content_locales())],
        "store": [("", _("the first store")), *((name, name) for name in store_names())],
    }
    for name, offered in choices.items():
        if name in form.fields:
            value = getattr(held, name)
            extra = [(value, value)] if value not in dict(offered) else []
            field = form.fields[name]
            form.fields[name] = forms.ChoiceField(
                choices=[*offered, *extra],
                required=field.required,
                label=field.label,
                help_text=field.help_text,
                initial=value,
            )
