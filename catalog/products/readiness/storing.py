"""The stored codes of failing checks: written here only, in the transaction that changes what a check reads (6.5)."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, models, transaction
from django.db.models import BooleanField, Case, Q, Value, When
from django_tasks import task

from backoffice.reactions import reacts_to
from catalog.categories import facts as category_facts
from catalog.products import facts
from catalog.products.models import CategoryProduct, Product, ProductStore, ReadinessCodes, Variant
from catalog.products.readiness.checks import pairs, stored_checks
from catalog.stores import facts as store_facts

AT_ONCE = 5_000


def refresh(products: Iterable[int]) -> int:
    """Bring the stored codes of these products up to date. Gives how many rows were wrong."""
    ids = sorted(set(products))
    return sum(_refresh(ids[begin : begin + AT_ONCE]) for begin in range(0, len(ids), AT_ONCE))


def refresh_all() -> int:
    """The same for all products, a batch per transaction: the nightly check. Gives how many rows were wrong."""
    return _refresh_each(Product.objects.all())


@task()
def refresh_stores(stores: list[int]) -> None:
    """The same for the products of these stores."""
    _refresh_each(Product.objects.filter(store_links__store__in=stores).distinct())


def _refresh_each(products: models.QuerySet) -> int:
    wrong = 0
    for ids in _ids(products):
        with transaction.atomic():
            wrong += _refresh(ids)
    return wrong


def _ids(products: models.QuerySet) -> Iterator[list[int]]:
    last = 0
    while ids := list(products.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        yield ids
        last = ids[-1]


def _refresh(ids: list[int]) -> int:
    """One statement computes, compares and writes; another takes away what belongs to no store any more."""
    query, params = _wanted(ids).query.sql_with_params()
    table = connection.ops.quote_name(ReadinessCodes._meta.db_table)
    codes = ", ".join(
        f"CASE WHEN w.{_column(check.code)} THEN '{check.code}' END" for check in stored_checks()
    )
    with connection.cursor() as cursor:
        # Materialised, or every check would be asked twice: to compare its answer and to store it.
        cursor.execute(
            "WITH wanted AS MATERIALIZED ("  # noqa: S608 - our own names
            f"SELECT id, at_store, array_remove(ARRAY[{codes}]::varchar[], NULL) AS codes FROM ({query}) w), "
            f"held AS (SELECT * FROM {table} WHERE product_id = ANY(%s)) "
            f"INSERT INTO {table} AS r (product_id, store_id, codes) "
            "SELECT w.id, w.at_store, w.codes FROM wanted w "
            "LEFT JOIN held ON held.product_id = w.id AND held.store_id IS NOT DISTINCT FROM w.at_store "
            "WHERE held.codes IS DISTINCT FROM w.codes "
            "ON CONFLICT (product_id, store_id) DO UPDATE SET codes = EXCLUDED.codes",
            [*params, ids],
        )
        written = cursor.rowcount
        cursor.execute(
            f"DELETE FROM {table} r WHERE product_id = ANY(%s) AND NOT EXISTS ("  # noqa: S608
            "SELECT 1 FROM products_productstore s WHERE s.product_id = r.product_id AND s.store_id = r.store_id) "
            "AND (r.store_id IS NOT NULL OR EXISTS ("
            "SELECT 1 FROM products_productstore s WHERE s.product_id = r.product_id))",
            [ids],
        )
        return written + cursor.rowcount


def _wanted(ids: list[int]) -> models.QuerySet:
    tests = {
        _column(check.code): Case(
            When(Q(check.fails()), then=Value(True)), default=Value(False), output_field=BooleanField()
        )
        for check in stored_checks()
    }
    rows = pairs().extra(where=["products_product.id = ANY(%s)"], params=[ids])
    return rows.annotate(**tests).values("id", "at_store", *tests)


def _column(code: str) -> str:
    return f"fails_{code}"


def of_variants(variants: Iterable[int]) -> set[int]:
    """The products of these variants."""
    rows = Variant.objects.order_by().extra(where=["id = ANY(%s)"], params=[list(variants)])
    return set(rows.values_list("product", flat=True))


def _follow(products: set[int]) -> None:
    refresh(products)


for fact in (
    facts.CREATED,
    facts.VARIANTS,
    facts.STORES,
    facts.CATEGORIES,
    facts.TEXTS,
    facts.TAX_SET,
    facts.APPROVAL,
    facts.IMAGES,
    facts.URLS,
):
    reacts_to(fact)(_follow)


@reacts_to(facts.STATUS)
def _follow_status(variants: set[int]) -> None:
    refresh(of_variants(variants))


def _follow_categories(categories: set[int]) -> None:
    links = CategoryProduct.objects.order_by().filter(category__in=categories)
    refresh(links.values_list("product", flat=True).distinct())


for fact in (category_facts.ACTIVE, category_facts.STORES):
    reacts_to(fact)(_follow_categories)


@reacts_to(store_facts.LOCALES)
def _follow_locales(stores: set[int]) -> None:
    """A few products at once; those of a large catalogue by a worker."""
    links = ProductStore.objects.order_by().filter(store__in=stores).values_list("product", flat=True)
    ids = set(links.distinct()[: AT_ONCE + 1])
    if len(ids) <= AT_ONCE:
        refresh(ids)
    else:
        transaction.on_commit(lambda: refresh_stores.enqueue(sorted(stores)))


def blocked_by(rows: Any, codes: Iterable[str]) -> Any:
    """Products that fail at least one of these checks in some store, for the list's filter (2.6)."""
    found = ReadinessCodes.objects.filter(product=models.OuterRef("pk"), codes__overlap=list(codes))
    return rows.filter(models.Exists(found))
