"""The forms of tax rates and tax sets (spec: prices-and-taxes 8.2, 8.3)."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import get_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.choosing import CheckList
from backoffice.console.forms import ScreenForm
from backoffice.fields import to_minor_units
from catalog.stores.countries import country_name
from catalog.stores.models import Country
from catalog.taxes.models import TaxRate, TaxSet


def percent(rate: Decimal) -> str:
    """A percentage without needless zeros, in the user's number format: ``2.6`` or ``2,6``."""
    text = f"{rate.normalize():f}"
    return number_format(text, decimal_pos=len(text.partition(".")[2]), use_l10n=True)


def described(rate: TaxRate) -> str:
    """A rate as one chooses it: ``Reduced · Austria · 10 %``; a country that the name tells is not said again."""
    country = country_name(rate.country.iso2_code) if rate.country else ""
    parts = [rate.name, "" if country in rate.name else country, f"{percent(rate.rate)} %"]
    return " · ".join(filter(None, parts))


class PercentField(forms.CharField):
    """A percentage with up to two decimals; ``19,5`` and ``19.5`` are both read."""

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, Decimal):
            return value
        text = (value or "").replace("%", "").strip()
        try:
            if text.strip("0123456789.,' ’-+"):
                raise ValidationError("", code="bad_decimal")
            hundredths = to_minor_units(text, digits=2, decimal_sign=get_format("DECIMAL_SEPARATOR"))
        except ValidationError as problem:
            if problem.code == "ambiguous":
                raise
            message = _("Type a percentage from 0 to 100 with up to two decimals, such as 19.5.")
            raise ValidationError(message, code="bad_decimal") from None
        return None if hundredths is None else Decimal(hundredths).scaleb(-2).quantize(Decimal("0.01"))

    def validate(self, value: Decimal | None) -> None:
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Decimal | None) -> None:
        """The rule of the model says what is in range."""

    def prepare_value(self, value: Any) -> Any:
        return percent(value) if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return initial != self.to_python(data)
        except ValidationError:
            return True


class CountryChoice(forms.ModelChoiceField):
    """Countries by their names in the user's language, in the order of these names."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Country.objects.all(), **options)

    def label_from_instance(self, country: Country) -> str:
        return country_name(country.iso2_code)

    def sort(self) -> None:
        found = sorted(((c.pk, country_name(c.iso2_code)) for c in self.queryset), key=lambda pair: pair[1])
        self.choices = [("", gettext_lazy("Choose a country")), *found]


class TaxRateForm(ScreenForm):
    country = CountryChoice(label=gettext_lazy("Country"))
    rate = PercentField(
        label=gettext_lazy("Percentage"),
        help_text=gettext_lazy("From 0 to 100, with up to two decimals."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )

    class Meta:
        model = TaxRate
        fields = ("name", "country", "rate")
        help_texts = {"name": gettext_lazy("At most 255 characters, such as Austria standard.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["country"].sort()


class RateChoices(forms.ModelMultipleChoiceField):
    widget = CheckList

    def label_from_instance(self, rate: TaxRate) -> str:
        return described(rate)


class TaxSetForm(ScreenForm):
    rates = RateChoices(
        label=gettext_lazy("Rates"),
        queryset=TaxRate.objects.none(),
        help_text=gettext_lazy("At least one. Of several rates for one country the highest counts."),
        error_messages={
            "required": gettext_lazy("Tick at least one rate."),
            "invalid_choice": gettext_lazy(
                "This rate does not exist any more. Choose among the listed ones."
            ),
            "invalid_pk_value": gettext_lazy(
                "This rate does not exist any more. Choose among the listed ones."
            ),
        },
    )

    class Meta:
        model = TaxSet
        fields = ("name",)
        help_texts = {"name": gettext_lazy("At most 255 characters. Files name the set by it.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["rates"].queryset = TaxRate.objects.select_related("country").order_by("name", "pk")
        if self.instance.pk:
            self.initial["rates"] = sorted(self.instance.links.values_list("rate_id", flat=True))
