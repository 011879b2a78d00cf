"""What is done to many products of the list at once (spec: products 2.8)."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.bulk.declaring import Bulk, Question
from backoffice.console.choosing import CheckList
from backoffice.history.recording import Recorder
from catalog.products import approval, leaving, linking, status, taxing
from catalog.products.form_fields import CategoriesField
from catalog.products.forms import in_scope
from catalog.products.models import BundleItem, Product, Variant
from catalog.products.narrowing import one_of
from catalog.products.outcomes import Outcome
from catalog.stores.models import Store
from catalog.taxes.models import TaxSet

Ids = list[int]
Values = Mapping[str, Any]


class TaxSetQuestion(Question):
    tax_set = forms.ModelChoiceField(TaxSet.objects.order_by("name"), label=gettext_lazy("Tax set"))


class StoresQuestion(Question):
    stores = forms.ModelMultipleChoiceField(
        Store.objects.order_by("name"), widget=CheckList, label=gettext_lazy("Stores")
    )


class CategoriesQuestion(Question):
    """Only categories of the user's scope can be given and taken (0.12)."""

    scripts = ("backoffice/product-form.js",)
    categories = CategoriesField(label=gettext_lazy("Categories"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        user = self.request.user
        self.fields["categories"].offer(
            in_scope(user, "change"),
            suggestions=reverse("admin:products_product_categories"),
            locale=user.content_locale,
        )


def pks(chosen: Collection[Any]) -> list[int]:
    return [each.pk for each in chosen]


def switch_on(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    return status.activate(status.variants_of(ids), recorder=recorder)


def switch_off(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    return status.deactivate(status.variants_of(ids), recorder=recorder)


def falling(request: HttpRequest, ids: Ids, values: Values) -> list[status.Fall]:
    return status.what_goes_down(status.variants_of(ids))


def give_tax_set(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    return taxing.set_tax_set(ids, values["tax_set"], recorder=recorder)


def add_stores(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    return linking.add_stores(ids, pks(values["stores"]), recorder=recorder)


def remove_stores(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    return linking.remove_stores(ids, pks(values["stores"]), recorder=recorder)


def leaving_stores(request: HttpRequest, ids: Ids, values: Values) -> list[status.Fall]:
    return leaving.what_leaving_takes_down(ids, pks(values["stores"]))


def add_categories(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    orders = dict.fromkeys(pks(values["categories"]))
    return linking.assign_categories(dict.fromkeys(ids, orders), recorder=recorder)


def remove_categories(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    """Nobody puts products out of his own sight."""
    leaving_ids = pks(values["categories"])
    lost = leaving.out_of_his_sight(request.user, ids, leaving_ids)
    done = linking.remove_categories([pk for pk in ids if pk not in lost], leaving_ids, recorder=recorder)
    sentence = _("It would be in no category of yours and out of your sight.")
    done.refused.update(dict.fromkeys(lost, sentence))
    return done


def leaving_categories(request: HttpRequest, ids: Ids, values: Values) -> list[status.Fall]:
    return leaving.what_leaving_categories_takes_down(ids, pks(values["categories"]))


def approve(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    return approval.move(ids, Product.Approval.APPROVED, recorder=recorder)


def deny(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    return approval.move(ids, Product.Approval.DENIED, recorder=recorder)


def each_alone(ids: Ids) -> bool:
    """What these deeds do to one row does not depend on others."""
    return False


def with_bundles(ids: Ids) -> bool:
    """A bundle is switched on if its components are live, which others of these products may be by then."""
    return BundleItem.objects.filter(one_of(ids, "bundle__product")).exists()


def is_approving(request: HttpRequest) -> bool:
    return approval.is_on()


PRODUCT_BULK = (
    Bulk(
        "activate",
        gettext_lazy("Activate variants"),
        switch_on,
        right="activate",
        icon="circle-check",
        counted=Variant,
        is_main=True,
        is_joint=with_bundles,
        notes=status.notes_on,
    ),
    Bulk(
        "deactivate",
        gettext_lazy("Deactivate variants"),
        switch_off,
        right="activate",
        icon="ban",
        counted=Variant,
        is_main=True,
        falls=falling,
        is_joint=each_alone,
    ),
    Bulk(
        "approve",
        gettext_lazy("Approve products"),
        approve,
        right="approve",
        icon="check",
        is_main=True,
        is_shown=is_approving,
        is_joint=each_alone,
    ),
    Bulk(
        "deny",
        gettext_lazy("Deny products"),
        deny,
        right="approve",
        icon="circle-x",
        is_shown=is_approving,
        is_joint=each_alone,
    ),
    Bulk(
        "tax_set",
        gettext_lazy("Set tax set"),
        give_tax_set,
        icon="percent",
        question=TaxSetQuestion,
        is_joint=each_alone,
    ),
    Bulk(
        "add_store",
        gettext_lazy("Add to stores"),
        add_stores,
        icon="store",
        question=StoresQuestion,
        is_joint=each_alone,
    ),
    Bulk(
        "remove_store",
        gettext_lazy("Take out of stores"),
        remove_stores,
        icon="store",
        question=StoresQuestion,
        falls=leaving_stores,
        is_joint=each_alone,
    ),
    Bulk(
        "add_category",
        gettext_lazy("Add to categories"),
        add_categories,
        icon="folder-tree",
        question=CategoriesQuestion,
        is_joint=each_alone,
    ),
    Bulk(
        "remove_category",
        gettext_lazy("Take out of categories"),
        remove_categories,
        icon="folder-tree",
        question=CategoriesQuestion,
        falls=leaving_categories,
        is_joint=each_alone,
    ),
)


def variants_on(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    return status.activate(ids, recorder=recorder)


def variants_off(request: HttpRequest, ids: Ids, values: Values, recorder: Recorder) -> Outcome:
    return status.deactivate(ids, recorder=recorder)


def variants_falling(request: HttpRequest, ids: Ids, values: Values) -> list[status.Fall]:
    return status.what_goes_down(ids)


def among_bundles(ids: Ids) -> bool:
    return BundleItem.objects.filter(one_of(ids, "bundle")).exists()


VARIANT_BULK = (
    Bulk(
        "activate",
        gettext_lazy("Activate"),
        variants_on,
        right="activate",
        icon="circle-check",
        is_main=True,
        is_joint=among_bundles,
        notes=status.notes_on,
    ),
    Bulk(
        "deactivate",
        gettext_lazy("Deactivate"),
        variants_off,
        right="activate",
        icon="ban",
        is_main=True,
        falls=variants_falling,
        is_joint=each_alone,
    ),
)
