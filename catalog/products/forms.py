"""The main form of a product: what creating and editing share (spec: products 3, 4).

The screen saves the model's own fields with ``form.save()``; stores, categories and typed addresses are in
``cleaned_data`` and are written by the verbs of the room.
"""

import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.accounts import scopes
from backoffice.console import rows
from backoffice.console.choosing import CheckList
from backoffice.console.forms import ScreenForm, Tab
from backoffice.console.rich_text import RichText
from backoffice.console.rights import Right
from catalog.categories.models import Category
from catalog.products import addressing, skus
from catalog.products.form_fields import (
    CategoriesField,
    ColourInput,
    DayInput,
    PathsField,
    day_of,
    first_moment,
    last_moment,
    more_days,
)
from catalog.products.models import Product
from catalog.products.models.products import NO_COLOUR
from catalog.stores.models import Store
from catalog.urls import claims

GENERAL = (
    *("sku", "name", "description", "stores", "categories", "new_from", "new_to"),
    "color_code",
)
SEO = ("meta_title", "meta_keywords", "meta_description", "paths")


class GeneralTab(Tab):
    """The form's general fields in three cards: texts, identity, where it is sold."""

    template = "products/general_tab.html"


def general_tab() -> Tab:
    return GeneralTab("general", gettext_lazy("General"), fields=GENERAL)


def prices_tab() -> Tab:
    """The tax set. The room of prices contributes a tab of the same key, which takes its place and shows it, too."""
    return Tab("prices", gettext_lazy("Price & tax"), fields=("tax_set",))


def seo_tab() -> Tab:
    return Tab("seo", gettext_lazy("SEO"), fields=SEO)


ORDER = ("general", "prices", "variants", "attributes", "seo", "media")


def in_order(tabs: list[Tab]) -> list[Tab]:
    """Own and contributed tabs in the order of the spec; of two with one key the later, contributed one is shown.
    Unknown ones follow."""
    by_key = {tab.key: tab for tab in tabs}
    places = {key: place for place, key in enumerate(ORDER)}
    return sorted(by_key.values(), key=lambda tab: places.get(tab.key, len(ORDER)))


def in_scope(user: Any, action: str) -> QuerySet[Category]:
    """The categories that a user may assign products to: those in the scope of his right on products (0.12)."""
    return scopes.visible(Category.objects.all(), user, action, Right(Product, action))


def needs_category(user: Any, action: str) -> bool:
    """Whether the user is limited to some categories, so that his products need one of them."""
    return bool(rows.visible(Product.objects.all(), user, action).query.has_filters())


class ProductForm(ScreenForm):
    """General, tax set and SEO texts. ``paths`` are the addresses typed, by locale."""

    stores = forms.ModelMultipleChoiceField(
        Store.objects.order_by("name"),
        label=gettext_lazy("Stores"),
        required=False,
        widget=CheckList,
        help_text=gettext_lazy("Without a store the product is visible nowhere."),
    )
    categories = CategoriesField(label=gettext_lazy("Categories"), required=False)
    new_from = forms.DateField(label=gettext_lazy("New from"), required=False, widget=DayInput)
    new_to = forms.DateField(
        label=gettext_lazy("New to"),
        required=False,
        widget=DayInput,
    )
    paths = PathsField(
        label=gettext_lazy("Address (URL)"),
        required=False,
        help_text=gettext_lazy("Empty: made from the name when the product is first activated."),
    )

    class Meta:
        model = Product
        fields = (
            *("sku", "name", "description", "color_code", "tax_set"),
            *("meta_title", "meta_keywords", "meta_description"),
        )
        field_classes = {"description": RichText}
        labels = {"sku": gettext_lazy("SKU prefix"), "name": gettext_lazy("Name")}
        help_texts = {
            "sku": gettext_lazy("Letters, digits, dot, dash and underscore. Fixed after creation."),
            "color_code": gettext_lazy("#RRGGBB or a colour name of CSS such as navy; shown as a swatch."),
        }
        widgets = {"color_code": ColourInput}
        error_messages = {
            "sku": {
                "required": gettext_lazy("Type a SKU."),
                "max_length": gettext_lazy("A SKU has at most 255 characters."),
            },
            "tax_set": {"required": gettext_lazy("Choose a tax set.")},
            "color_code": {"max_length": NO_COLOUR},
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].required = True
        self.fields["tax_set"].required = True
        self.fields["sku"].widget.attrs["class"] = "bo-mono"
        self.fields["new_to"].help_text = _(
            "Until the end of this day, in %(zone)s. Either may stay empty."
        ) % {"zone": timezone.get_current_timezone_name()}
        action = "change" if self.instance.pk else "add"
        user = self.request.user
        self.fields["categories"].offer(
            in_scope(user, action),
            suggestions=reverse("admin:products_product_categories"),
            locale=user.content_locale,
        )
        self.fields["categories"].required = needs_category(user, action)
        self._open_stored() if self.instance.pk else self._open_empty()

    def _open_empty(self) -> None:
        self.initial.setdefault("stores", list(Store.objects.values_list("pk", flat=True)))

    def _open_stored(self) -> None:
        self.fields["sku"].disabled = True
        assigned = self.instance.category_links.values_list("category", flat=True)
        visible = self.fields["categories"].offered.filter(pk__in=assigned)
        self.initial |= {
            "stores": list(self.instance.store_links.values_list("store", flat=True)),
            "categories": sorted(visible.values_list("pk", flat=True)),
            "new_from": day_of(self.instance.new_from),
            "new_to": day_of(self.instance.new_to),
        }

    # --- checking --------------------------------------------------------------------------------

    def clean_sku(self) -> str:
        sku = self.cleaned_data["sku"]
        if self.instance.pk:
            return self.instance.sku
        skus.lock([sku])
        holder = skus.product_holder(sku)
        if holder:
            raise forms.ValidationError(holder.sentence(sku), code="taken")
        return sku

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        begins, ends = cleaned.get("new_from"), cleaned.get("new_to")
        if begins and ends and begins >= ends:
            self.add_error("new_to", forms.ValidationError(more_days(begins), code="order"))
        for refusal in self._taken_paths():
            named = {"locale": refusal.claim.locale}
            sentence = str(refusal.message).replace("%", "%%")
            self.add_error("paths", forms.ValidationError(sentence, code="taken", params=named))
        return cleaned

    def _taken_paths(self) -> list[claims.Refusal]:
        """Who has the typed addresses already; a product that does not exist yet asks as number -1."""
        typed = self.cleaned_data.get("paths") or {}
        wanted = [claims.Claim(self.instance.pk or -1, code, typed=path) for code, path in typed.items()]
        return list(claims.check(addressing.OWNER, wanted)) if wanted else []

    def _post_clean(self) -> None:
        """The days become moments before the rules of the model are asked."""
        if "new_from" in self.cleaned_data and "new_to" in self.cleaned_data:
            self.put_days()
        super()._post_clean()

    def put_days(self) -> None:
        """Start of the from-day and end of the to-day; a day that was not touched keeps its stored time (3)."""
        ends = (("new_from", first_moment), ("new_to", last_moment))
        for name, moment in ends:
            day: datetime.date | None = self.cleaned_data[name]
            if day_of(getattr(self.instance, name)) != day:
                setattr(self.instance, name, moment(day))

    def keep_theirs(self, flat_names: list[str], theirs: dict[str, Any]) -> None:
        stored = Product.objects.filter(pk=self.instance.pk).values("new_from", "new_to").first() or {}
        super().keep_theirs([name for name in flat_names if name not in stored], theirs)
        for name in stored.keys() & set(flat_names):
            setattr(self.instance, name, stored[name])
            self.cleaned_data[name] = day_of(stored[name])

    # --- what the verbs write --------------------------------------------------------------------

    def wanted_categories(self) -> set[int]:
        """The ids to assign: the chosen ones, and those the user does not see, which stay (0.12)."""
        chosen = {category.pk for category in self.cleaned_data["categories"]}
        if not self.instance.pk:
            return chosen
        assigned = set(self.instance.category_links.values_list("category", flat=True))
        seen = set(self.fields["categories"].offered.filter(pk__in=assigned).values_list("pk", flat=True))
        return chosen | (assigned - seen)


def warnings(form: ProductForm) -> list[str]:
    """What is allowed but worth a sentence after saving."""
    if not form.cleaned_data.get("stores"):
        return [_("The product is in no store, so it is visible nowhere.")]
    return []
