"""The form that adds a variant to a product (spec: products 8, attributes 5.1 to 5.3)."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.texts import preferred_locales
from catalog.attributes.models import Attribute
from catalog.products import creating, matrix, skus
from catalog.products.models import Product
from catalog.products.models.products import SKU_LENGTH
from catalog.products.variant_forms import VariantForm


class SuperValue:
    """The boxes of one super attribute: a choice, and where free input is allowed a text that may replace it."""

    def __init__(self, attribute: Attribute, locale: str) -> None:
        self.attribute, self.key = attribute, attribute.key.key
        self.name = f"super.{attribute.pk}"
        self.custom_name, self.uses_custom_name = f"custom.{attribute.pk}", f"uses_custom.{attribute.pk}"
        self.locale, texts = locale, attribute.name
        self.label = next((texts[code] for code in preferred_locales(locale) if texts.get(code)), self.key)

    def fields(self) -> dict[str, forms.Field]:
        choices = matrix.offers(self.attribute, self.locale)
        wrong = _("“%%(value)s” is no predefined value of %(name)s.") % {"name": self.label}
        found: dict[str, forms.Field] = {
            self.name: forms.ChoiceField(
                label=self.label,
                choices=[("", _("Choose a value")), *choices],
                required=False,
                error_messages={"invalid_choice": wrong},
            )
        }
        if self.attribute.allow_input:
            found[self.uses_custom_name] = forms.BooleanField(label=_("Use custom value"), required=False)
            found[self.custom_name] = forms.CharField(
                label=_("Custom value of %(name)s") % {"name": self.label}, required=False
            )
        return found

    def value_of(self, cleaned: dict[str, Any]) -> str:
        is_custom = self.attribute.allow_input and cleaned.get(self.uses_custom_name)
        return cleaned.get(self.custom_name if is_custom else self.name) or ""

    def why_not(self, value: str) -> str:
        """What keeps a custom value from being stored."""
        kinds = Attribute.InputType
        if self.attribute.input_type in {kinds.NUMBER, kinds.FLOAT} and not is_number(value):
            return _("%(name)s is a number. Type digits, such as 12.5.") % {"name": self.label}
        return ""


def is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


class AddVariantForm(VariantForm):
    """``product`` is set by the screen; :func:`for_product` makes the class."""

    product: Product
    sku = forms.CharField(
        label=gettext_lazy("SKU"),
        required=False,
        max_length=SKU_LENGTH,
        error_messages={"max_length": gettext_lazy("A SKU has at most 255 characters.")},
        widget=forms.TextInput(attrs={"class": "bo-mono", "data-typed-sku": True}),
        help_text=gettext_lazy("Fixed after creation."),
    )
    generate_sku = forms.BooleanField(
        label=gettext_lazy("Generate SKU"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"data-generate-sku": True}),
        help_text=gettext_lazy("Made of the product's SKU and the values chosen."),
    )

    class Media:
        js = (
            forms.Script("backoffice/product-form.js", defer=True),
            forms.Script("backoffice/previews.js", defer=True),
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.instance.product = self.product
        for name in ("name", "description"):
            self.initial[name] = {**getattr(self.product, name)}
        locale = self.request.user.content_locale
        attributes = matrix.super_attributes(matrix.keys_of_family(self.product.pk))
        self.supers = [SuperValue(attribute, locale) for attribute in attributes]
        for each in self.supers:
            self.fields |= each.fields()

    @property
    def super_blocks(self) -> list[dict[str, Any]]:
        """What the template prints for each super attribute."""
        return [
            {
                "key": each.key,
                "choice": self[each.name],
                "custom": self[each.custom_name] if each.attribute.allow_input else None,
                "uses_custom": self[each.uses_custom_name] if each.attribute.allow_input else None,
            }
            for each in self.supers
        ]

    def clean(self) -> dict[str, Any]:
        """Held against a second person who adds the same: the product stays locked until this is saved."""
        creating.hold(self.product.pk)
        cleaned = super().clean()
        combination = self._combination(cleaned)
        if combination is not None:
            problem = creating.why_not_combination(self.product.pk, combination)
            if problem:
                self.add_error(self.supers[0].name, forms.ValidationError(problem, code="taken"))
            self.instance.attributes = combination
        self._clean_sku(cleaned, combination)
        return cleaned

    def _combination(self, cleaned: dict[str, Any]) -> dict[str, str] | None:
        """The chosen values; None while some are missing or wrong."""
        chosen = {each.key: each.value_of(cleaned) for each in self.supers}
        if any(each.name in self.errors for each in self.supers):
            return None
        missing = [each for each in self.supers if not chosen[each.key]]
        if missing:
            names = ", ".join(each.label for each in missing)
            sentence = _("Every super attribute needs a value; missing: %(names)s.") % {"names": names}
            self.add_error(missing[0].name, forms.ValidationError(sentence, code="required"))
            return None
        for each in self.supers:
            problem = each.why_not(chosen[each.key])
            if problem:
                self.add_error(each.name, forms.ValidationError(problem, code="bad_number"))
                return None
        return chosen

    def _clean_sku(self, cleaned: dict[str, Any], combination: dict[str, str] | None) -> None:
        if cleaned.get("generate_sku"):
            if combination is not None:
                self.instance.sku = self._generated(combination)
            return
        sku = cleaned.get("sku", "")
        if "sku" in self.errors:
            return
        problem = self._why_not_sku(sku)
        if problem:
            self.add_error("sku", forms.ValidationError(problem, code="taken" if sku else "required"))
        self.instance.sku = sku

    def _why_not_sku(self, sku: str) -> str:
        if not sku:
            return _("Type a SKU, or let it be generated.")
        if not skus.is_well_formed(sku):
            return _("Use letters, digits, dot, dash and underscore only.")
        skus.lock([sku])
        holder = skus.variant_holders([sku], product=self.product.pk).get(sku.lower())
        return holder.sentence(sku) if holder else ""

    def _generated(self, combination: dict[str, str]) -> str:
        plain = skus.generated(self.product.sku, combination)
        skus.lock([plain])
        return self._free(plain)

    def foreseen_sku(self) -> str:
        """The SKU that the values typed so far would get; nothing while one is missing."""
        chosen = {each.key: each.value_of(self.data) for each in self.supers}
        return self._free(skus.generated(self.product.sku, chosen)) if all(chosen.values()) else ""

    def _free(self, plain: str) -> str:
        return skus.free([plain], lambda asked: skus.variant_holders(asked, product=self.product.pk))[0]

    @property
    def plain_sku(self) -> str:
        """The generated SKU before a number was added; empty for a typed one."""
        is_generated = self.cleaned_data.get("generate_sku")
        return skus.generated(self.product.sku, self.instance.attributes) if is_generated else ""


def for_product(product: Product) -> type[AddVariantForm]:
    return type("AddVariantForm", (AddVariantForm,), {"product": product, "__module__": __name__})
