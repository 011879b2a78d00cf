"""A row of every registered model. A room that registers a screen names here how one of its rows is made."""

from collections.abc import Callable
from itertools import count, cycle
from typing import Any

from django.db.models import Model

from backoffice.accounts.models import SecurityEvent, User
from backoffice.history.models import ChangeSet
from backoffice.transfer.models import Job
from catalog.attributes.models import AttributeKey
from tests import make

CURRENCIES = (
    *("CHF", "DKK", "GBP", "HUF", "ISK", "JPY", "KWD", "MXN", "NOK", "NZD", "PLN"),
    *("RON", "RSD", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "VND", "ZAR"),
)
_codes = cycle(CURRENCIES)
_numbers = count(1)

MAKERS: dict[str, Callable[[User | None], Model]] = {
    "accounts.user": lambda user: make.user(),
    "accounts.role": lambda user: make.role(),
    "accounts.securityevent": lambda user: SecurityEvent.objects.create(action="login_ok", actor=user),
    "history.changeset": lambda user: ChangeSet.objects.create(kind="save", user=user),
    "transfer.job": lambda user: Job.objects.create(owner=user, state=Job.State.DONE, title="file.csv"),
    "stores.store": lambda user: make.store(),
    "stores.currency": lambda user: make.currency(next(_codes)),
    "stores.glossarytext": lambda user: make.glossary_text(),
    "attributes.attribute": lambda user: make.attribute(f"colour_{next(_numbers)}", values={"red": {}}),
    "attributes.attributekey": lambda user: AttributeKey.objects.create(key=f"loose_{next(_numbers)}"),
    "categories.category": lambda user: make.category(),
    "packaging.packagingtype": lambda user: make.packaging_type(),
    "buyers.merchant": lambda user: make.merchant(),
    "buyers.company": lambda user: make.company(),
    "buyers.businessunit": lambda user: make.business_unit(),
    "buyers.buyerrelation": lambda user: make.buyer_relation(),
    "buyers.customer": lambda user: make.customer(),
    "taxes.taxset": lambda user: make.tax_set(),
    "taxes.taxrate": lambda user: make.tax_rate(),
    "products.product": lambda user: make.product(variants=1),
    "products.variant": lambda user: make.variant(),
    "products.productgroup": lambda user: make.product_group(products=[make.product()]),
}


PERSONAL = ("history.changeset", "transfer.job")
"""Rows that people see of their own, and of others only with a right."""


def row(model: type[Model], user: User | None = None) -> Any:
    """A row that belongs to ``user`` where rows belong to people."""
    name = model._meta.label_lower
    assert name in MAKERS, f"{name} is registered: say in tests/site/rows.py how a row is made"
    return MAKERS[name](user)
