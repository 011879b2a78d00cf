"""What a picker shows: a page of the rows that are offered, and the chosen ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Model, QuerySet
from django.urls import reverse

from backoffice.console.filters import Choice
from backoffice.console.paging import BrokenMark, Count, Order, Page, cut
from catalog.products import finding
from catalog.products.models import Product, Variant
from catalog.products.narrowing import one_of
from catalog.products.picker.declaring import Extra, extras
from catalog.products.pictures import leading_pictures
from catalog.products.super_values import super_values

if TYPE_CHECKING:
    from catalog.products.picker.bound import BoundPicker

SIZE = 20
ORDER = Order.of("sku")
SHOWN = {Product: ("sku", "name"), Variant: ("sku", "name", "product")}


class Box(NamedTuple):
    """A box of a chosen row."""

    name: str
    label: Any
    value: str
    error: str


@dataclass
class Line:
    """A row of either table: its name, its SKU with the page behind it, its cells of rooms above."""

    pk: int
    name: str
    super_values: str
    """What tells a variant apart from its siblings."""
    sku: str
    url: str
    is_live: bool
    picture: str | None
    """Where its picture loads from; empty without one, None where no row of the table has any."""
    cells: list[tuple[Extra, Any]]
    is_chosen: bool = False


@dataclass
class Chosen(Line):
    boxes: Sequence[Box] = ()


class FilterBox(NamedTuple):
    name: str
    label: str
    options: list[tuple[str, str]]
    """Nothing for a filter that is typed."""
    value: str


@dataclass
class Results:
    """One page of what is offered. ``before`` and ``after`` are the marks from which the other pages begin."""

    lines: list[Line]
    page: Page
    total: Count
    filters: list[FilterBox]
    before: str
    after: str
    way: str = ""

    @property
    def shown(self) -> str:
        return ",".join(str(line.pk) for line in self.lines)

    @property
    def end(self) -> int | None:
        return self.page.start + len(self.lines) - 1 if self.page.start else None


def results(bound: "BoundPicker") -> Results:
    """The page that the boxes of the picker ask for."""
    found, filters = _narrowed(bound, bound.offered, bound.query)
    total = Count.of(found)
    way, _colon, mark = _place(bound).partition(":")
    shown = found.only(*SHOWN[bound.picker.model])
    try:
        page = cut(shown, ORDER, SIZE, total, way=way, mark=mark)
    except BrokenMark:
        way, mark, page = "", "", cut(shown, ORDER, SIZE, total)
    chosen = set(bound.selection)
    lines = [Line(**facts, is_chosen=facts["pk"] in chosen) for facts in _facts(bound, page.rows)]
    before, after = (ORDER.mark_of(page.rows[i]) if page.rows else "" for i in (0, -1))
    return Results(lines, page, total, filters, before, after, f"{way}:{mark}" if way else "")


def _place(bound: "BoundPicker") -> str:
    """Which page: the one asked for, else the one that was shown; another search begins anew."""
    if bound.go.partition(":")[0] in {"after", "before"}:
        return bound.go
    is_same = bound.data.get(bound.name("q"), "") == bound.data.get(bound.name("was"), "")
    stays = bound.go not in {"find", "first"} and is_same
    return bound.data.get(bound.name("at"), "") if stays else ""


def _narrowed(bound: "BoundPicker", rows: QuerySet, query: str) -> tuple[QuerySet, list[FilterBox]]:
    boxes = []
    for each in bound.picker.filters:
        name = bound.name(f"f-{each.name}")
        value, _unknown = each.read({each.name: bound.data.getlist(name)}, bound.request)
        options = each.options(bound.request) if isinstance(each, Choice) else []
        boxes.append(
            FilterBox(name, str(each.label), options, value if isinstance(value, str) else "".join(value))
        )
        if value:
            rows = each.narrow(rows, value)
    if query:
        search = finding.search_products if bound.picker.model is Product else finding.search_variants
        rows = search(rows, query)
    return rows, boxes


def chosen_rows(bound: "BoundPicker", ids: Sequence[int]) -> "list[Chosen]":
    """The chosen rows that the user may see, in the order in which they were chosen."""
    found = {row.pk: row for row in bound.visible.filter(one_of(ids)).only(*SHOWN[bound.picker.model])}
    lines = []
    for facts in _facts(bound, [found[pk] for pk in ids if pk in found]):
        pk = facts["pk"]
        boxes = [
            Box(
                bound.box_name(pk, each.name),
                each.label,
                bound.typed.get(pk, {}).get(each.name, each.initial),
                bound.errors.get((pk, each.name), ""),
            )
            for each in bound.picker.inputs
        ]
        lines.append(Chosen(**facts, is_chosen=True, boxes=boxes))
    return lines


def _facts(bound: "BoundPicker", rows: Sequence[Any]) -> list[dict[str, Any]]:
    ids = [row.pk for row in rows]
    model, locale = bound.picker.model, bound.request.user.content_locale
    live = _live(model, ids)
    pictures = leading_pictures(rows, locale)
    apart = super_values(ids, locale) if model is Variant and ids else {}
    cells = [(each, each.values(bound.request, ids)) for each in extras(model, bound.request)] if ids else []
    address = reverse(f"admin:products_{model._meta.model_name}_view", args=[0])
    return [
        {
            "pk": row.pk,
            "name": row.name_in(locale),
            "super_values": apart.get(row.pk, ""),
            "sku": row.sku,
            "url": address.replace("/0/", f"/{row.pk}/"),
            "is_live": live.get(row.pk, False),
            "picture": pictures.get(row.pk, "") if any(pictures.values()) else None,
            "cells": [(each, values.get(row.pk, "")) for each, values in cells],
        }
        for row in rows
    ]


def _live(model: type[Model], ids: Sequence[int]) -> Mapping[int, bool]:
    if not ids:
        return {}
    rows = model._default_manager.filter(one_of(ids)).order_by()
    told = rows.with_facts() if model is Product else rows.with_live()
    return dict(told.values_list("pk", "is_live"))
