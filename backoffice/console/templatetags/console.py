"""Tags of the frame: icons and dates."""

import datetime
from functools import cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from backoffice.html import clean

register = template.Library()


@cache
def _sprite() -> str:
    return static("backoffice/icons.svg")


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite, hidden from assistive technology."""
    return format_html(
        '<svg class="bo-i {}" aria-hidden="true"><use href="{}#{}"/></svg>', css, _sprite(), name
    )


@register.filter
def moment(value: datetime.datetime | None) -> SafeString | str:
    """A time as the user reads it, in his zone, whose name stands in the title (working-day 12.3)."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), zoned(value), local_time(value)
    )


def zoned(value: datetime.datetime) -> str:
    """A time with the name of its zone, for sentences without markup."""
    return f"{local_time(value)} {timezone.localtime(value).tzname()}"


def local_time(value: datetime.datetime) -> str:
    """A time in the user's zone, for sentences without markup."""
    return formats.date_format(timezone.localtime(value), pgettext("date format", "j M Y, H:i"))


@register.filter
def short_day(day: datetime.date | None) -> str:
    """A day as tables and sentences name it: 20 Nov 2026."""
    return formats.date_format(day, pgettext("date format", "j M Y")) if day else ""


def long_day(day: datetime.date) -> str:
    """A day with its name: Friday, 20 November 2026."""
    return formats.date_format(day, pgettext("date format", "l, j F Y"))


@register.filter
def initials(user: Any) -> str:
    """Two letters for the round picture of a person."""
    return f"{user.first_name[:1]}{user.last_name[:1]}".upper() or "?"


@register.filter
def entry(mapping: dict[Any, Any], key: Any) -> Any:
    """The entry of a mapping under a computed key."""
    return mapping.get(key, "")


@register.filter
def rich(text: str) -> SafeString:
    """A text with HTML, cleaned by the one allow-list."""
    return SafeString(clean(text or ""))
