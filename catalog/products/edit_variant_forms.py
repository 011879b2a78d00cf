"""The form that edits a variant (spec: products 9). The day and note of a phase-out are part of it, so that they are
saved with the other fields and compared with what others saved."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from backoffice.console.rights import Right
from backoffice.fields import LocalizedFormField, LocalizedWidget
from backoffice.history.recording import snapshot
from backoffice.html import plain_text
from backoffice.texts import content_locales, preferred_locales
from catalog.products import discontinuing, matrix
from catalog.products.form_fields import DayInput
from catalog.products.models import Discontinued, Product
from catalog.products.variant_forms import VariantForm

PHASE_OUT = ("active_until", "note")


def until_field(**options: Any) -> forms.DateField:
    """The last day on which a variant is offered; no day in the past may be typed (14.2)."""
    return forms.DateField(
        label=_("Active until"),
        widget=DayInput,
        help_text=_("The last day it is offered; from the day after it is not live."),
        error_messages={"required": _("Choose a day."), "invalid": _("Type a day such as 2031-06-30.")},
        **options,
    )


def note_field() -> LocalizedFormField:
    return LocalizedFormField(label=_("Note"), required=False, widget=LocalizedWidget(multiline=True))


class EditVariantForm(VariantForm):
    """``phase_out`` is the stored record of a variant that is discontinued."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        product = self.instance.product
        self.inherited = {code: text for code, text in product.description.items() if text}
        self.fields["description"].widget.fallbacks = {
            code: plain_text(text) for code, text in self.inherited.items()
        }
        self.phase_out = Discontinued.objects.filter(variant=self.instance).first()
        self.may_discontinue = Right(Product, "discontinue").held_by(self.request.user)
        if self.phase_out and self.may_discontinue and self._is_sent():
            self.fields["active_until"] = until_field()
            self.fields["note"] = note_field()
            self.fields["note"].kept = self.phase_out.note
            self.initial |= {"active_until": self.phase_out.active_until, "note": self.phase_out.note}

    def _is_sent(self) -> bool:
        """A form that was opened before the variant was phased out knows nothing of it."""
        return not self.is_bound or "active_until" in self.data

    @property
    def super_values(self) -> list[tuple[str, str, str]]:
        """(name, key, value) of what tells the variant apart from its siblings."""
        locale, attributes = self.request.user.content_locale, self.instance.attributes
        found = []
        for each in matrix.super_attributes(attributes):
            label = next((each.name[c] for c in preferred_locales(locale) if each.name.get(c)), each.key.key)
            words = dict(matrix.offers(each, locale))
            value = attributes[each.key.key]
            found.append((label, each.key.key, words.get(value, str(value))))
        return found

    @property
    def descriptions(self) -> list[dict[str, str]]:
        """Per language: the box, its own text and that of the product (7.3)."""
        own = self["description"].value() or {}
        return [
            {
                "code": code,
                "lang": code.replace("_", "-"),
                "id": f"{self['description'].auto_id}_{code}",
                "own": own.get(code, ""),
                "inherited": self.inherited[code],
            }
            for code in content_locales()
            if code in self.inherited
        ]

    @property
    def days_left(self) -> int:
        """How many days the variant is still offered, today included; none when the last one is over."""
        last = self.phase_out.active_until if self.phase_out else discontinuing.today()
        return max((last - discontinuing.today()).days + 1, 0)

    def clean_active_until(self) -> Any:
        """A day that was not touched may lie in the past."""
        day = self.cleaned_data["active_until"]
        if day < discontinuing.today() and day != self.phase_out.active_until:
            raise forms.ValidationError(
                _("This day is over. Choose today or a later one."), code="out_of_range"
            )
        return day

    def save_phase_out(self, recorder: Any) -> None:
        if "active_until" not in self.fields:
            return
        before = snapshot(self.phase_out)
        self.phase_out.active_until = self.cleaned_data["active_until"]
        self.phase_out.note = self.cleaned_data["note"]
        discontinuing.change(self.phase_out, before, recorder=recorder)


class DiscontinueForm(forms.Form):
    """What phasing a variant out asks for."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["active_until"] = until_field(initial=discontinuing.default_day)
        self.fields["note"] = note_field()

    def clean_active_until(self) -> Any:
        day = self.cleaned_data["active_until"]
        if day < discontinuing.today():
            raise forms.ValidationError(
                _("This day is over. Choose today or a later one."), code="out_of_range"
            )
        return day


def listed(text: str) -> list[str]:
    """SKUs typed side by side: each once, in order."""
    return list(dict.fromkeys(part.strip() for part in re.split(r"[,;\n]", text) if part.strip()))


def ids_of(texts: list[str]) -> list[int]:
    """The ids among what a browser sent, each once; what cannot be one is left out."""
    return list(dict.fromkeys(int(text) for text in texts if text.isdecimal() and len(text) < 19))
