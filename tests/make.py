"""Builders: plain functions with keyword defaults. What must be unique is counted, never random."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, Permission

from backoffice.accounts.models import Role, User
from catalog.attributes.models import Attribute, AttributeKey, AttributeValue
from catalog.buyers.models import (
    BusinessUnit,
    BuyerRelation,
    BuyerRelationUnit,
    Company,
    Customer,
    Merchant,
)
from catalog.categories import tree
from catalog.categories.models import Category, CategoryStore
from catalog.packaging.models import PackagingType
from catalog.products.models import (
    BundleItem,
    CategoryProduct,
    GroupMember,
    Product,
    ProductGroup,
    ProductStore,
    Variant,
)
from catalog.stores.models import (
    Country,
    Currency,
    GlossaryText,
    Store,
    StoreCurrency,
    StoreLocale,
    iso_currency,
)
from catalog.taxes.models import TaxRate, TaxSet, TaxSetRate

PASSWORD = "correct horse battery staple"

# All of one width: neither an order by name nor the width of a page depends on which tests ran before.
_numbers = count(1_000_001)


def user(email: str = "", *, roles: Iterable[Any] = (), password: str = PASSWORD, **fields: Any) -> User:
    """A person; ``roles`` are names of roles, roles or groups."""
    email = email or f"person{next(_numbers)}@example.com"
    made = User.objects.create_user(
        email, password, **{"first_name": "Mia", "last_name": email.split("@")[0].title(), **fields}
    )
    made.groups.set(role.group if isinstance(role, Role) else _group(role) for role in roles)
    return made


def superuser(email: str = "", **fields: Any) -> User:
    return user(email, is_superuser=True, **fields)


def role(name: str = "", *, rights: Iterable[str] = (), **fields: Any) -> Role:
    """A role; ``rights`` are permissions such as ``packaging.view_packagingtype``."""
    group = Group.objects.create(name=name or f"Role {next(_numbers)}")
    group.permissions.set(permission(right) for right in rights)
    return Role.objects.create(group=group, **fields)


def permission(right: str) -> Permission:
    app_label, codename = right.split(".")
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


def currency(iso_code: str = "EUR", **fields: Any) -> Currency:
    return Currency.objects.get_or_create(
        iso_code=iso_code, defaults={**(iso_currency(iso_code) or {}), **fields}
    )[0]


def store(
    name: str = "",
    *,
    locales: Iterable[str] = ("en_US",),
    currencies: Iterable[str] = ("EUR",),
    **fields: Any,
) -> Store:
    """A store; the first locale and the first currency are its defaults."""
    made = Store.objects.create(name=name or f"S{next(_numbers)}", **fields)
    for place, locale in enumerate(locales):
        StoreLocale.objects.create(store=made, locale=locale, is_default=place == 0)
    for place, iso_code in enumerate(currencies):
        StoreCurrency.objects.create(store=made, currency=currency(iso_code), is_default=place == 0)
    return made


def packaging_type(name: Any = "", *, key: str = "", **fields: Any) -> PackagingType:
    """A packaging type; ``name`` is an English text or a text per locale."""
    name = name or f"Carton {next(_numbers)}"
    texts = name if isinstance(name, dict) else {"en_US": name}
    slug = next(iter(texts.values()), f"type {next(_numbers)}").lower().replace(" ", "_")
    return PackagingType.objects.create(key=key or f"packaging_unit_type.{slug}.name", name=texts, **fields)


def glossary_text(
    key: str = "", translation: str = "Text", locale: str = "en_US", **fields: Any
) -> GlossaryText:
    """A text of the glossary."""
    key = key or f"glossary.key{next(_numbers)}"
    return GlossaryText.objects.create(key=key, translation=translation, locale=locale, **fields)


def _group(role: Any) -> Any:
    return Group.objects.get(name=role) if isinstance(role, str) else role


def attribute(
    key: str,
    *,
    values: dict[str, dict[str, str]] | None = None,
    is_super: bool = False,
    **fields: Any,
) -> Attribute:
    """A declared attribute; ``values`` are its predefined values with their translations, in order."""
    made = Attribute.objects.create(
        key=AttributeKey.objects.create(key=key, is_super=is_super),
        **{"input_type": "select", "visibility": ["PDP"], "name": {"en_US": key.title()}, **fields},
    )
    for position, (value, translations) in enumerate((values or {}).items()):
        AttributeValue.objects.create(
            attribute=made, value=value, translations=translations, position=position
        )
    return made


def product(
    sku: str = "",
    *,
    name: Any = "",
    stores: Iterable[Store] = (),
    categories: Iterable[Any] = (),
    variants: int = 0,
    is_active: bool = False,
    **fields: Any,
) -> Product:
    """A product; ``name`` is an English text or a text per locale. ``variants`` of them are made with it, live
    with ``is_active``."""
    sku = sku or f"product-{next(_numbers)}"
    texts = name if isinstance(name, dict) else {"en_US": name or sku.replace("-", " ").capitalize()}
    made = Product.objects.create(sku=sku, name=texts, **fields)
    ProductStore.objects.bulk_create([ProductStore(product=made, store=each) for each in stores])
    CategoryProduct.objects.bulk_create([CategoryProduct(product=made, category=each) for each in categories])
    for number in range(1, variants + 1):
        variant(f"{sku}-{number}", product=made, is_active=is_active)
    return made


def variant(sku: str = "", *, product: Product | None = None, name: Any = "", **fields: Any) -> Variant:
    """A variant, switched off unless ``is_active``; without ``product`` it comes with one of the same SKU."""
    sku = sku or f"variant-{next(_numbers)}"
    texts = name if isinstance(name, dict) else {"en_US": name or sku.replace("-", " ").capitalize()}
    product = (
        product or Product.objects.filter(sku=sku).first() or Product.objects.create(sku=sku, name=texts)
    )
    return Variant.objects.create(sku=sku, product=product, name=texts, **fields)


def bundle(sku: str = "", *, components: dict[Variant, int], **fields: Any) -> Variant:
    """A variant that consists of ``components`` with their quantities."""
    made = variant(sku or f"bundle-{next(_numbers)}", **fields)
    BundleItem.objects.bulk_create(
        [BundleItem(bundle=made, item=item, quantity=quantity) for item, quantity in components.items()]
    )
    return made


def product_group(key: str = "", *, products: Iterable[Product] = ()) -> ProductGroup:
    """A group of products, in order."""
    made = ProductGroup.objects.create(key=key or f"group-{next(_numbers)}")
    for position, each in enumerate(products):
        GroupMember.objects.create(group=made, product=each, position=position)
    return made


def category(
    key: str = "",
    parent: Category | None = None,
    *,
    name: Any = "",
    stores: Iterable[Store] = (),
    **fields: Any,
) -> Category:
    """A category below ``parent``, by default below the root, which is made when there is none."""
    key = key or f"category-{next(_numbers)}"
    root = None if parent else Category.objects.filter(is_root=True).first()
    if parent is None and root is None and key != "catalog":
        root = category("catalog")
    above = parent or root
    texts = name if isinstance(name, dict) else {"en_US": name or key.capitalize()}
    made = Category.objects.create(key=key, parent=above, is_root=above is None, name=texts, **fields)
    CategoryStore.objects.bulk_create([CategoryStore(category=made, store=store) for store in stores])
    tree.arrange()
    made.refresh_from_db()
    return made


def tax_rate(name: str = "", rate: Any = "19", *, country: str = "DE", **fields: Any) -> TaxRate:
    """A tax rate of a country given by its two letters; without one the rate is for all others."""
    place = Country.objects.get(iso2_code=country) if country else None
    name = name or f"Rate {next(_numbers)}"
    return TaxRate.objects.create(name=name, rate=Decimal(rate), country=place, **fields)


def tax_set(name: str = "", *rates: TaxRate) -> TaxSet:
    """A tax set; without rates it gets one of its own."""
    made = TaxSet.objects.create(name=name or f"Tax set {next(_numbers)}")
    for rate in rates or (tax_rate(),):
        TaxSetRate.objects.create(tax_set=made, rate=rate)
    return made


def merchant(name: str = "", **fields: Any) -> Merchant:
    """A merchant; key and reference are counted."""
    number = next(_numbers)
    facts = {"merchant_key": f"merchant-{number}", "merchant_reference": f"M-{number}"}
    return Merchant.objects.create(name=name or f"Merchant {number}", **{**facts, **fields})


def company(key: str = "", **fields: Any) -> Company:
    """A business customer."""
    key = key or f"company-{next(_numbers)}"
    return Company.objects.create(key=key, **{"name": key.replace("-", " ").title(), **fields})


def business_unit(
    key: str = "", *, of: Company | None = None, under: BusinessUnit | None = None, **fields: Any
) -> BusinessUnit:
    """A unit of a company; without one it gets a company of its own."""
    key = key or f"unit-{next(_numbers)}"
    place = of or (under.company if under else company())
    facts = {"name": key.replace("-", " ").title(), **fields}
    return BusinessUnit.objects.create(key=key, company=place, parent=under, **facts)


def buyer_relation(
    key: str = "",
    *,
    owner: BusinessUnit | None = None,
    units: Iterable[BusinessUnit] = (),
    by: Merchant | None = None,
) -> BuyerRelation:
    """A relation of a merchant with a unit, concerning ``units``."""
    made = BuyerRelation.objects.create(
        key=key or f"relation-{next(_numbers)}",
        merchant=by or merchant(),
        owner_unit=owner or business_unit(),
    )
    for unit in units:
        BuyerRelationUnit.objects.create(relation=made, unit=unit)
    return made


def customer(reference: str = "", **fields: Any) -> Customer:
    """A customer of the shop."""
    number = next(_numbers)
    facts = {"email": f"customer{number}@example.com", "first_name": "Alma", "last_name": f"Birk {number}"}
    return Customer.objects.create(customer_reference=reference or f"C--{number}", **{**facts, **fields})
