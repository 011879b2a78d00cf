"""The register of readiness checks (products 6.2) and those this room can answer.

A check is a condition of the query, so that the same words are asked of one product and of all of them. Rooms above
add theirs with :func:`register`.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, TextField
from django.utils.translation import gettext_lazy as _

from catalog.products import approval
from catalog.products.addressing import OWNER
from catalog.products.models import CategoryProduct, Product, ProductImageSet, Variant, VariantImageSet
from catalog.stores.models import StoreLocale
from catalog.urls.models import Url


class Check(NamedTuple):
    """``fails`` gives a condition over :func:`pairs`. ``tab`` of the product's form is where it is mended; empty where
    ``told`` says what to do. ``is_stored`` is false for what depends on the time: it is derived when read and no
    filter (6.5). ``locales`` tells, of one product and the locales of a store, in which of them it fails.
    ``is_of_store`` is false for what fails in all stores or in none."""

    code: str
    label: Any
    told: Any
    fails: Callable[[], Any]
    tab: str = "general"
    is_stored: bool = True
    locales: Callable[[Product, Sequence[str]], list[str]] | None = None
    is_of_store: bool = True


CHECKS: dict[str, Check] = {}
APPROVAL = "not_approved"
"""Stored whether approval is on or off; shown only while it is on."""


def register(check: Check) -> None:
    """Add a check. Its code is stored, so it stays for ever."""
    CHECKS[check.code] = check


def stored_checks() -> list[Check]:
    return [check for check in CHECKS.values() if check.is_stored]


def shown_checks(*, stored: bool = False) -> list[Check]:
    """What people are told of: approval only while it is on; with ``stored`` only what does not depend on the time."""
    found = stored_checks() if stored else list(CHECKS.values())
    return [check for check in found if check.code != APPROVAL or approval.is_on()]


def pairs() -> QuerySet:
    """One row per product and store, as ``at_store``; one without a store for a product that is in none."""
    return Product.objects.order_by().annotate(at_store=F("store_links__store"))


class _Has(Exists):
    """Asked of one product at a time, by an index: without the OFFSET the planner may choose to read the whole table
    instead, once for some thousand products."""

    template = "EXISTS(%(subquery)s OFFSET 0)"


def _locales() -> QuerySet:
    return StoreLocale.objects.order_by().filter(store=OuterRef("at_store"))


def _variants() -> QuerySet:
    return Variant.objects.order_by().filter(product=OuterRef("pk"))


def _no_name() -> Any:
    has_name = Func(OuterRef("name"), F("locale"), function="jsonb_exists", output_field=BooleanField())
    return Exists(_locales().annotate(has_name=has_name).filter(has_name=False)) | Q(name={})


def _no_url() -> Any:
    own = Url.objects.pages().filter(
        owner_type=OWNER, owner_id=OuterRef(OuterRef("pk")), locale=OuterRef("locale")
    )
    return Exists(_locales().filter(~Exists(own)))


def _no_category() -> Any:
    links = CategoryProduct.objects.filter(product=OuterRef("pk"), category__is_active=True)
    return ~_Has(links.filter(category__store_links__store=OuterRef("at_store")))


def _no_image() -> Any:
    own = ProductImageSet.objects.filter(product=OuterRef("pk"), image_set__images__isnull=False)
    theirs = VariantImageSet.objects.filter(variant__product=OuterRef("pk"), image_set__images__isnull=False)
    return Q(~_Has(own), ~_Has(theirs))


def _not_searchable() -> Any:
    flag = Func(
        F("is_searchable"),
        OuterRef("locale"),
        function="jsonb_extract_path_text",
        output_field=TextField(),
    )
    shown = Variant.objects.order_by().filter(product=OuterRef(OuterRef("pk")))
    return ~Exists(_locales().filter(Exists(shown.annotate(flag=flag).filter(flag="true"))))


def _all_discontinued() -> Any:
    return Q(_Has(_variants()), ~_Has(_variants().filter(discontinued__isnull=True)))


def _unfinished() -> Any:
    flag = Func(
        F("is_complete"), OuterRef("locale"), function="jsonb_extract_path_text", output_field=TextField()
    )
    open_ones = Variant.objects.order_by().filter(product=OuterRef(OuterRef("pk")))
    return Exists(_locales().filter(Exists(open_ones.annotate(flag=flag).filter(flag="false"))))


def _nameless(product: Product, locales: Sequence[str]) -> list[str]:
    return [code for code in locales if not product.name.get(code)]


def _unaddressed(product: Product, locales: Sequence[str]) -> list[str]:
    taken = set(Url.objects.of(OWNER, [product.pk]).values_list("locale", flat=True))
    return [code for code in locales if code not in taken]


def _all_of_them(product: Product, locales: Sequence[str]) -> list[str]:
    return list(locales)


def _unfinished_ones(product: Product, locales: Sequence[str]) -> list[str]:
    flags = Variant.objects.filter(product=product).values_list("is_complete", flat=True)
    open_ones = {code for each in flags for code, is_done in each.items() if not is_done}
    return [code for code in locales if code in open_ones]


for each in (
    Check(
        APPROVAL,
        _("Approved"),
        _("It is not approved. Who may approve finds the button at the top of the page."),
        lambda: ~Q(approval_status=Product.Approval.APPROVED),
        tab="",
        is_of_store=False,
    ),
    Check(
        "no_store",
        _("In a store"),
        _("It is in no store."),
        lambda: Q(at_store__isnull=True),
        is_of_store=False,
    ),
    Check(
        "not_active",
        _("A variant is switched on"),
        _("No variant is switched on."),
        lambda: ~_Has(_variants().filter(is_active=True)),
        tab="variants",
        is_of_store=False,
    ),
    Check(
        "not_live",
        _("A variant is live"),
        _(
            "No variant is live: each is switched off, outside its validity, phased out, "
            "or a bundle with a component that is not live."
        ),
        lambda: ~_Has(Variant.objects.live().order_by().filter(product=OuterRef("pk"))),
        tab="variants",
        is_stored=False,
        is_of_store=False,
    ),
    Check(
        "no_category",
        _("In an active category"),
        _("It is in no active category of the store."),
        _no_category,
    ),
    Check(
        "no_name",
        _("Name in every language"),
        _("A name is missing."),
        _no_name,
        locales=_nameless,
    ),
    Check(
        "no_url",
        _("Address in every language"),
        _("An address is missing. It is made when the first variant is switched on, or typed under SEO."),
        _no_url,
        tab="variants",
        locales=_unaddressed,
    ),
    Check(
        "no_tax_set",
        _("Tax set"),
        _("No tax set is chosen."),
        lambda: Q(tax_set__isnull=True),
        is_of_store=False,
    ),
    Check(
        "no_image",
        _("At least one picture"),
        _("There is no picture."),
        _no_image,
        tab="media",
        is_of_store=False,
    ),
    Check(
        "not_searchable",
        _("Found by search"),
        _("No variant is searchable in a language of the store."),
        _not_searchable,
        tab="variants",
        locales=_all_of_them,
    ),
    Check(
        "discontinued",
        _("Not phased out"),
        _("All variants are discontinued."),
        _all_discontinued,
        tab="variants",
        is_of_store=False,
    ),
    Check(
        "unfinished",
        _("Translations finished"),
        _("A translation is marked as not finished. A file of variants says when it is."),
        _unfinished,
        tab="",
        locales=_unfinished_ones,
    ),
):
    register(each)
