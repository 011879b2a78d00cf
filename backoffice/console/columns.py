"""Columns of a list: what a cell shows, how it is aligned, by what it is sorted; the cells before and after them."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Model
from django.utils.html import conditional_escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from backoffice.console.templatetags.console import icon, moment, short_day

Value = str | Callable[[Any], Any]
BUTTONS = 3
"""So many buttons stand in a row side by side."""
LONG = 60
"""A heading of a row with more characters is told whole by its title too: lists show three lines of it."""


@dataclass(frozen=True)
class Column:
    """``value`` is an attribute of the row, or a function of it; by default the attribute called ``name``.

    ``sort`` names a field or annotation that orders the list; ``badge`` gives the status class of a row;
    ``priority`` 1–3 hides the column on narrow screens, 3 first.
    """

    name: str
    label: Any = ""
    value: Value = ""
    sort: str = ""
    link: bool = False
    mono: bool = False
    num: bool = False
    priority: int = 0
    badge: Callable[[Any], str] | None = None

    def title(self, model: type[Model]) -> str:
        """The heading: the stated label, else the field's own name."""
        text = str(self.label or model._meta.get_field(self.name).verbose_name)
        return text[:1].upper() + text[1:]

    @property
    def css(self) -> str:
        classes = ["num" if self.num else "", f"bo-p{self.priority}" if self.priority else ""]
        return " ".join(filter(None, classes))

    def shown(self, row: Any) -> SafeString:
        """The content of the cell, escaped."""
        value = self.value(row) if callable(self.value) else getattr(row, self.value or self.name)
        if self.badge:
            return format_html('<span class="bo-badge is-dot {}">{}</span>', self.badge(row), printed(value))
        return printed(value)

    def cell(self, row: Any, title: str, url: str = "") -> SafeString:
        """The whole table cell; the linked column is the row's heading."""
        content = self.shown(row)
        if self.mono and content:
            content = format_html('<span class="bo-mono">{}</span>', content)
        if self.link:
            inner = format_html('<a href="{}">{}</a>', url, content or _("without name")) if url else content
            whole = strip_tags(content).strip() if len(content) > LONG else ""
            if len(whole) > LONG:
                return format_html('<th scope="row" class="bo-key" title="{}">{}</th>', whole, inner)
            return format_html('<th scope="row" class="bo-key">{}</th>', inner)
        css = self.css
        opening = (
            format_html('<td class="{}" data-l="{}">', css, title)
            if css
            else format_html('<td data-l="{}">', title)
        )
        return mark_safe(f"{opening}{content}</td>")  # noqa: S308 - both parts are escaped


def printed(value: Any) -> SafeString:
    """A value as people read it: yes and no as words, times in the user's zone, nothing as nothing."""
    if value is None or value == "":
        return SafeString("")
    if value is True:
        return SafeString(conditional_escape(_("Yes")))
    if value is False:
        return SafeString(conditional_escape(_("No")))
    if isinstance(value, datetime.datetime):
        return SafeString(moment(value))
    if isinstance(value, datetime.date):
        return SafeString(conditional_escape(short_day(value)))
    if isinstance(value, int | float):
        from django.utils.formats import localize

        return SafeString(conditional_escape(localize(value, use_l10n=True)))
    return SafeString(conditional_escape(value))


def tags(values: Any) -> SafeString:
    """Short codes side by side, such as the stores of a row."""
    return SafeString(" ".join(format_html('<span class="bo-tag">{}</span>', value) for value in values))


def pick_cell(pk: int, name: str) -> SafeString:
    """The first cell of a row: the box that chooses it for the form below the list."""
    return format_html(
        '<td class="bo-c bo-first"><input type="checkbox" class="bo-pick" name="pick" value="{}" form="bulk" '
        'aria-label="{}"></td>',
        str(pk),
        _("Select %(name)s") % {"name": name},
    )


@lru_cache(maxsize=512)
def _face(icon_name: str, label: str) -> SafeString:
    """Icon and word of a button. A page prints the same few many times."""
    return format_html("{}{}", icon(icon_name) if icon_name else "", label)


def actions_cell(actions: list[Any], token: str = "", form: str = "", at_most: int = BUTTONS) -> SafeString:
    """The last cell of a row: its buttons, each named by its word; of more than ``at_most`` the last place is a menu
    with the rest. A button that posts has a form of its own with ``token``; in a table inside a form it sends the
    other ``form`` of the page."""
    shown = len(actions) if len(actions) <= at_most else at_most - 1
    buttons = [_button(action, token, form, "bo-btn is-ghost is-sm ") for action in actions[:shown]]
    if rest := actions[shown:]:
        entries = "".join(_button(action, token, form, "") for action in rest)
        buttons.append(SafeString(f'{_more(_("More"))}<div class="bo-pop is-r">{entries}</div></details>'))
    return SafeString(f'<td class="bo-c bo-act"><div class="bo-row">{"".join(buttons)}</div></td>')


@lru_cache(maxsize=16)
def _more(word: str) -> SafeString:
    """How the menu of further buttons begins."""
    return format_html(
        '<details class="bo-drop" name="bo-menu"><summary class="bo-btn is-ghost is-sm is-icon" title="{0}">{1}'
        '<span class="bo-sr">{0}</span></summary>',
        word,
        icon("ellipsis"),
    )


def _button(action: Any, token: str, form: str, css: str) -> SafeString:
    """A button of a row, or with no ``css`` an entry of its menu."""
    face, css = _face(action.icon, str(action.label)), f"{css}{action.css}"
    if action.post and form:
        return format_html(
            '<button class="{}" type="submit" form="{}" formaction="{}">{}</button>',
            css,
            form,
            action.url,
            face,
        )
    if action.post:
        return format_html(
            '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<button class="{}" type="submit">{}</button></form>',
            action.url,
            token,
            css,
            face,
        )
    return format_html('<a class="{}" href="{}">{}</a>', css, action.url, face)
