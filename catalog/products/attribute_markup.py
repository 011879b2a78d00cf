"""The markup of the cells of the attributes grid. A product has hundreds of them, and a template per cell would take
longer than all the rest of its form."""

from functools import cache

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backoffice.console.templatetags.console import icon
from catalog.products.attribute_cells import Cell, Row


def shown(row: Row, cell: Cell, prefix: str) -> SafeString:
    """The whole table cell."""
    inner = _printed(cell) if cell.is_read_only else SafeString(_box(row, cell, prefix) + _about(row, cell))
    return format_html('<td data-l="{}">{}</td>', cell.label, inner)


def _printed(cell: Cell) -> SafeString:
    text = cell.text or cell.inherited
    if cell.text or not cell.source:
        return format_html("{}", text)
    return format_html('{} <span class="bo-muted bo-xs">{}</span>', text, cell.source)


def _box(row: Row, cell: Cell, prefix: str) -> str:
    """What is typed into."""
    named = f'id="{_escaped(cell.name)}" name="{_escaped(cell.name)}"'
    about = _described(row, cell)
    if cell.kind == "select":
        return f"<select {named}{about}>{_options(cell)}</select>"
    hint = f' placeholder="{_escaped(cell.inherited)}"'
    if cell.locale:
        hint = f' lang="{_escaped(cell.lang)}"{hint}'
    if cell.kind == "textarea":
        return f'<textarea {named} rows="2"{hint}{about}>\n{_escaped(cell.text)}</textarea>'
    kind = 'number" step="any' if cell.kind == "number" else cell.kind
    listed = f' list="{prefix}-{row.number}-values"' if row.suggestions else ""
    value = f' value="{_escaped(cell.text)}"{hint} autocomplete="off"{listed}'
    return f'<input type="{kind}" {named}{value}{about}>'


def _described(row: Row, cell: Cell) -> str:
    """How the box is called, and whether something is said about it."""
    found = f' aria-label="{_escaped(row.key)}, {_escaped(cell.label)}"'
    if cell.error:
        found += ' aria-invalid="true"'
    if cell.error or cell.warning or cell.is_from_product or (row.is_multiple and cell.kind != "select"):
        found += f' aria-describedby="{_escaped(cell.name)}-about"'
    return found + (" data-focus" if row.is_fresh and not cell.locale else "")


def _options(cell: Cell) -> str:
    return "".join(
        f'<option value="{_escaped(value)}"{" selected" if value == cell.text else ""}>{_escaped(label)}</option>'
        for value, label in cell.options
    )


def _about(row: Row, cell: Cell) -> SafeString:
    """What is to be said below the box; the place stands empty, too, so that a description has its target."""
    told = SafeString("")
    if cell.error:
        told = format_html('<p class="bo-err">{}{}</p>', icon("circle-alert"), cell.error)
    elif cell.warning:
        told = format_html('<p class="bo-help bo-warn">{}{}</p>', icon("triangle-alert"), cell.warning)
    elif not cell.text and cell.is_from_product:
        told = format_html('<p class="bo-help">{}</p>', cell.source)
    elif row.is_multiple and not cell.locale:
        told = _several(get_language())
    return format_html('<div id="{}-about">{}</div>', cell.name, told)


@cache
def _several(language: str | None) -> SafeString:
    return format_html('<p class="bo-help">{}</p>', _("Separate with commas."))


def _escaped(text: str) -> str:
    return conditional_escape(text)
