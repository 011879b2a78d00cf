"""The menu in the order of the work (spec: working-day 1.2). Models are named as strings; a screen appears
when its model is registered and the user may view it. Screens of one item share a tab bar."""

from typing import Any, NamedTuple

from django.apps import apps
from django.utils.translation import gettext_lazy as _


class Item(NamedTuple):
    label: Any
    icon: str
    screens: tuple[str, ...]


class Area(NamedTuple):
    key: str
    label: Any
    icon: str
    items: tuple[Item, ...]


MENU = (
    Area(
        "products",
        _("Products"),
        "shopping-bag",
        (
            Item(_("Attributes"), "sliders-horizontal", ("attributes.attribute", "attributes.attributekey")),
            Item(
                _("Packaging types"),
                "package",
                (
                    "packaging.packagingtype",
                    "packaging.packagingunit",
                    "packaging.measurementunit",
                    "packaging.salesunit",
                    "packaging.quantityrule",
                ),
            ),
            Item(_("Labels"), "tag", ("labels.label",)),
            Item(_("Options"), "puzzle", ("options.optiongroup",)),
            Item(
                _("Products"),
                "shopping-bag",
                ("products.product", "products.variant", "prices.schedule", "products.productgroup"),
            ),
            Item(_("Sets"), "layers", ("sets.productset",)),
            Item(_("Barcodes"), "barcode", ("barcodes.barcode",)),
            Item(_("Relations"), "waypoints", ("relations.relation",)),
            Item(_("Reviews"), "message-square-text", ("reviews.review",)),
            Item(
                _("Availability"),
                "package-check",
                (
                    "availability.availability",
                    "availability.reservation",
                    "availability.movement",
                    "availability.lowstock",
                    "availability.count",
                    "availability.waitingcustomer",
                ),
            ),
            Item(_("Product lists"), "list-checks", ("product_lists.productlist",)),
        ),
    ),
    Area(
        "set-up",
        _("Set-up"),
        "sliders-horizontal",
        (
            Item(_("Categories"), "folder-tree", ("categories.category",)),
            Item(_("Taxes"), "percent", ("taxes.taxset", "taxes.taxrate")),
            Item(
                _("Stores and currencies"),
                "store",
                (
                    "stores.store",
                    "stores.currency",
                    "prices.pricetype",
                    "stores.glossarytext",
                ),
            ),
            Item(_("Warehouses"), "warehouse", ("availability.warehouse",)),
            Item(
                _("Buyer relations"),
                "building-2",
                (
                    "buyers.buyerrelation",
                    "buyers.company",
                    "buyers.businessunit",
                    "buyers.merchant",
                ),
            ),
            Item(_("Customers"), "user", ("buyers.customer",)),
            Item(_("Review watch list"), "eye", ("reviews.watchword",)),
        ),
    ),
    Area(
        "administration",
        _("Administration"),
        "shield-check",
        (
            Item(_("Users"), "users", ("accounts.user",)),
            Item(_("Roles"), "shield-check", ("accounts.role",)),
            Item(_("Change history"), "history", ("history.changeset",)),
            Item(_("Imports and exports"), "arrow-down-up", ("transfer.job",)),
            Item(_("Security log"), "lock", ("accounts.securityevent",)),
        ),
    ),
)


class Link(NamedTuple):
    """A menu item as it is shown: where it leads, whether it is the current one, and its counter."""

    label: str
    icon: str
    url: str
    is_current: bool
    count: int = 0
    count_words: str = ""


class Heading(NamedTuple):
    key: str
    label: str
    icon: str
    links: list[Link]


def screens_of(site: Any, item: Item) -> list[Any]:
    """The registered screens of a menu item, in order."""
    known = [apps.get_model(name) for name in item.screens if _exists(name)]
    return [site._registry[model] for model in known if model in site._registry]


def _exists(name: str) -> bool:
    app_label, model_name = name.split(".")
    return app_label in apps.app_configs and model_name in apps.get_app_config(app_label).models


def open_screens(site: Any, item: Item, user: Any) -> list[Any]:
    """The screens of an item that the user may view."""
    return [screen for screen in screens_of(site, item) if screen.right("view").held_by(user)]


def headings(site: Any, request: Any, current: Any = None) -> list[Heading]:
    """The menu of this user. ``current`` is the screen (ModelAdmin) the page belongs to."""
    shown = []
    for area in MENU:
        links = []
        for item in area.items:
            screens = open_screens(site, item, request.user)
            if screens:
                count, words = screens[0].menu_count(request)
                links.append(
                    Link(str(item.label), item.icon, screens[0].list_url, current in screens, count, words)
                )
        if links:
            shown.append(Heading(area.key, str(area.label), area.icon, links))
    return shown


def area_label(site: Any, current: Any) -> str:
    """The heading under which a screen is listed."""
    for area in MENU:
        if any(current in screens_of(site, item) for item in area.items):
            return str(area.label)
    return ""


def sister_tabs(site: Any, request: Any, current: Any) -> list[Link]:
    """The tab bar of the item that ``current`` belongs to; empty when it has no visible sister."""
    for area in MENU:
        for item in area.items:
            if current in screens_of(site, item):
                screens = open_screens(site, item, request.user)
                tabs = [Link(str(s.tab_label), "", s.list_url, s is current) for s in screens]
                return tabs if len(tabs) > 1 else []
    return []
