"""The page that assigns products to a category and puts them in order; contributed to the screen of categories
(spec: products 19.4)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import Media
from django.forms.widgets import Script
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.console import contributing, editing, record_bar, rows
from backoffice.console.columns import Column
from backoffice.console.form_page import record_head
from backoffice.console.paging import COUNT_CAP
from backoffice.console.rights import Refused, Right
from backoffice.history.recording import Recorder, recording
from catalog.categories.models import Category
from catalog.products import linking
from catalog.products.admin.product_list import STORES, TYPE, VARIANT_STATUS
from catalog.products.forms import in_scope
from catalog.products.members import Members
from catalog.products.models import CategoryProduct, Product
from catalog.products.picker import BoundPicker, Input, Picker, mount, whole_number

PART = "part"
"""``?part=1`` is asked by scripts, which want the table of members alone."""
RIGHT = Right(Product, "change")


def outside(found: QuerySet, category: int | None) -> QuerySet:
    """Products that are not in the category."""
    inside = CategoryProduct.objects.filter(product=OuterRef("pk"), category=category)
    return found.filter(~Exists(inside))


PICKER = mount(
    Picker(
        "assigned",
        Product,
        right=RIGHT,
        action="change",
        inputs=(Input("order", gettext_lazy("Order"), "0", whole_number(0)),),
        filters=(VARIANT_STATUS, STORES, TYPE),
        narrow=outside,
        refusal=gettext_lazy("%(sku)s is in the category already."),
        title=gettext_lazy("Will be assigned"),
        empty=gettext_lazy("Tick products below, or paste their SKUs."),
    )
)


def assign(request: HttpRequest, pk: int, *, screen: Any) -> HttpResponse:
    """GET shows what is in the category; POST saves orders, what leaves and what comes."""
    if request.method not in {"POST", "GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    category = _category(request, screen, pk)
    data = request.POST if request.method == "POST" else None
    members = Members(request, category, data)
    if data is not None and request.GET.get(PART):
        members.is_valid()
        return render(request, "products/members.html", {"members": members})
    picker = BoundPicker(PICKER, request, data=data, owner=pk, is_open=True)
    checked = data is not None and [members.is_valid(), picker.is_valid()]
    if not checked or not all(checked) or members.is_refresh:
        return _page(request, screen, category, members, picker)
    try:
        with recording(
            "save", screen=Product._meta.label_lower, note=request.POST.get("_note", "")
        ) as recorder:
            told = _save(request, category, members, picker, recorder)
    except ValidationError as problem:
        members.problems += [("#members", sentence) for sentence in problem.messages]
        return _page(request, screen, category, members, picker)
    _tell(request, screen, category, told, recorder)
    return redirect(screen.url("products", pk=pk))


def _category(request: HttpRequest, screen: Any, pk: int) -> Category:
    """A category in the scope of the user's right on products."""
    category = in_scope(request.user, "change").filter(pk=pk).first()
    if category is None:
        if screen.visible_rows(request).filter(pk=pk).exists():
            raise Refused(RIGHT)
        raise Http404
    return category


def _save(
    request: HttpRequest, category: Category, members: Members, picker: BoundPicker, recorder: Recorder
) -> tuple[int, int, int]:
    """How many came, left and moved. Nobody puts products out of his own sight."""
    orders, leaving = members.wanted()
    fresh = {pk: {category.pk: boxes["order"]} for pk, boxes in picker.wanted.items()}
    moves = {pk: {category.pk: order} for pk, order in orders.items()}
    moved = linking.assign_categories(moves, recorder=recorder) if moves else None
    came = linking.assign_categories(fresh, recorder=recorder) if fresh else None
    left = linking.remove_categories(leaving, [category.pk], recorder=recorder) if leaving else None
    if left:
        seen = rows.visible(Product.objects.order_by(), request.user, "change").filter(pk__in=left.changed)
        lost = left.changed - set(seen.values_list("pk", flat=True))
        if lost:
            skus = Product.objects.filter(pk__in=lost).order_by("sku").values_list("sku", flat=True)[:20]
            sentence = _("These products would be in no category of yours and out of your sight: %(skus)s.")
            raise ValidationError(sentence % {"skus": ", ".join(skus)})
    return tuple(len(done.changed) if done else 0 for done in (came, left, moved))


def _tell(
    request: HttpRequest, screen: Any, category: Category, told: Sequence[int], recorder: Recorder
) -> None:
    if not any(told):
        messages.info(request, _("Nothing changed."))
        return
    came, left, moved = told
    parts = [
        text % {"n": f"{number:,}"}
        for number, text in (
            (came, ngettext("%(n)s product came", "%(n)s products came", came)),
            (left, ngettext("%(n)s product left", "%(n)s products left", left)),
            (moved, ngettext("%(n)s product changed its order", "%(n)s products changed their order", moved)),
        )
        if number
    ]
    sentence = format_html("{}: {}.", screen.title_of(request, category), ", ".join(parts))
    messages.success(request, editing.undoable(sentence, recorder))


def _page(
    request: HttpRequest, screen: Any, category: Category, members: Members, picker: BoundPicker
) -> HttpResponse:
    name = screen.title_of(request, category)
    return screen.page(
        request,
        "products/assign.html",
        title=_("Products of %(name)s") % {"name": name},
        crumbs=record_bar.crumbs(request, screen, category),
        crumb=_("Products"),
        main_class="is-form",
        record=category,
        members=members,
        members_url=screen.url("products", pk=category.pk) + f"?{PART}=1",
        picker=picker,
        media=PICKER.media + Media(js=[Script("backoffice/order.js", defer=True)]),
        problems=[*members.problems, *picker.problems],
        is_changed=bool(members.dropped or members.moved or picker.selection),
        head=record_head(request, screen, category, "products"),
    )


def product_counts(request: HttpRequest, found: Sequence[Category]) -> dict[int, SafeString]:
    """How many products lie in each category of a page, linked to them."""
    sql = (
        "SELECT asked.id, (SELECT count(*) FROM (SELECT 1 FROM products_categoryproduct "
        "WHERE category_id = asked.id LIMIT %s) few) FROM unnest(%s::bigint[]) asked(id)"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [COUNT_CAP + 1, [row.pk for row in found]])
        numbers = dict(cursor.fetchall())
    may = RIGHT.held_by(request.user)
    return {row.pk: _counted(request, row, numbers.get(row.pk, 0), may) for row in found}


def _counted(request: HttpRequest, category: Category, number: int, may: bool) -> SafeString:
    shown = f"{min(number, COUNT_CAP):,}" + ("+" if number > COUNT_CAP else "")
    if may:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:categories_category_products", args=[category.pk]), shown
        )
    if number and Right(Product, "view").held_by(request.user):
        query = urlencode({"category": category.key})
        return format_html(
            '<a href="{}?{}">{}</a>', reverse("admin:products_product_changelist"), query, shown
        )
    return format_html("{}", shown)


contributing.add_page(
    Category, contributing.Page("<int:pk>/products/", "products", gettext_lazy("Products"), RIGHT, assign)
)
contributing.add_column(
    Category,
    contributing.Extra(
        Column("product_count", gettext_lazy("Products"), num=True, priority=1), product_counts
    ),
)
