"""Boxes of the product forms: days that are stored as moments, categories found by typing, an address per locale."""

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.templatetags.console import short_day
from backoffice.fields import LocalizedBoundField, LocalizedWidget
from catalog.categories.models import Category
from catalog.products.models.products import COLOURS
from catalog.urls.slugs import LONGEST, RULE, is_path


def first_moment(day: datetime.date | None) -> datetime.datetime | None:
    """The start of a day in the user's time zone."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min)) if day else None


def last_moment(day: datetime.date | None) -> datetime.datetime | None:
    """The end of a day in the user's time zone."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.max)) if day else None


def day_of(moment: datetime.datetime | None) -> datetime.date | None:
    return timezone.localtime(moment).date() if moment else None


def swatch(code: str) -> SafeString:
    """The colour itself; no style, because the policy of our pages allows none. Nothing for what is no colour."""
    is_colour = code.lower() in COLOURS or re.fullmatch("#[0-9A-Fa-f]{6}", code)
    fill = format_html(' fill="{}"', code) if is_colour else ""
    return format_html(
        '<svg class="bo-swatch" viewBox="0 0 20 20" aria-hidden="true" data-swatch>'
        '<rect x=".5" y=".5" width="19" height="19" rx="4"{}/></svg>',
        fill,
    )


class ColourInput(forms.TextInput):
    """A colour code with its swatch beside it."""

    template_name = "products/colour_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "swatch": swatch(value or "")}


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class CategoriesWidget(forms.Widget):
    """The chosen categories as ticks, and a box for more: keys separated by commas, with suggestions."""

    template_name = "products/categories_widget.html"
    use_fieldset = True
    suggestions = ""
    """The address that answers ``?q=`` with matching categories."""
    offered: QuerySet[Category] = Category.objects.none()
    locale = ""

    class Media:
        js = (forms.Script("backoffice/product-form.js", defer=True),)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_add"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, Any]:
        listed = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return {"ids": listed, "typed": data.get(f"{name}.add", "")}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}.add" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        given = value if isinstance(value, Mapping) else {"ids": value or [], "typed": ""}
        ids = [int(pk) for pk in given["ids"] if str(pk).isdecimal() and len(str(pk)) < 19]
        chosen = self.offered.filter(pk__in=ids).with_name(self.locale) if ids else ()
        context["widget"] |= {
            "chosen": chosen,
            "typed": given["typed"],
            "suggestions": self.suggestions,
            "invalid": context["widget"]["attrs"].get("aria-invalid"),
        }
        return context


class CategoriesField(forms.Field):
    """Cleans to the chosen categories as a list. ``offered`` are those the user may use (0.12)."""

    widget = CategoriesWidget
    default_error_messages = {
        "unknown": gettext_lazy("There is no category “%(key)s”. Type its key, or choose a suggestion."),
        "required": gettext_lazy("Choose at least one of your categories."),
    }

    def __init__(self, **options: Any) -> None:
        self.offered: QuerySet[Category] = Category.objects.all()
        super().__init__(**options)

    def offer(self, categories: QuerySet[Category], *, suggestions: str, locale: str) -> None:
        self.offered = self.widget.offered = categories
        self.widget.suggestions, self.widget.locale = suggestions, locale

    def to_python(self, value: Any) -> list[Category]:
        given = value if isinstance(value, Mapping) else {"ids": value or [], "typed": ""}
        ids = {int(pk) for pk in given["ids"] if str(pk).isdecimal() and len(str(pk)) < 19}
        keys = list(
            dict.fromkeys(part.strip() for part in re.split(r"[,;\n]", given["typed"]) if part.strip())
        )
        found = {row.pk: row for row in self.offered.filter(pk__in=ids)} if ids else {}
        by_key = {row.key: row for row in self.offered.filter(key__in=keys)} if keys else {}
        unknown = [key for key in keys if key not in by_key]
        if unknown:
            raise forms.ValidationError(
                self.error_messages["unknown"], code="unknown_reference", params={"key": unknown[0]}
            )
        found |= {row.pk: row for row in by_key.values()}
        return [found[pk] for pk in sorted(found)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        ids = {int(pk) for pk in (data or {}).get("ids", ()) if str(pk).isdecimal() and len(str(pk)) < 19}
        return ids != set(initial or ()) or bool((data or {}).get("typed", "").strip())


class PathsField(forms.Field):
    """An address per locale. Empty means the generated one."""

    is_per_locale = True
    widget = LocalizedWidget
    default_error_messages = {
        "bad_url": gettext_lazy("%(locale)s: %(rule)s."),
        "too_long": gettext_lazy("%(locale)s: an address has at most 255 characters."),
    }

    def get_bound_field(self, form: Any, field_name: str) -> forms.BoundField:
        bound = LocalizedBoundField(form, self, field_name)
        self.widget.label, self.widget.is_required = bound.label, self.required
        return bound

    def to_python(self, value: Any) -> dict[str, str]:
        typed = {code: (text or "").strip() for code, text in (value or {}).items()}
        return {code: text for code, text in typed.items() if text}

    def validate(self, value: dict[str, str]) -> None:
        problems = [
            forms.ValidationError(
                self.error_messages[code], code=code, params={"locale": locale, "rule": RULE}
            )
            for locale, path in value.items()
            for code in _path_problems(path)
        ]
        if problems:
            raise forms.ValidationError(problems)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


def _path_problems(path: str) -> Iterable[str]:
    if not is_path(path):
        yield "bad_url"
    elif len(path) > LONGEST:
        yield "too_long"


def more_days(day: datetime.date) -> str:
    """The sentence for an end that does not come after its beginning."""
    return _("Pick a day after %(day)s.") % {"day": short_day(day)}
