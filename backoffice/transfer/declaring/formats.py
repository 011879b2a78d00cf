"""The formats by name, in the order in which they are imported (spec: import-export 3), and whose file is whose."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.problems import FileRefused

ORDER = [
    "store",
    "currency",
    "currency_store*",
    "locale_store*",
    "default_locale_store*",
    "country_store*",
    "store_context*",
    "tax",
    "glossary",
    "customer",
    "warehouse",
    "warehouse_address",
    "warehouse_store*",
    "category_template",
    "category",
    "category_store*",
    "product_attribute_key",
    "product_management_attribute",
    "product_abstract",
    "product_concrete",
    "product_abstract_store*",
    "product_image",
    "product_group",
    "product_price*",
    "product_stock",
    "product_price_schedule*",
    "stock_threshold",
    "product_option",
    "product_option_price*",
    "product_measurement_unit",
    "product_measurement_base_unit",
    "product_measurement_sales_unit",
    "product_measurement_sales_unit_store*",
    "product_packaging_unit_type",
    "product_packaging_unit",
    "product_quantity",
    "product_list",
    "product_list_to_category",
    "product_list_to_concrete_product",
    "product_label",
    "product_label_store*",
    "product_set",
    "product_relation",
    "product_relation_store*",
    "product_review",
    "product_discontinued",
    "product_alternative",
    "product_abstract_approval_status",
    "merchant",
    "merchant_store*",
    "company",
    "company_business_unit",
    "merchant_relationship",
    "merchant_relation_to_product_list",
    "price_product_merchant_relationship*",
    "combined_product",
    "product_search_attribute",
    "product_search_attribute_map",
    "configurable_bundle_template",
    "configurable_bundle_template_slot",
    "configurable_bundle_template_image",
    "product_configuration",
    "product_attachment",
    "product_image_internal",
    "content_product_set",
]
"""A star marks a format with one file per store. The last three lines are recognised and never imported."""

POSITIONS = {name.rstrip("*"): position for position, name in enumerate(ORDER)}
COMMON, STORE = "common", "store"
ALIASES = {"product_approval_status": "product_abstract_approval_status"}
"""Other names that files of a format go by."""
PER_STORE = frozenset(name.rstrip("*") for name in ORDER if name.endswith("*"))
_AFTER_NAME = re.compile(r"[ .\-_(]|$")


class Guess(NamedTuple):
    """``sure`` is False when the user should look: the header fits, the name says nothing."""

    format: str
    sure: bool


_resources: dict[str, FileResource] = {}


def register(resource: type[FileResource]) -> type[FileResource]:
    """Class decorator: the room reads and writes this format."""
    name = resource._meta.file
    if name not in POSITIONS:
        raise ValueError(f"{name} is no format of the import order")
    _resources[name] = resource()
    return resource


def resource_of(name: str) -> FileResource | None:
    """The declaration of a format, or None if no room imports it."""
    return _resources.get(name)


def resources() -> list[FileResource]:
    """All declared formats in import order."""
    return sorted(_resources.values(), key=lambda resource: POSITIONS[resource.file])


def by_name(file_name: str) -> str:
    """The longest format name that starts the file name, or an empty text (1.2.10)."""
    name = file_name.lower()
    fits = [f for f in (*POSITIONS, *ALIASES) if name.startswith(f) and _AFTER_NAME.match(name, len(f))]
    longest = max(fits, key=len, default="")
    return ALIASES.get(longest, longest)


def by_header(cells: Sequence[str]) -> str:
    """The format whose columns fit the header best; two equally good ones are never decided silently."""
    names = {cell.strip().lower() for cell in cells if not cell.strip().startswith("__")}
    stems = {name.rpartition(".")[0] for name in names if "." in name}
    points: dict[str, float] = {}
    for resource in resources():
        keys = {column.column_name for column in resource.key_columns}
        if keys <= names:
            fits = sum(
                bool(names & set(c.names())) or (c.localized and c.column_name in stems)
                for c in resource.columns
            )
            points[resource.file] = fits / len(names)
    best = max(points.values(), default=0)
    winners = [name for name, value in points.items() if value == best]
    return winners[0] if len(winners) == 1 else ""


def guess(file_name: str, cells: Sequence[str]) -> Guess:
    """Which format a file holds. Raises FileRefused if neither name nor header tells."""
    named = by_name(file_name)
    if named:
        return Guess(named, True)
    fitting = by_header(cells)
    if not fitting:
        raise FileRefused("unknown_format")
    return Guess(fitting, False)


def known_columns(names: Iterable[str] = ()) -> frozenset[str]:
    """Column names of the given formats, or of all: they count double when the separator is guessed."""
    chosen = [resource_of(name) for name in names if name] or resources()
    return frozenset(name for r in chosen if r for column in r.columns for name in column.names())
