"""Texts with headings, lists and links: a field that cleans on save, and its editor.

In a :class:`~backoffice.console.forms.ScreenForm` say ``Meta.field_classes = {"description": RichText}``. Without
scripts the editor is the plain box of the text.
"""

from collections.abc import Sequence
from typing import Any

from django.forms import Media
from django.forms.widgets import Script

from backoffice.fields import LocalizedFormField, LocalizedWidget
from backoffice.html import clean, what_cleaning_removes


class RichTextWidget(LocalizedWidget):
    """One editor per content locale."""

    def __init__(self, attrs: dict[str, Any] | None = None, multiline: bool = True) -> None:
        super().__init__(attrs, multiline=True)

    @property
    def media(self) -> Media:
        return Media(js=[Script("backoffice/editor.js", defer=True)])

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["is_rich"] = True
        return context


class RichText(LocalizedFormField):
    """A text per locale with HTML of the allow-list. One that was not touched stays exactly as it was imported."""

    widget = RichTextWidget
    removed: Sequence[str] = ()
    """The tags and attributes that a save took out of what was typed."""

    def _typed(self, code: str, text: str) -> str:
        typed, kept = super()._typed(code, text), self.kept.get(code, "")
        if typed == kept:
            return typed
        self.removed = list(dict.fromkeys([*self.removed, *what_cleaning_removes(typed)]))
        return clean(typed).strip()
