"""What several tests of the catalogue begin with."""

import pytest

from tests import make


@pytest.fixture
def shop(db, client):
    """A store in two languages, a tax set, colours and sizes, and a signed-in Category Manager."""
    store = make.store("DE", locales=("en_US", "de_DE"))
    client.force_login(make.user("mara@example.com", roles=["Category Manager"]))
    return {
        "store": store,
        "tax": make.tax_set("Standard"),
        "color": make.attribute("color", values={"red": {"de_DE": "rot"}, "blue": {}}, is_super=True),
        "size": make.attribute("size", values={"S": {}, "M": {}, "XL": {}}, is_super=True),
    }


@pytest.fixture
def jacket(shop):
    product = make.product("jacket", name={"en_US": "Jacket", "de_DE": "Jacke"})
    for color, size in (("red", "XL"), ("blue", "S")):
        combination = {"color": color, "size": size}
        make.variant(f"jacket-{color}-{size}", product=product, attributes={**combination, "weight": "2 kg"})
    return product
