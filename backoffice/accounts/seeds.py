"""The roles that come with the program (users-and-roles 6). Names are data: no code compares a role's name.

Models are named as strings; a right of a screen that does not exist yet is given when the screen appears.
"""

from collections.abc import Iterable

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model

from backoffice.accounts import matrix, security
from backoffice.accounts.models import Role, SeededRight

ALL = "all"
MADE = ""
"""Noted as a screen: the role itself was made once, so a deleted one is not made again."""

_LETTERS = {"V": "view", "A": "add", "C": "change", "D": "delete", "I": "import", "E": "export"}

CATEGORY, INVENTORY, SERVICE, AUDITOR = (
    "Category Manager",
    "Inventory Manager",
    "Customer Service",
    "Auditor",
)
ROLES = {
    CATEGORY: "Products, prices, labels, sets, relations and lists.",
    INVENTORY: "Stock, reservations, counts and warehouses.",
    SERVICE: "Reviews, and answers to customers.",
    AUDITOR: "Reads everything except personal data.",
}

_PACKAGING = (
    "packaging.packagingtype",
    "packaging.packagingunit",
    "packaging.measurementunit",
    "packaging.salesunit",
    "packaging.quantityrule",
)
_BUYERS = ("buyers.buyerrelation", "buyers.merchant", "buyers.businessunit")

# Screens, then what Category Manager, Inventory Manager, Customer Service and Auditor hold there.
TABLE: tuple[tuple[tuple[str, ...], str, str, str, str], ...] = (
    (("attributes.attribute",), ALL, "", "", "V"),
    (_PACKAGING, ALL, "", "", "V"),
    (("labels.label", "options.optiongroup", "sets.productset"), ALL, "", "", "V"),
    (("products.product", "products.productgroup"), "VACIE activate approve discontinue", "V", "V", "V"),
    (("prices.price", "prices.schedule"), ALL, "", "", "V"),
    (("barcodes.barcode",), "VE", "VE", "", "V"),
    (("relations.relation",), ALL, "", "", "V"),
    (("reviews.review",), "V", "", "VE moderate", "V"),
    (("availability.availability",), "VE", "VIE edit_stock stock_below_reserved", "V", "V"),
    (("availability.reservation",), "V", "VE", "V", "V"),
    (("availability.movement", "availability.lowstock"), "V", "VE", "", "V"),
    (("availability.count",), "", "VAC approve", "", "V"),
    (("availability.waitingcustomer",), "V", "V", "V", "V"),
    (("availability.warehouse",), "V", "V", "", "V"),
    (("product_lists.productlist",), ALL, "", "V explain", "V"),
    (_BUYERS, "VACIE", "", "V", "V"),
    (("categories.category",), ALL, "", "", "V"),
    (("taxes.taxset", "taxes.taxrate", "stores.store", "prices.pricetype"), "V", "", "", "V"),
    (("stores.glossarytext",), "V", "", "", "V"),
    (("reviews.watchword",), "", "", "", "V"),
    (("buyers.customer",), "", "", "V", ""),
    (("history.changeset",), "", "", "", "VE"),
    (("accounts.securityevent",), "", "", "", "VE"),
)


def seeded_rights(role: str) -> dict[str, str]:
    """``{"packaging.packagingtype": "all"}`` of a seeded role, existing screens or not."""
    column = list(ROLES).index(role) + 1
    return {screen: row[column] for row in TABLE for screen in row[0] if row[column]}


def names(model: type[Model], rights: str) -> set[str]:
    """``"VE moderate"`` on a model as ``{"reviews.view_review", …}``; only what the model declares."""
    known = {right.action: right.permission for right in matrix.declared(model)}
    if rights == ALL:
        return set(known.values())
    letters, _blank, verbs = rights.partition(" ")
    actions = [*(_LETTERS[letter] for letter in letters), *verbs.split()]
    return {known[action] for action in actions if action in known}


@transaction.atomic
def restore() -> list[str]:
    """Make the missing seeded roles and give every seeded right back. Gives the roles that changed."""
    return [role for role in ROLES if _give(_made(role), seeded_rights(role))]


@transaction.atomic
def give_new() -> list[str]:
    """Give the rights of screens that a seeded role was never given; what was taken away stays away, and a
    role that was deleted stays deleted."""
    changed = []
    for role in ROLES:
        given = set(SeededRight.objects.filter(role=role).values_list("screen", flat=True))
        group = Group.objects.filter(name=role).first() if given else _made(role)
        fresh = {screen: rights for screen, rights in seeded_rights(role).items() if screen not in given}
        if group is not None and _give(group, fresh):
            changed.append(role)
    return changed


def _made(name: str) -> Group:
    group, _created = Group.objects.get_or_create(name=name)
    Role.objects.get_or_create(group=group, defaults={"description": ROLES[name], "is_seeded": True})
    SeededRight.objects.get_or_create(role=name, screen=MADE)
    return group


def _give(group: Group, rights: dict[str, str]) -> bool:
    """Add the rights of the screens that exist, and note that they were given."""
    existing = {screen: model for screen in rights if (model := _model(screen)) is not None}
    wanted = set().union(*(names(model, rights[screen]) for screen, model in existing.items()))
    missing = wanted - matrix.rights_of(group)
    SeededRight.objects.bulk_create(
        [SeededRight(role=group.name, screen=screen) for screen in existing], ignore_conflicts=True
    )
    found = matrix.permissions_named(missing)
    if found:
        group.permissions.add(*found)
        security.log("role_seeded", object=group.name, added=sorted(_labels(found)))
    return bool(found)


def _labels(permissions: Iterable) -> list[str]:
    return [f"{each.content_type.app_label}.{each.codename}" for each in permissions]


def _model(screen: str) -> type[Model] | None:
    app_label, model_name = screen.split(".")
    if app_label not in apps.app_configs:
        return None
    return apps.get_app_config(app_label).models.get(model_name)
