"""The forms of attributes: the declaration, and its names and translated values (spec: attributes 3.2 to 3.4)."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from django.forms.widgets import Script
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.console.forms import BoundTab, ScreenForm, Tab
from backoffice.texts import content_locales, normalise
from catalog.attributes import declaring, use
from catalog.attributes.models import GLOSSARY_PREFIX, SCREEN_KEY, Attribute, AttributeKey, in_order
from catalog.stores.glossary import glossary_texts

REMOVE = "remove_used"
"""The tick that removes values although they are in use; its value names them, so that it speaks of no others."""
DROP = "drop_translations"
"""The tick that removes the translations of all values."""
FREE_SUPER = gettext_lazy(
    "A file brought this super attribute with other values allowed. Once you untick it, it cannot be ticked again."
)


class ValuesBox(forms.Textarea):
    """Lines, shown as tags where scripts run."""

    template_name = "attributes/values_box.html"

    class Media:
        js = (Script("backoffice/tags.js", defer=True),)


class Lines(forms.CharField):
    """Values one per line, in the order in which they are offered; pasting many lines adds them all."""

    widget = ValuesBox

    def to_python(self, value: Any) -> list[str]:
        return declaring.typed_values(value if isinstance(value, list) else (value or "").splitlines())

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.to_python(data)


class KeyInput(forms.TextInput):
    """A box for a key that offers those that came by file while one types."""

    template_name = "attributes/key_input.html"

    class Media:
        js = (Script("backoffice/suggest.js", defer=True),)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {
            "list": f"{name}-offered",
            "autocomplete": "off",
            "data-suggest": reverse("admin:attributes_attribute_suggest"),
        }
        return context


class Excluding(forms.CheckboxInput):
    """A tick that clears and locks another one, with a word about why. The server refuses both together anyway."""

    class Media:
        js = (Script("backoffice/excludes.js", defer=True),)


ONLY_PREDEFINED = gettext_lazy("A super attribute allows predefined values only.")


class AttributeForm(ScreenForm):
    """The declaration. Key, type and super flag are fixed after creation."""

    errors_under: ClassVar[dict[str, str]] = {"key": "key_text"}

    key_text = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=255,
        widget=KeyInput,
        validators=[
            RegexValidator(
                SCREEN_KEY,
                gettext_lazy("Use small letters a–z, digits, dash, underscore and colon only."),
                code="bad_key",
            )
        ],
        help_text=gettext_lazy(
            "Small letters, digits, - _ and : only, such as frame_colour. Fixed after creation."
        ),
    )
    is_super = forms.BooleanField(
        label=gettext_lazy("Super attribute"),
        required=False,
        widget=Excluding(attrs={"data-excludes": "id_allow_input", "data-why": ONLY_PREDEFINED}),
        help_text=gettext_lazy(
            "Tells the variants of a product apart. Fixed after creation; allows no other values."
        ),
    )
    values = Lines(
        label=gettext_lazy("Predefined values"),
        required=False,
        help_text=gettext_lazy(
            "In the order in which they are offered. Several lines can be pasted at once."
        ),
    )
    visibility = forms.MultipleChoiceField(
        label=gettext_lazy("Display at"),
        choices=Attribute.Place.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=[Attribute.Place.PDP.value],
        help_text=gettext_lazy("Where a shop shows the attribute; nowhere means internal."),
    )

    class Meta:
        model = Attribute
        fields = ("input_type", "allow_input", "visibility")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial |= {
                "values": [each.value for each in self.instance.predefined()],
                "visibility": in_order(self.instance.visibility),
            }
            for name in ("key_text", "is_super", "input_type"):
                del self.fields[name]
            if self.instance.key.is_super:
                self._limit_super(self.fields["allow_input"])
        else:
            self.initial.setdefault("key_text", self.request.GET.get("key", "")[:255])

    def _limit_super(self, field: forms.Field) -> None:
        """Only a file brings a super attribute with free input; it keeps that until somebody takes it away (3.2)."""
        if self.instance.allow_input:
            field.help_text = FREE_SUPER
        else:
            field.disabled = True
            field.help_text = ONLY_PREDEFINED

    def clean_key_text(self) -> str:
        text = self.cleaned_data["key_text"].strip()
        if Attribute.objects.filter(key__key=text).exists():
            raise forms.ValidationError(_("This key is declared already. Choose another one."), code="taken")
        return text

    def clean_visibility(self) -> list[str]:
        return in_order(self.cleaned_data["visibility"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        is_super = self.instance.key.is_super if self.instance.pk else cleaned.get("is_super", False)
        held = bool(self.instance.pk and Attribute.objects.get(pk=self.instance.pk).allow_input)
        declaring.refuse_super_with_free_input(
            is_super=is_super, allow_input=cleaned.get("allow_input", False), held_before=held
        )
        self._refuse_forged()
        self._check_super(cleaned)
        if self.instance.pk and "values" in cleaned:
            self._ask_about_removed(cleaned["values"])
        if (
            "values" in cleaned
            and not cleaned["values"]
            and not (cleaned.get("allow_input") and not is_super)
        ):
            self.add_error("values", _("Type at least one predefined value, or allow other values."))
        return cleaned

    def _refuse_forged(self) -> None:
        """A locked tick that is sent all the same gets the answer that creating gives."""
        field = self.fields.get("allow_input")
        if field and field.disabled and self.data.get(self.add_prefix("allow_input")):
            declaring.refuse_super_with_free_input(is_super=True, allow_input=True)

    def _check_super(self, cleaned: dict[str, Any]) -> None:
        """A key that came by file keeps its super flag while anything uses it (3.2)."""
        text = cleaned.get("key_text")
        known = AttributeKey.objects.filter(key=text).first() if text and not self.instance.pk else None
        if known is None or known.is_super == cleaned.get("is_super", False):
            return
        users = use.in_words(use.counts([known.key])[known.key])
        if users:
            sentence = _("The super flag stays what the file said: the key is used by %(users)s.")
            self.add_error("is_super", forms.ValidationError(sentence % {"users": users}, code="conflict"))

    def _ask_about_removed(self, wanted: list[str]) -> None:
        """Removing values in use is asked about once, with their users (3.3). Products keep their text."""
        removed = [each.value for each in self.instance.predefined() if each.value not in wanted]
        found = {
            value: users for value, users in use.of_values(self.instance.key.key, removed).items() if users
        }
        asked = json.dumps(sorted(found))
        if not found or self.data.get(REMOVE) == asked:
            return
        self.fields[REMOVE] = forms.BooleanField(
            label=_("Remove these values. Who holds them keeps the text."),
            required=False,
            widget=forms.CheckboxInput(attrs={"value": asked}),
        )
        self.data = self.data.copy()
        self.data.pop(REMOVE, None)
        for value, users in found.items():
            self.add_error("values", forms.ValidationError(use.value_words(value, users), code="used"))


class BoundGeneral(BoundTab):
    """Key, type and super flag of a declaration are shown and stay."""

    @property
    def read_only(self) -> Iterator[tuple[str, Any, Any]]:
        yield from super().read_only
        if self.record:
            is_super = _("Yes") if self.record.key.is_super else _("No")
            yield _("Super attribute"), is_super, _("Key, type and super flag are fixed after creation.")


class GeneralTab(Tab):
    def bind(self, request: Any, record: Any, form: ScreenForm) -> BoundTab:
        return BoundGeneral(self, request, record, form)


class NamesForm(ScreenForm):
    """Names per locale."""

    class Meta:
        model = Attribute
        fields = ("name",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        key = GLOSSARY_PREFIX + self.instance.key.key
        field = self.fields["name"]
        field.required = True
        field.widget.fallbacks = glossary_texts([key]).get(key, {})


class BoundValues(BoundTab):
    """One box per predefined value and locale."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        data = self.form.data if self.form.is_bound else None
        self.locales = content_locales()
        self.rows = list(self.record.values.all())
        names = [f"t.{row.pk}.{code}" for row in self.rows for code in self.locales]
        self.is_sent = data is not None and any(name in data for name in names)
        is_translated = any(row.translations for row in self.rows)
        self.is_ticked = "translate_values" in data if self.is_sent else is_translated
        self.lines = [
            (row, [(code, f"t.{row.pk}.{code}", self._text(data, row, code)) for code in self.locales])
            for row in self.rows
        ]
        self.missing: list[tuple[str, str]] = []
        self.drop, self.asks_to_drop, self.marks_empty = DROP, False, False

    def _text(self, data: Any, row: Any, code: str) -> str:
        name = f"t.{row.pk}.{code}"
        return data[name].strip() if data is not None and name in data else row.translations.get(code, "")

    def is_valid(self) -> bool:
        if self.is_sent:
            self.missing = self._untranslated() if self.is_ticked else self._lost()
        return not self.missing

    def _untranslated(self) -> list[tuple[str, str]]:
        """One sentence per language, however many values lack their text; the boxes are marked."""
        empty: dict[str, list[tuple[str, str]]] = {}
        for row, boxes in self.lines:
            for code, name, text in boxes:
                if not text:
                    empty.setdefault(code, []).append((name, row.value))
        self.marks_empty = bool(empty)
        return [(f"#{found[0][0]}", _lacking(code, found)) for code, found in empty.items()]

    def _lost(self) -> list[tuple[str, str]]:
        """Taking the tick away removes every translation, so it is asked about (3.4)."""
        number = sum(len(row.translations) for row in self.rows)
        self.asks_to_drop = bool(number) and DROP not in self.form.data
        if not self.asks_to_drop:
            return []
        sentence = ngettext(
            "%(n)s translation of the values would be removed. Confirm it, or tick “Translate predefined values”.",
            "%(n)s translations of the values would be removed. Confirm it, or tick “Translate predefined values”.",
            number,
        )
        return [(f"#{DROP}", sentence % {"n": f"{number:,}"})]

    @property
    def problems(self) -> list[tuple[str, str]]:
        return self.missing

    def wanted(self) -> list[declaring.PredefinedValue]:
        """The values with the translations typed; without the tick none. Locales that are not shown are kept."""
        if not self.is_sent:
            return self.record.predefined()
        found = []
        for row, boxes in self.lines:
            hidden = {code: text for code, text in row.translations.items() if code not in self.locales}
            typed = {code: text for code, _name, text in boxes if text}
            found.append(declaring.PredefinedValue(row.value, {**hidden, **typed} if self.is_ticked else {}))
        return found

    def has_changed(self) -> bool:
        return self.wanted() != self.record.predefined()

    def save(self, record: Attribute, recorder: Any) -> None:
        declaring.set_values(record, self.wanted())


def _lacking(code: str, found: list[tuple[str, str]]) -> str:
    """What a language lacks: the only value, or the first of them and their number."""
    value = Truncator(found[0][1]).chars(60)
    if len(found) == 1:
        return _("%(value)s: type a translation for %(locale)s.") % {"value": value, "locale": code}
    sentence = _("%(locale)s: %(n)s values need a translation, the first is “%(value)s”.")
    return sentence % {"locale": code, "n": f"{len(found):,}", "value": value}


class ValuesTab(Tab):
    template = "attributes/values_tab.html"

    def bind(self, request: Any, record: Any, form: ScreenForm) -> BoundTab:
        return BoundValues(self, request, record, form)


def key_suggestions(text: str, limit: int = 10) -> list[str]:
    """Keys that came by file and wait for a declaration."""
    found = AttributeKey.objects.undeclared().filter(search__contains=normalise(text)).order_by("key")
    return list(found.values_list("key", flat=True)[:limit])
