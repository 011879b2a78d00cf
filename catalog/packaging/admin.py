"""The packaging types screen (spec: packaging-and-units 3.1)."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.forms import ScreenForm, Tab
from backoffice.console.lists import Column, DateRange
from backoffice.console.screens import ScreenAdmin
from backoffice.console.site import site
from backoffice.texts import preferred_locales
from catalog.packaging.models import PackagingType, key_for
from catalog.stores.filters import NAME_MISSING
from catalog.stores.glossary import glossary_texts


class PackagingTypeForm(ScreenForm):
    """Names per locale. The key is made from the name in the first locale when the type is created."""

    errors_under: ClassVar[dict[str, str]] = {"key": "name"}

    class Meta:
        model = PackagingType
        fields = ("name",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["name"]
        field.required = True
        field.help_text = _("At most 255 characters per language.")
        if not self.instance.pk:
            first = preferred_locales(self.request.user.content_locale)[0]
            field.help_text += " " + _(
                "The key is made of the name in %(locale)s when you save: packaging_unit_type.….name"
            ) % {"locale": first}
        else:
            field.widget.fallbacks = glossary_texts([self.instance.key]).get(self.instance.key, {})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.instance.pk and cleaned.get("name"):
            first = preferred_locales(self.request.user.content_locale)[0]
            text = cleaned["name"].get(first) or next(iter(cleaned["name"].values()))
            self.instance.key = key_for(text)
            if not slugify(text):
                self.add_error("name", _("The key is made of this name. Use at least one letter or digit."))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - ({"key"} if self.instance.key else set())


KEY_FIXED = gettext_lazy("Fixed after creation: files and the glossary name the type by it.")


@admin.register(PackagingType, site=site)
class PackagingTypeAdmin(ScreenAdmin):
    icon = "package"
    form = PackagingTypeForm
    files = ("product_packaging_unit_type",)
    tabs = (Tab("general", gettext_lazy("General"), fields=("name",), read_only={"key": KEY_FIXED}),)
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=2),
        Column("shown_name", gettext_lazy("Name"), link=True),
        Column("key", sort="key", mono=True),
        Column("updated_at", sort="updated_at", priority=2),
    )
    list_filters = (
        NAME_MISSING,
        DateRange("updated_at", gettext_lazy("Changed")),
    )
    list_order = ("key",)
    search_hint = gettext_lazy("Key or name")
    code_field = "key"
    empty_text = gettext_lazy("A packaging type says what a product is packed in: item, carton, coil.")

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.with_name(request.user.content_locale)

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        return found.named_like(text)

    def fallbacks(self, record: PackagingType, name: str) -> dict[str, str]:
        return glossary_texts([record.key]).get(record.key, {})

    def title_of(self, request: HttpRequest, record: PackagingType) -> str:
        return record.name_in(request.user.content_locale)

    def key_of(self, record: PackagingType) -> str:
        return record.key

    def why_not_delete(self, request: HttpRequest, record: PackagingType) -> str:
        if record.is_system:
            return _("This type is always present: every product can be sold by the item.")
        return ""
