"""The general form of a variant: what adding and editing one share (spec: products 8, 9)."""

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Value
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import rows
from backoffice.console.choosing import CheckList
from backoffice.console.forms import ScreenForm
from backoffice.console.rich_text import RichText
from backoffice.texts import content_locales
from catalog.products import gtin
from catalog.products.models import Variant
from catalog.products.models.variants import PADDED_GTIN


def zone_hint() -> str:
    """Names the time zone in which days and times of a form count (0.5)."""
    return _("Times in %(zone)s.") % {"zone": timezone.get_current_timezone_name()}


class MomentInput(forms.DateTimeInput):
    """A day and a time to the minute."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class LocaleFlags(forms.MultipleChoiceField):
    """A yes or no per content locale, stored as ``{locale: true}``."""

    is_per_locale = True
    widget = CheckList

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=lambda: [(code, code) for code in content_locales()], **options)

    def prepare_value(self, value: Any) -> Any:
        return [code for code, on in value.items() if on] if isinstance(value, Mapping) else value

    def clean(self, value: Any) -> dict[str, bool]:
        ticked = super().clean(value)
        return {code: code in ticked for code in content_locales()}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return set(self.prepare_value(initial or {})) != set(data or ())


class VariantForm(ScreenForm):
    """Names, texts, searchable, splittable, GTIN and validity."""

    flags = ("is_searchable",)
    is_searchable = LocaleFlags(
        label=gettext_lazy("Searchable"),
        required=False,
        help_text=gettext_lazy("Where a shop finds the variant in search and catalogue."),
    )
    gtin = forms.CharField(
        label=gettext_lazy("GTIN"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Optional: 8, 12, 13 or 14 digits below the bar code."),
    )
    valid_from = forms.DateTimeField(label=gettext_lazy("Valid from"), required=False, widget=MomentInput)
    valid_to = forms.DateTimeField(label=gettext_lazy("Valid to"), required=False, widget=MomentInput)

    class Meta:
        model = Variant
        fields = (
            *("name", "description", "is_searchable", "is_quantity_splittable"),
            *("gtin", "valid_from", "valid_to"),
        )
        field_classes = {"description": RichText}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].required = True
        self.fields["valid_to"].help_text = zone_hint()
        self.fields["gtin"].widget.attrs |= {"class": "bo-mono", "inputmode": "numeric"}

    def clean_gtin(self) -> str | None:
        text = "".join((self.cleaned_data["gtin"] or "").split())
        problem = gtin.why_not(text) if text else ""
        if problem:
            raise forms.ValidationError(problem, code="bad_gtin")
        self._refuse_taken(text)
        return text or None

    def _refuse_taken(self, text: str) -> None:
        """Name the variant that has this GTIN, unless it is out of sight; the rule of the model speaks then."""
        padded = Value(text.rjust(14, "0"))
        held = Variant.objects.annotate(padded=PADDED_GTIN).filter(padded=padded).exclude(pk=self.instance.pk)
        holder = rows.visible(held, self.request.user).first() if text else None
        if holder:
            link = reverse("admin:products_variant_view", args=[holder.pk])
            self["gtin"].help_text = format_html('<a href="{}">{}</a>', link, holder.sku)
            sentence = _("The variant %(owner)s has this GTIN.")
            raise forms.ValidationError(sentence, code="taken", params={"owner": holder.sku})

    def clean_is_searchable(self) -> dict[str, bool]:
        """Locales that no store uses keep what they were; one that never said anything stays so until ticked."""
        stored = self.instance.is_searchable or {}
        typed, is_new = self.cleaned_data["is_searchable"], self.instance.pk is None
        return {**stored, **{code: on for code, on in typed.items() if on or code in stored or is_new}}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in ("valid_from", "valid_to"):
            if cleaned.get(name):
                cleaned[name] = _as_stored(cleaned[name], getattr(self.instance, name))
        begins, ends = cleaned.get("valid_from"), cleaned.get("valid_to")
        if begins and ends and begins >= ends:
            self.add_error(
                "valid_to",
                forms.ValidationError(_("“Valid to” must be after “valid from”."), code="order"),
            )
        return cleaned


def _as_stored(typed: datetime.datetime, stored: datetime.datetime | None) -> datetime.datetime:
    """The form shows minutes; a time that was not touched keeps its seconds."""
    return stored if stored and stored.replace(second=0, microsecond=0) == typed else typed
