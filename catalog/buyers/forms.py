"""The forms of merchants, companies, units and relations (spec: product-lists 2.4, 2.5)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.choosing import CheckList
from backoffice.console.forms import ScreenForm
from catalog.buyers.models import BusinessUnit, BuyerRelation, Company, Merchant
from catalog.stores.models import Store

OFFERED = 300
NOT_THERE = gettext_lazy("It does not exist any more. Choose among the listed ones.")


class KeyBox(forms.TextInput):
    """A box for a key that offers keys with their names while one types."""

    template_name = "buyers/key_choice.html"

    def __init__(self, offered: Any, attrs: dict[str, Any] | None = None) -> None:
        self.offered = offered
        super().__init__(attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["offered"] = self.offered()
        context["widget"]["attrs"]["list"] = f"{name}-offered"
        return context


class KeyChoice(forms.ModelChoiceField):
    """A record chosen by its key."""

    def __init__(self, model: type[Model], key: str = "key", **options: Any) -> None:
        super().__init__(
            queryset=model._default_manager.all(),
            to_field_name=key,
            widget=KeyBox(self.offered),
            error_messages={"invalid_choice": gettext_lazy("There is none with this key.")},
            **options,
        )

    def offered(self) -> list[tuple[str, str]]:
        rows: QuerySet = self.queryset.order_by("name", "pk")
        return list(rows.values_list(self.to_field_name, "name")[:OFFERED])

    def __deepcopy__(self, memo: dict[int, Any]) -> "KeyChoice":
        copied = super().__deepcopy__(memo)
        copied.widget.offered = copied.offered
        return copied

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = self.queryset.filter(pk=value).first()
        return getattr(value, self.to_field_name) if isinstance(value, Model) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, int):
            return self.queryset.filter(pk=value).first()
        return super().to_python(value.strip() if isinstance(value, str) else value)


class StoreChoices(forms.ModelMultipleChoiceField):
    widget = CheckList


class MerchantForm(ScreenForm):
    """Key and reference are fixed after creation: files name the merchant by them."""

    stores = StoreChoices(
        label=gettext_lazy("Stores"),
        queryset=Store.objects.none(),
        required=False,
        help_text=gettext_lazy("Where the merchant sells."),
        error_messages={"invalid_choice": NOT_THERE, "invalid_pk_value": NOT_THERE},
    )

    class Meta:
        model = Merchant
        fields = (
            "merchant_reference",
            "merchant_key",
            "name",
            "status",
            "is_active",
            "registration_number",
            "email",
            "url",
            "is_open_for_relation_request",
        )
        field_classes = {"email": forms.EmailField}
        help_texts = {
            "merchant_reference": gettext_lazy("Files name the merchant by it. Fixed after creation."),
            "merchant_key": gettext_lazy("A second name for other systems. Fixed after creation."),
            "url": gettext_lazy("The page of the merchant in the shop."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["stores"].queryset = Store.objects.order_by("name")
        if self.instance.pk:
            self.initial["stores"] = sorted(self.instance.in_stores.values_list("store_id", flat=True))
            self.fields["merchant_reference"].disabled = self.fields["merchant_key"].disabled = True


class CompanyForm(ScreenForm):
    class Meta:
        model = Company
        fields = ("key", "name", "is_active", "status")
        help_texts = {"key": gettext_lazy("Files name the company by it. Fixed after creation.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["key"].disabled = bool(self.instance.pk)


class UnitForm(ScreenForm):
    company = KeyChoice(
        Company,
        label=gettext_lazy("Company"),
        help_text=gettext_lazy("The key of the company. Fixed after creation."),
    )
    parent = KeyChoice(
        BusinessUnit,
        label=gettext_lazy("Parent unit"),
        required=False,
        help_text=gettext_lazy("The key of a unit of the same company; empty: the unit stands at the top."),
    )

    class Meta:
        model = BusinessUnit
        fields = ("company", "key", "name", "parent", "email", "phone", "external_url")
        field_classes = {"email": forms.EmailField}
        help_texts = {"key": gettext_lazy("Files name the unit by it. Fixed after creation.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.fields["company"].disabled = self.fields["key"].disabled = True
            others = BusinessUnit.objects.of_company(self.instance.company_id).exclude(pk=self.instance.pk)
            self.fields["parent"].queryset = others
        else:
            asked = self.request.GET.get("company", "")
            self.initial.setdefault("company", asked[:255])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        parent, company = cleaned.get("parent"), cleaned.get("company")
        if parent and company and parent.company_id != company.pk:
            self.add_error("parent", _("This is a unit of another company."))
        elif parent and self.instance.pk and self.instance.pk in BusinessUnit.objects.above(parent.pk):
            message = _("It lies below this unit: the units would form a circle.")
            self.add_error("parent", ValidationError(message, code="cycle"))
        return cleaned


class BeginForm(forms.Form):
    """The first step of a new relation: who agrees with whom."""

    merchant = KeyChoice(
        Merchant,
        "merchant_reference",
        label=gettext_lazy("Merchant"),
        help_text=gettext_lazy("The reference of the merchant. Fixed after creation."),
    )
    company = KeyChoice(
        Company,
        label=gettext_lazy("Company"),
        help_text=gettext_lazy(
            "The key of the company whose units the relation concerns. Fixed after creation."
        ),
    )


class UnitChoices(forms.ModelMultipleChoiceField):
    widget = CheckList

    def label_from_instance(self, unit: BusinessUnit) -> str:
        return f"{unit.name} ({unit.key})"


class UnitChoice(forms.ModelChoiceField):
    def label_from_instance(self, unit: BusinessUnit) -> str:
        return f"{unit.name} ({unit.key})"


class BuyerRelationForm(ScreenForm):
    """Merchant and company are those of the first step, and stay."""

    owner_unit = UnitChoice(
        label=gettext_lazy("Owner unit"),
        queryset=BusinessUnit.objects.none(),
        empty_label=gettext_lazy("Choose a unit"),
        help_text=gettext_lazy(
            "It holds the contract. Its buyers are concerned only if it is assigned, too."
        ),
        error_messages={"invalid_choice": NOT_THERE},
    )
    units = UnitChoices(
        label=gettext_lazy("Assigned units"),
        queryset=BusinessUnit.objects.none(),
        required=False,
        help_text=gettext_lazy(
            "The relation concerns the buyers of these units. Child units do not inherit."
        ),
        error_messages={"invalid_choice": NOT_THERE, "invalid_pk_value": NOT_THERE},
    )

    class Meta:
        model = BuyerRelation
        fields = ("key", "owner_unit")
        help_texts = {"key": gettext_lazy("Files name the relation by it. Fixed after creation.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            company = self.instance.owner_unit.company
            self.initial["units"] = sorted(self.instance.assigned.values_list("unit_id", flat=True))
            self.fields["key"].disabled = True
        else:
            begun = BeginForm(self.request.GET)
            begun.full_clean()
            self.instance.merchant, company = (begun.cleaned_data.get(n) for n in ("merchant", "company"))
            if self.instance.merchant and company:
                self.initial.setdefault("key", proposed_key(self.instance.merchant, company))
        units = BusinessUnit.objects.of_company(company).order_by("name", "pk")
        self.fields["owner_unit"].queryset = self.fields["units"].queryset = units
        locked = _("Merchant: %(merchant)s. Company: %(company)s. Both are fixed.")
        shown = {"merchant": self.instance.merchant, "company": company}
        self.fields["owner_unit"].help_text = f"{locked % shown} {self.fields['owner_unit'].help_text}"


def proposed_key(merchant: Merchant, company: Company) -> str:
    """A free key made of both: ``house-waldquell``, then ``house-waldquell-2``."""
    stem = f"{merchant.merchant_key}-{company.key}"[:240]
    taken = set(BuyerRelation.objects.filter(key__startswith=stem).values_list("key", flat=True)[:1000])
    number = next(n for n in range(1, 1002) if (stem if n == 1 else f"{stem}-{n}") not in taken)
    return stem if number == 1 else f"{stem}-{number}"
