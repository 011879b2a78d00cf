"""The addresses of products: made on first activation, kept while switched off, redirected after a rename
(spec: products 18). Typed and imported paths are claimed at once."""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.actor import current
from backoffice.history.recording import Recorder
from backoffice.reactions import report
from backoffice.texts import content_locales
from catalog.products import facts
from catalog.products.models import Product, Variant
from catalog.products.narrowing import one_of
from catalog.urls import claims, owners, slugs
from catalog.urls.claims import Claim, Outcome
from catalog.urls.models import Url

OWNER = "product"
"""The kind of owner that products are to the addresses."""

Typed = Mapping[int, Mapping[str, str]]
"""``{product: {locale: path}}`` as people or files state them."""


def follow(
    products: Iterable[int],
    recorder: Recorder | None,
    typed: Typed | None = None,
    *,
    named: Collection[int] = (),
    distinct: bool = False,
) -> Outcome:
    """Bring the addresses of products up to date, in the caller's transaction: after an activation, a rename, or
    with ``typed`` paths. Those in ``named`` get one of their name though they were never active, as files ask for.
    Reports :data:`facts.URLS`. What is refused keeps the address it has."""
    outcome = claims.claim(OWNER, claims_of(products, typed or {}, named), recorder, distinct=distinct)
    report(facts.URLS, {url.page.owner_id for url in outcome.written})
    return outcome


def claims_of(products: Iterable[int], typed: Typed, named: Collection[int] = ()) -> list[Claim]:
    """One claim per product and language: what is typed, else what follows from the name where the product was
    ever active, is one of ``named``, or has an address already."""
    found = []
    used = Exists(Variant.objects.filter(product=OuterRef("pk"), was_active=True))
    rows = Product.objects.filter(one_of(products)).order_by("pk").annotate(was_active=used)
    held = set(
        Url.objects.pages()
        .filter(one_of(products, "owner_id"), owner_type=OWNER)
        .values_list("owner_id", "locale")
    )
    locales = content_locales()
    for product in rows.only("sku", "name"):
        paths = typed.get(product.pk, {})
        for code in dict.fromkeys([*locales, *paths]):
            follows = (product.was_active or product.pk in named) and code in product.name
            wants = paths.get(code) or follows or (product.pk, code) in held
            if wants:
                found.append(_claim(product, code, paths.get(code, "")))
    return found


def _claim(product: Product, code: str, typed: str) -> Claim:
    return Claim(product.pk, code, generated(product, code), typed, leaves_redirect=product.was_active)


def generated(product: Product, code: str) -> str:
    """The path that follows from the name of a product in a language (18.2)."""
    return slugs.generated(code, product.name.get(code) or product.name_in(code), product.pk)


def paths_of(product: int) -> dict[str, Url]:
    """The addresses of one product by language."""
    return {url.locale: url for url in Url.objects.of(OWNER, [product]).order_by("locale")}


def register() -> None:
    """Called when the apps are ready."""
    owners.register(owners.Kind(OWNER, Product, _named, _served))


def _named(ids: Collection[int]) -> dict[int, owners.Owner]:
    locale = getattr(current().user, "content_locale", "")
    rows = Product.objects.filter(one_of(ids)).with_name(locale).only("sku")
    return {
        row.pk: owners.Owner(
            _("product “%(name)s” (%(sku)s)") % {"name": row.shown_name, "sku": row.sku},
            reverse("admin:products_product_view", args=[row.pk]),
        )
        for row in rows
    }


def _served(ids: Collection[int]) -> set[int]:
    """A shop answers the address of a product only while a variant of it is live (18.4)."""
    return set(Product.objects.filter(one_of(ids)).active().values_list("pk", flat=True))
