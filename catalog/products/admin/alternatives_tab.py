"""What is offered instead of a variant: the tab of its form (spec: products 15.2)."""

from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponseNotAllowed, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.console.forms import BoundTab, ScreenForm, Tab
from backoffice.console.screens import Screen
from catalog.products import replacing
from catalog.products.admin.product_list import status_words
from catalog.products.edit_variant_forms import ids_of, listed
from catalog.products.models import CategoryProduct, Product, ProductAlternative, Variant
from catalog.products.narrowing import one_of
from catalog.products.super_values import super_values

PICKED, TYPED, GONE = "alternatives", "alternatives.add", "alternatives.gone"
SCREENS = (Screen("<int:pk>/alternatives/", "suggest_alternatives_view", "suggest_alternatives", "change"),)


class Line(NamedTuple):
    """One row of the table. ``pk`` is that of the alternative, ``target`` what stands in."""

    pk: int
    target: Product | Variant
    name: str
    super_values: str
    """What tells a variant apart from its siblings."""
    url: str
    categories: str
    is_product: bool
    is_live: bool
    is_gone: bool

    @property
    def kind(self) -> str:
        return _("Product") if self.is_product else _("Variant")

    @property
    def status(self) -> str:
        return status_words(self.is_live)


class AlternativesTab(Tab):
    template = "products/alternatives_tab.html"

    def bind(self, request: HttpRequest, record: Model | None, form: ScreenForm) -> BoundTab:
        return BoundAlternatives(self, request, record, form)


class BoundAlternatives(BoundTab):
    record: Variant
    media = Media(js=[Script("backoffice/product-form.js", defer=True)])

    def __init__(self, tab: Tab, request: HttpRequest, record: Variant, form: ScreenForm) -> None:
        super().__init__(tab, request, record, form)
        data = form.data if form.is_bound else None
        self.picked = list(dict.fromkeys(data.getlist(PICKED))) if data else []
        self.typed = data.get(TYPED, "") if data else ""
        self.gone = set(ids_of(data.getlist(GONE))) if data else set()
        self.errors: list[str] = []
        self.targets: list[Product | Variant] = []

    def has_changed(self) -> bool:
        return bool(self.picked or self.typed.strip() or self.gone)

    def is_valid(self) -> bool:
        try:
            wanted = [*self.picked, *listed(self.typed)]
            self.targets = replacing.resolve(self.record, wanted, self.request.user)
        except ValidationError as problem:
            self.errors = problem.messages
        return not self.errors

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [("#id_alternatives_add", sentence) for sentence in self.errors]

    def save(self, record: Variant, recorder: Any) -> None:
        if self.gone:
            replacing.remove(record, self.gone, recorder=recorder)
        if self.targets:
            replacing.add(record, self.targets, recorder=recorder)

    # --- what the template prints ----------------------------------------------------------------

    @property
    def suggestions(self) -> str:
        return reverse("admin:products_variant_suggest_alternatives", args=[self.record.pk])

    @property
    def chosen(self) -> list[tuple[str, Product | Variant]]:
        """Suggestions that were chosen on a form that came back."""
        known = replacing.known(self.picked, self.request.user) if self.picked else {}
        return [(mark, known[mark]) for mark in self.picked if mark in known]

    @cached_property
    def lines(self) -> list[Line]:
        return lines_of(self.record, self.request.user.content_locale, self.gone)


def lines_of(variant: Variant, locale: str, gone: set[int] = frozenset()) -> list[Line]:
    """The alternatives of a variant, products first, by SKU; a constant number of queries."""
    held = list(
        ProductAlternative.objects.filter(variant=variant)
        .select_related("alternative_product", "alternative_variant")
        .order_by()
    )
    ids = {False: [], True: []}
    for each in held:
        ids[each.alternative_product_id is not None].append(
            each.alternative_product_id or each.alternative_variant_id
        )
    live = {
        (True, pk) for pk in Product.objects.filter(one_of(ids[True])).active().values_list("pk", flat=True)
    }
    live |= {
        (False, pk) for pk in Variant.objects.live().filter(one_of(ids[False])).values_list("pk", flat=True)
    }
    products = {each.alternative_product_id or each.alternative_variant.product_id for each in held}
    named, apart = _categories(products, locale), super_values(ids[False], locale)
    found = []
    for each in held:
        target = each.alternative_product or each.alternative_variant
        is_product = each.alternative_product_id is not None
        page = "admin:products_product_view" if is_product else "admin:products_variant_view"
        found.append(
            Line(
                each.pk,
                target,
                target.name_in(locale),
                "" if is_product else apart.get(target.pk, ""),
                reverse(page, args=[target.pk]),
                ", ".join(named.get(target.pk if is_product else target.product_id, ())),
                is_product,
                (is_product, target.pk) in live,
                each.pk in gone,
            )
        )
    return sorted(found, key=lambda line: (not line.is_product, line.target.sku))


def _categories(products: set[int], locale: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    links = CategoryProduct.objects.filter(one_of(products, "product")).select_related("category")
    for link in links.order_by("category__path"):
        found.setdefault(link.product_id, []).append(link.category.name_in(locale))
    return found


class SuggestAlternatives:
    """What the screen of variants has to offer alternatives while one types."""

    def suggest_alternatives_view(self, request: HttpRequest, pk: int) -> Any:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET"])
        record = self.record_or_404(request, pk, "change")
        words = request.GET.get("q", "").replace("\x00", "")[:200]
        hits = replacing.suggest(words, request.user, besides=record)
        return JsonResponse(
            {"hits": [{"id": hit.reference, "name": f"{hit.words} · {hit.kind}", "key": ""} for hit in hits]}
        )
