"""What a browser sends of the wizard that makes products, and what comes back."""

from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import ChangeSet
from backoffice.history.screens.access import gate_for
from catalog.products import grid

ADD = "/products/product/add/"


def typed(shop, sku="jacket", *, save=True, **more):
    """What a browser sends of the wizard."""
    data = {
        "sku": sku,
        "name.en_US": "Jacket",
        "name.de_DE": "Jacke",
        "stores": [shop["store"].pk],
        "tax_set": shop["tax"].pk,
        **({"_save": "1"} if save else {"_show": "1"}),
    }
    return {name: value for name, value in {**data, **more}.items() if value is not None}


def chosen(**axes):
    """The ticked super attributes with their values: ``chosen(color=(attribute, ["red"]))``."""
    found = {"super": [attribute.pk for attribute, _values in axes.values()]}
    for attribute, values in axes.values():
        found[f"values.{attribute.pk}"] = values
    return found


def both(shop):
    return chosen(color=(shop["color"], ["red", "blue"]), size=(shop["size"], ["S", "M", "XL"]))


def row(combination, field="sku"):
    return f"{field}.{grid.digest(combination)}"


def shown_rows(response):
    """The grid as a browser would send it back."""
    found = {}
    for each in response.context["page"].form.grid.rows:
        found |= {row(each.combination): each.sku, row(each.combination, "generated"): each.generated}
        found |= {row(each.combination, "make"): "1"} if each.is_made else {}
    return found


def problems(response):
    assert response.status_code == 200
    return [sentence for _anchor, sentence in response.context["page"].problems]


def undone(user):
    deed = ChangeSet.objects.latest("pk")
    with acting(user):
        return undoing.undo(deed, gate_for(deed, user))[0].counts
