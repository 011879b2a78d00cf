"""Fields the rooms share: a text per locale, and money in minor units."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice.texts import content_locales


def short_code(code: str, codes: Sequence[str]) -> str:
    """How a switcher names a locale: ``DE``, or ``de-AT`` where two locales share the language."""
    is_alone = sum(other[:2] == code[:2] for other in codes) == 1
    return code[:2].upper() if is_alone else code.replace("_", "-")


class LocalizedWidget(forms.Widget):
    """One box per content locale, with a switcher and *copy to other languages*; stacked without scripts.

    ``fallbacks`` are texts that stand in where one is missing, shown in grey.
    """

    template_name = "console/widgets/localized.html"

    def __init__(self, attrs: dict[str, Any] | None = None, multiline: bool = False) -> None:
        self.multiline = multiline
        self.fallbacks: Mapping[str, str] = {}
        self.label = ""
        self.wrong: set[str] = set()
        """The locales whose texts are wrong; none named means all of them."""
        super().__init__(attrs)

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def id_for_label(self, id_: str) -> str:
        codes = content_locales()
        first = next((code for code in codes if code in self.wrong), codes[0])
        return f"{id_}_{first}" if id_ else id_

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        texts = value if isinstance(value, Mapping) else {}
        shared = context["widget"]["attrs"]
        base_id = shared.get("id", f"id_{name}")
        codes = content_locales()
        context["widget"] |= {
            "multiline": self.multiline,
            "label": self.label,
            "required": self.is_required,
            "describedby": shared.get("aria-describedby"),
        }
        context["widget"]["locales"] = [
            {
                "code": code,
                "lang": code.replace("_", "-"),
                "short": short_code(code, codes),
                "name": f"{name}.{code}",
                "id": f"{base_id}_{code}",
                "value": texts.get(code, ""),
                "is_wrong": bool(shared.get("aria-invalid")) and (not self.wrong or code in self.wrong),
                "has_lines": self.multiline or "\n" in texts.get(code, ""),
                "fallback": self.fallbacks.get(code, ""),
            }
            for code in codes
        ]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str] | None:
        codes = [code for code in content_locales() if f"{name}.{code}" in data]
        return {code: data[f"{name}.{code}"] for code in codes} if codes else None

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(key.startswith(f"{name}.") for key in data)


class LocalizedBoundField(forms.BoundField):
    """Marks the boxes that are wrong, and leads to the first of them; a problem names its locales in its params."""

    @property
    def wrong(self) -> set[str]:
        named = [problem.params or {} for problem in self.errors.as_data()]
        found = [{*params.get("wrong", ()), params.get("locale", "")} - {""} for params in named]
        return set().union(*found) if all(found) else set()

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        self.field.widget.wrong = self.wrong
        return super().build_widget_attrs(attrs, widget)

    @property
    def id_for_label(self) -> str:
        self.field.widget.wrong = self.wrong
        return super().id_for_label


class LocalizedFormField(forms.Field):
    """Cleans ``{locale: text}``. Texts of locales that are not shown are kept as they were."""

    widget = LocalizedWidget
    default_error_messages = {
        "required_in": _("Type a text for %(locales)s."),
        "too_long": _("%(locale)s: at most %(limit)d characters, this text has %(length)d."),
        "control_char": _("%(locale)s: the text holds a control character. Remove it."),
    }

    def __init__(self, *, max_length: int | None = None, **options: Any) -> None:
        self.max_length = max_length
        self.kept: Mapping[str, str] = {}
        super().__init__(**options)

    def get_bound_field(self, form: Any, field_name: str) -> forms.BoundField:
        bound = LocalizedBoundField(form, self, field_name)
        self.widget.label, self.widget.is_required = bound.label, self.required
        return bound

    def to_python(self, value: Any) -> dict[str, str]:
        shown = {code: self._typed(code, text or "") for code, text in (value or {}).items()}
        hidden = {code: text for code, text in self.kept.items() if code not in shown}
        return {code: text for code, text in {**hidden, **shown}.items() if text}

    def _typed(self, code: str, text: str) -> str:
        """The text without blanks around it; one that was not touched stays exactly as it was imported."""
        plain = text.replace("\r\n", "\n").strip()
        kept = self.kept.get(code, "")
        return kept if plain == kept.replace("\r\n", "\n").strip() else plain

    def validate(self, value: dict[str, str]) -> None:
        problems = [*self._length_problems(value), *self._sign_problems(value)]
        if self.required:
            missing = [code for code in content_locales() if not value.get(code)]
            missing = [code for code in missing if not self.widget.fallbacks.get(code)]
            if missing:
                problems.append(
                    ValidationError(
                        self.error_messages["required_in"],
                        code="required",
                        params={
                            "locales": ", ".join(short_code(code, content_locales()) for code in missing),
                            "wrong": missing,
                        },
                    )
                )
        if problems:
            raise ValidationError(problems)

    def _length_problems(self, value: dict[str, str]) -> list[ValidationError]:
        limit = self.max_length
        return [
            ValidationError(
                self.error_messages["too_long"],
                code="too_long",
                params={"locale": code, "limit": limit, "length": len(text)},
            )
            for code, text in value.items()
            if limit and len(text) > limit
        ]

    def _sign_problems(self, value: dict[str, str]) -> list[ValidationError]:
        return [
            ValidationError(self.error_messages["control_char"], code="control_char", params={"locale": code})
            for code, text in value.items()
            if any(ord(c) < 32 and c not in "\t\n\r" for c in text)
        ]

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = {code: text for code, text in (initial or {}).items() if text}
        return before != self.to_python(data)


class LocalizedField(models.JSONField):
    """A text per content locale, stored as ``{"en_US": "Carton"}`` without empty texts.

    ``max_length`` holds for each text. A missing text is never stored as an empty one.
    """

    def __init__(
        self, *args: Any, max_length: int | None = 255, multiline: bool = False, **options: Any
    ) -> None:
        self.text_length, self.multiline = max_length, multiline
        super().__init__(*args, **{"default": dict, "blank": True, **options})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "max_length": self.text_length, "multiline": self.multiline}

    def formfield(self, **options: Any) -> forms.Field:
        form_class = options.get("form_class") or LocalizedFormField
        return form_class(
            label=capfirst(self.verbose_name),
            help_text=self.help_text,
            required=not self.blank,
            max_length=self.text_length,
            widget=form_class.widget(multiline=self.multiline),
        )


class MapField(models.JSONField):
    """A map whose entries history records, and undo puts back, one by one: ``attributes.weight``. With two
    ``levels`` it is a map per locale: ``attributes_localized.de_DE.weight``."""

    def __init__(self, *args: Any, levels: int = 1, **options: Any) -> None:
        self.levels = levels
        super().__init__(*args, **{"default": dict, "blank": True, **options})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "levels": self.levels}

    def entries(self, value: Mapping[str, Any] | None) -> dict[str, Any]:
        """The map as flat entries."""
        if self.levels == 1:
            return dict(value or {})
        return {
            f"{outer}.{key}": held for outer, inner in (value or {}).items() for key, held in inner.items()
        }

    def with_entry(self, value: Mapping[str, Any] | None, path: str, held: Any) -> dict[str, Any]:
        """The map with one entry set, or left out when ``held`` is None."""
        name, _dot, key = path.partition(".") if self.levels == 2 else (path, "", "")
        if key:
            held = _with(value.get(name, {}) if value else {}, key, held) or None
        return _with(value or {}, name, held)


def _with(entries: Mapping[str, Any], name: str, held: Any) -> dict[str, Any]:
    return {each: kept for each, kept in {**entries, name: held}.items() if kept is not None}


class MinorUnits(models.IntegerField):
    """Money as whole minor units of its currency, 0 … 2,147,483,647 (prices-and-taxes 1.3). Null is "no amount"."""

    description = _("Money in minor units")


def to_minor_units(text: str, *, digits: int, decimal_sign: str = ".") -> int | None:
    """Read a typed amount in major units. Accepts ``12.34`` and ``12,34``; with both signs the last one is the
    decimal sign (working-day 12.2). Never rounds: too many decimals or an ambiguous group raise ValidationError."""
    plain = "".join(text.split()).replace("'", "").replace("’", "")
    if not plain:
        return None
    signs = [c for c in plain if c in ".,"]
    if len(set(signs)) == 2:
        last = signs[-1]
        plain = plain.replace("," if last == "." else ".", "").replace(last, ".")
    elif len(signs) > 1:
        plain = plain.replace(signs[0], "")
    elif signs:
        whole, rest = plain.split(signs[0])
        if len(rest) == 3 and whole.lstrip("-0") and signs[0] != decimal_sign:
            raise ValidationError(
                _("%(typed)s can be read as %(whole)s or %(fraction)s. Type it without the separator."),
                code="ambiguous",
                params={"typed": text, "whole": whole + rest, "fraction": f"{whole}{decimal_sign}{rest}"},
            )
        plain = f"{whole}.{rest}"
    try:
        amount = Decimal(plain).scaleb(digits)
    except InvalidOperation:
        raise ValidationError(_("Type an amount such as 12.34."), code="invalid") from None
    if amount != amount.to_integral_value():
        raise ValidationError(
            _("At most %(digits)d decimals in this currency."), code="decimals", params={"digits": digits}
        )
    return int(amount)
