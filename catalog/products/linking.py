"""Which stores and categories products are in: verbs over many products, for form, bulk action and file alike.

Each runs in the caller's transaction, locks the products in the order of their keys, writes history through the
caller's recorder, raises the products' versions and reports its fact once (spec: products 0.3, 2.8, 19.3).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone

from backoffice.history.recording import Recorder
from backoffice.reactions import report
from catalog.categories.models import Category
from catalog.products import facts
from catalog.products.models import CategoryProduct, Product, ProductStore
from catalog.products.narrowing import one_of
from catalog.products.outcomes import Outcome
from catalog.stores.models import Store

CATEGORIES = "categories"
"""How the recorded state of a product calls its categories."""

Orders = Mapping[int, int | None]
"""Category id → order in it; None keeps the order the product has there, and is 0 where it is new."""


def set_stores(wanted: Mapping[int, Iterable[int]], *, recorder: Recorder) -> Outcome:
    """Give every product exactly these stores: ``{product id: store ids}``."""
    held = _store_ids(wanted)
    goals = {product: set(wanted[product]) for product in held}
    add = {product: goals[product] - held[product] for product in goals}
    remove = {product: held[product] - goals[product] for product in goals}
    return _relink(add, remove, recorder)


def add_stores(products: Iterable[int], stores: Iterable[int], *, recorder: Recorder) -> Outcome:
    """Put every product into these stores, too."""
    stores, held = set(stores), _store_ids(products)
    return _relink({product: stores - own for product, own in held.items()}, {}, recorder)


def remove_stores(products: Iterable[int], stores: Iterable[int], *, recorder: Recorder) -> Outcome:
    """Take every product out of these stores."""
    stores, held = set(stores), _store_ids(products)
    return _relink({}, {product: stores & own for product, own in held.items()}, recorder)


def assign_categories(wanted: Mapping[int, Orders], *, recorder: Recorder, replace: bool = False) -> Outcome:
    """Put products into categories: ``{product id: {category id: order}}``. With ``replace`` they leave all others."""
    held = _category_orders(wanted)
    goals = {}
    for product, own in held.items():
        orders = wanted[product]
        given = {c: own.get(c, 0) if order is None else order for c, order in orders.items()}
        goals[product] = given if replace else {**own, **given}
    return _recategorise(held, goals, recorder)


def remove_categories(products: Iterable[int], categories: Iterable[int], *, recorder: Recorder) -> Outcome:
    """Take every product out of these categories."""
    categories, held = set(categories), _category_orders(products)
    goals = {p: {c: order for c, order in own.items() if c not in categories} for p, own in held.items()}
    return _recategorise(held, goals, recorder)


def categories_state(orders: Orders, keys: Mapping[int, str]) -> list[dict[str, Any]]:
    """The categories of one product as history records them, by key; ``keys`` names the categories."""
    return listed_categories([[keys.get(pk, ""), order or 0] for pk, order in orders.items()])


def listed_categories(links: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """The same for categories given as ``[key, order]``."""
    return [{"key": key, "order": order} for key, order in sorted(links)]


# --- stores --------------------------------------------------------------------------------------


def _store_ids(products: Iterable[int]) -> dict[int, set[int]]:
    held: dict[int, set[int]] = {pk: set() for pk in lock(products)}
    for product, store in ProductStore.objects.filter(one_of(held, "product")).values_list(
        "product_id", "store_id"
    ):
        held[product].add(store)
    return held


def _relink(add: Mapping[int, set[int]], remove: Mapping[int, set[int]], recorder: Recorder) -> Outcome:
    asked = {*add, *remove}
    changed = {pk for pk in asked if add.get(pk) or remove.get(pk)}
    if changed:
        products, stores = _named(changed), {store.pk: store for store in Store.objects.all()}
        _remove_links(remove, products, stores, recorder)
        made = [
            ProductStore(product=products[pk], store=stores[store])
            for pk in sorted(changed)
            for store in sorted(add.get(pk, ()))
        ]
        for link in ProductStore.objects.bulk_create(made, batch_size=5_000):
            recorder.added(link)
        touch(changed)
        report(facts.STORES, changed)
    return Outcome(changed=changed, unchanged=asked - changed)


def _remove_links(
    remove: Mapping[int, set[int]],
    products: Mapping[int, Product],
    stores: Mapping[int, Store],
    recorder: Recorder,
) -> None:
    losing = [pk for pk, gone in remove.items() if gone]
    found = ProductStore.objects.filter(one_of(losing, "product")).order_by("pk") if losing else ()
    links = [link for link in found if link.store_id in remove[link.product_id]]
    for link in links:
        link.product, link.store = products[link.product_id], stores[link.store_id]
        recorder.deleted(link)
    if links:
        ProductStore.objects.filter(one_of([link.pk for link in links])).delete()


# --- categories ----------------------------------------------------------------------------------


def _category_orders(products: Iterable[int]) -> dict[int, dict[int, int]]:
    held: dict[int, dict[int, int]] = {pk: {} for pk in lock(products)}
    rows = CategoryProduct.objects.filter(one_of(held, "product"))
    for product, category, order in rows.values_list("product_id", "category_id", "product_order"):
        held[product][category] = order
    return held


def _recategorise(
    held: Mapping[int, Mapping[int, int]], goals: Mapping[int, Mapping[int, int]], recorder: Recorder
) -> Outcome:
    changed = {pk for pk, goal in goals.items() if goal != held[pk]}
    if changed:
        _write_categories({pk: (held[pk], goals[pk]) for pk in changed})
        seen = {c for pk in changed for c in (*held[pk], *goals[pk])}
        keys = dict(Category.objects.filter(pk__in=seen).order_by().values_list("pk", "key"))
        for pk, product in sorted(_named(changed).items()):
            before, after = categories_state(held[pk], keys), categories_state(goals[pk], keys)
            recorder.changed(product, {CATEGORIES: before or None}, {CATEGORIES: after or None})
        touch(changed)
        report(facts.CATEGORIES, changed)
    return Outcome(changed=changed, unchanged=set(goals) - changed)


def _write_categories(pairs: Mapping[int, tuple[Mapping[int, int], Mapping[int, int]]]) -> None:
    gone, put = [], []
    for product, (before, after) in sorted(pairs.items()):
        gone += [(product, category) for category in before if category not in after]
        put += [
            CategoryProduct(product_id=product, category_id=category, product_order=order)
            for category, order in sorted(after.items())
            if before.get(category) != order
        ]
    if gone:
        ids = _link_ids(gone)
        CategoryProduct.objects.filter(one_of(ids)).delete()
    CategoryProduct.objects.bulk_create(
        put,
        batch_size=5_000,
        update_conflicts=True,
        unique_fields=["product", "category"],
        update_fields=["product_order"],
    )


def _link_ids(pairs: Iterable[tuple[int, int]]) -> list[int]:
    wanted = set(pairs)
    rows = CategoryProduct.objects.filter(one_of({product for product, _category in wanted}, "product"))
    found = rows.values_list("pk", "product_id", "category_id")
    return [pk for pk, product, category in found if (product, category) in wanted]


# --- products ------------------------------------------------------------------------------------


def lock(products: Iterable[int]) -> list[int]:
    """Lock these products in the order of their keys; gives those that exist."""
    rows = Product.objects.filter(one_of(products)).order_by("pk")
    return list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))


def touch(products: Iterable[int]) -> None:
    """Raise the versions, so that forms that were opened before are stale."""
    Product.objects.filter(one_of(products)).update(version=F("version") + 1, updated_at=timezone.now())


def _named(products: Iterable[int]) -> dict[int, Product]:
    return {each.pk: each for each in Product.objects.filter(one_of(products)).only("sku")}
