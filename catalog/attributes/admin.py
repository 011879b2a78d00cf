"""The screens of attributes (spec: attributes 3)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import editing
from backoffice.console.deleting import Touched, adds_impact
from backoffice.console.facts import Texts
from backoffice.console.forms import ScreenForm, Tab
from backoffice.console.lists import Choice, Column, DateRange, YesNo, tags
from backoffice.console.paging import Count
from backoffice.console.screens import Action, Screen, ScreenAdmin
from backoffice.console.site import site
from backoffice.history.recording import Recorder, Snapshot
from catalog.attributes import declaring, use
from catalog.attributes.forms import (
    FREE_SUPER,
    AttributeForm,
    GeneralTab,
    NamesForm,
    ValuesTab,
    key_suggestions,
)
from catalog.attributes.models import GLOSSARY_PREFIX, Attribute, AttributeKey
from catalog.stores.filters import NAME_MISSING
from catalog.stores.glossary import glossary_texts

NOWHERE = "none"
SHOWN = 200
"""So many characters of a predefined value are shown."""
FORBIDS = gettext_lazy("use the key and forbid the deletion")
PLACES = (*Attribute.Place.choices, (NOWHERE, gettext_lazy("None (internal)")))


def shown_at(rows: QuerySet[Attribute], places: list[str]) -> QuerySet[Attribute]:
    """An attribute with several places is found under each of them."""
    wanted = Q(visibility__overlap=[place for place in places if place != NOWHERE])
    return rows.filter(wanted | Q(visibility=[]) if NOWHERE in places else wanted)


def used_by(rows: QuerySet[Attribute], yes: bool) -> QuerySet[Attribute]:
    """Attributes whose key is held by anything, or by nothing."""
    keys = use.used(list(rows.order_by().values_list("key__key", flat=True)))
    return rows.filter(key__key__in=keys) if yes else rows.exclude(key__key__in=keys)


def used_keys(rows: QuerySet[AttributeKey], yes: bool) -> QuerySet[AttributeKey]:
    keys = use.used(list(rows.order_by().values_list("key", flat=True)))
    return rows.filter(key__in=keys) if yes else rows.exclude(key__in=keys)


def touched_users(record: Attribute) -> list[Touched]:
    """What uses the key forbids its deletion (3.6)."""
    found = use.counts([record.key.key])[record.key.key]
    lines = [
        Touched(
            str(each.users.label), Count(min(each.seen, use.CAP), each.seen > use.CAP), FORBIDS, forbids=True
        )
        for each in use.seen(found)
    ]
    if found and not lines:
        lines = [Touched(_("Records you may not see"), Count(1, True), FORBIDS, forbids=True)]
    return lines


adds_impact(Attribute, touched_users)


def without_values(rows: QuerySet[Attribute], yes: bool) -> QuerySet[Attribute]:
    return rows.filter(values__isnull=True) if yes else rows.filter(values__isnull=False).distinct()


def listed(request: HttpRequest, key: str, found: Iterable[use.Used]) -> SafeString:
    """Who uses a key, each linked to its list."""
    linked = ((each.users.url(request, key), each) for each in use.seen(found))
    parts = (
        format_html('<a href="{}">{}</a>', url, each) if url else format_html("{}", each)
        for url, each in linked
    )
    return format_html_join(", ", "{}", ((part,) for part in parts))


def free_input(record: Attribute) -> Any:
    """Whether other values are allowed; of a super attribute with the notice that only a file can bring that."""
    if not (record.allow_input and record.key.is_super):
        return record.allow_input
    return format_html('{} <span class="bo-muted">{}</span>', _("Yes"), FREE_SUPER)


def value_tags(names: Sequence[str], users: Mapping[str, Iterable[use.Used]]) -> SafeString:
    """Each value in a frame of its own, because a value may hold a comma; those in use with their users."""
    seen = {name: use.seen(users[name]) for name in names}
    parts = (
        (Truncator(name).chars(SHOWN), format_html(" ({})", use.in_words(seen[name])) if seen[name] else "")
        for name in names
    )
    return format_html_join(" ", '<span class="bo-tag is-text">{}</span>{}', parts)


def translated(record: Attribute) -> list[tuple[str, Texts]]:
    """Each predefined value with its translations, where any value has one (3.5)."""
    values = record.predefined()
    if not any(each.translations for each in values):
        return []
    return [(Truncator(each.value).chars(SHOWN), Texts.of(each.translations, {})) for each in values]


@admin.register(Attribute, site=site)
class AttributeAdmin(ScreenAdmin):
    icon = "sliders-horizontal"
    form = AttributeForm
    files = ("product_management_attribute", "product_attribute_key")
    tabs = (
        GeneralTab(
            "general",
            gettext_lazy("General"),
            fields=(
                *("key_text", "input_type", "is_super", "visibility"),
                *("values", "remove_used", "allow_input"),
            ),
            read_only={"key": "", "input_type": ""},
        ),
    )
    screens = (
        Screen("suggest/", "suggest_view", "suggest", "add"),
        Screen("<int:pk>/translations/", "translations_view", "translations", "translate"),
    )
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True),
        Column("key", link=True, sort="key__key", mono=True),
        Column("shown_name", gettext_lazy("Name")),
        Column("is_super", gettext_lazy("Super"), value=lambda row: row.key.is_super, sort="key__is_super"),
        Column("input_type", value=lambda row: row.get_input_type_display(), sort="input_type"),
        Column("visibility", value=lambda row: tags(row.visibility), priority=1),
        Column("value_count", gettext_lazy("Values"), num=True),
        Column("used_by", gettext_lazy("Used by"), priority=1),
    )
    list_filters = (
        Choice("place", gettext_lazy("Display at"), choices=PLACES, apply=shown_at),
        Choice("input_type", gettext_lazy("Type"), choices=Attribute.InputType.choices),
        YesNo("super", gettext_lazy("Super"), apply=lambda rows, yes: rows.filter(key__is_super=yes)),
        YesNo("allow_input", gettext_lazy("Allows other values")),
        YesNo("used", gettext_lazy("Used"), apply=used_by),
        YesNo("no_values", gettext_lazy("Without predefined values"), apply=without_values),
        NAME_MISSING,
        DateRange("updated_at", gettext_lazy("Changed")),
    )
    list_order = ("pk",)
    search_hint = gettext_lazy("Key, name or type")
    code_field = "key__key"
    empty_text = gettext_lazy("An attribute describes a product fact: colour, torque, size.")

    # --- rows ------------------------------------------------------------------------------------

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.select_related("key").with_name(request.user.content_locale).with_value_count()

    def prepared(self, request: HttpRequest, found: list[Attribute]) -> list[Attribute]:
        users = use.counts(row.key.key for row in found)
        for row in found:
            row.used_by = listed(request, row.key.key, users[row.key.key])
        return found

    def visible_rows(self, request: HttpRequest, action: str = "view") -> QuerySet:
        return super().visible_rows(request, action).select_related("key")

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        return found.named_like(text)

    def title_of(self, request: HttpRequest, record: Attribute) -> str:
        return record.name_in(request.user.content_locale)

    def key_of(self, record: Attribute) -> str:
        return record.key.key

    def row_actions_maker(self, request: HttpRequest, back: str) -> Callable[[Any], list[Action]]:
        """View, Edit, Translations, Delete (3.1)."""
        tail = f"?{back}" if back else ""
        view, translations = self.url("view", pk=0), self.url("translations", pk=0)
        standard, may_translate = super().row_actions_maker(request, back), self.may(request, "translate")

        def actions(row: Attribute) -> list[Action]:
            pk = f"/{row.pk}/"
            edit = standard(row)
            found = [Action(_("View"), view.replace("/0/", pk, 1) + tail, "eye")]
            found += [action for action in edit if action.css != "is-bad"]
            if may_translate:
                found.append(
                    Action(_("Translations"), translations.replace("/0/", pk, 1) + tail, "languages")
                )
            return [*found, *(action for action in edit if action.css == "is-bad")]

        return actions

    def record_pages(self, request: HttpRequest, record: Attribute) -> list[tuple[Any, str]]:
        may = self.may(request, "translate")
        return [(_("Translations"), self.url("translations", pk=record.pk))] if may else []

    def fallbacks(self, record: Attribute, name: str) -> dict[str, str]:
        key = GLOSSARY_PREFIX + record.key.key
        return glossary_texts([key]).get(key, {})

    def facts(self, request: HttpRequest, record: Attribute, tab: Tab) -> list[tuple[str, Any]]:
        key, names = record.key.key, [each.value for each in record.predefined()]
        users = use.of_values(key, names)
        named = Tab("names", "", fields=("name",))
        return [
            (_("Key"), record.key.key),
            (_("Type"), record.get_input_type_display()),
            (_("Super attribute"), record.key.is_super),
            (_("Display at"), ", ".join(record.visibility) or _("internal")),
            (_("Predefined values"), value_tags(names, users)),
            (_("Allow other values"), free_input(record)),
            (_("Used by"), listed(request, key, use.counts([key])[key])),
            *super().facts(request, record, named),
            *translated(record),
        ]

    def suggest_view(self, request: HttpRequest) -> HttpResponse:
        """Keys that wait for a declaration, as ``{"offered": [[key, users], …]}``."""
        text = request.GET.get("q", "").replace("\x00", "").strip()[:255]
        keys = key_suggestions(text) if text else []
        users = use.counts(keys)
        return JsonResponse({"offered": [[key, use.in_words(use.seen(users[key]))] for key in keys]})

    # --- writing ---------------------------------------------------------------------------------

    def state(self, record: Attribute) -> Snapshot:
        return declaring.state(record)

    def save(self, request: HttpRequest, form: AttributeForm, recorder: Recorder) -> Attribute:
        cleaned = form.cleaned_data
        if not form.instance.pk:
            form.instance.key = declaring.key_to_declare(
                cleaned["key_text"], is_super=cleaned["is_super"], recorder=recorder
            )
        attribute = form.save()
        kept = {each.value: each for each in attribute.predefined()}
        wanted = [kept.get(v) or declaring.PredefinedValue(v, {}) for v in cleaned["values"]]
        declaring.set_values(attribute, wanted)
        return attribute

    def why_not_delete(self, request: HttpRequest, record: Attribute) -> str:
        found = use.in_words(use.counts([record.key.key])[record.key.key])
        text = _("The key is used by %(users)s. Remove it there first.")
        return text % {"users": found} if found else ""

    def why_not_delete_each(self, request: HttpRequest, records: Sequence[Attribute]) -> dict[int, str]:
        held = use.used([record.key.key for record in records])
        return super().why_not_delete_each(request, [record for record in records if record.key.key in held])

    def remove(self, request: HttpRequest, record: Attribute, recorder: Recorder) -> None:
        """Declaration, values and key go together (3.6)."""
        key = record.key
        super().remove(request, record, recorder)
        recorder.deleted(key)
        key.delete()

    def after_add(self, request: HttpRequest, record: Attribute) -> str:
        """From a first save on to the translations (3.2)."""
        return self.url("translations", pk=record.pk) if self.may(request, "translate") else ""

    # --- translations ----------------------------------------------------------------------------

    @cached_property
    def translations(self) -> "Translations":
        return Translations(self.model, self.admin_site)

    def form_screens(self) -> list[ScreenAdmin]:
        return [self, self.translations]

    def translations_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return editing.change(request, self.translations, pk)


class Translations(AttributeAdmin):
    """The second page of the form: names and translated values, with a right of its own."""

    form: type[ScreenForm] = NamesForm
    tabs = (
        Tab("names", gettext_lazy("Names"), fields=("name",)),
        ValuesTab("values", gettext_lazy("Predefined values")),
    )
    change_right = "translate"
    change_page = "translations"
    change_label = gettext_lazy("Translations")

    @property
    def owner(self) -> ScreenAdmin:
        return self.admin_site._registry[Attribute]

    def frame(self, request: HttpRequest, **context: Any) -> dict[str, Any]:
        """The page belongs to the registered screen of attributes."""
        return self.owner.frame(request, **context)

    def save(self, request: HttpRequest, form: ScreenForm, recorder: Recorder) -> Attribute:
        return form.save()

    def after_change(self, request: HttpRequest, record: Attribute) -> str:
        """To the page of the attribute (3.4)."""
        return self.url("view", pk=record.pk)


@admin.register(AttributeKey, site=site)
class UndeclaredKeyAdmin(ScreenAdmin):
    """Keys that came by file and have no declaration yet."""

    icon = "sliders-horizontal"
    tab_label = gettext_lazy("Undeclared keys")
    rights_model = Attribute
    can_add = can_change = can_delete = False
    list_columns = (
        Column("key", link=True, sort="key", mono=True),
        Column("is_super", sort="is_super"),
        Column("used_by", gettext_lazy("Used by")),
        Column("example", gettext_lazy("Example"), mono=True),
        Column("updated_at", priority=1),
    )
    list_filters = (YesNo("used", gettext_lazy("Used"), apply=used_keys),)
    list_order = ("key",)
    search_hint = gettext_lazy("Key")
    code_field = "key"
    empty_text = gettext_lazy("Keys that came with a file and wait for a declaration appear here.")
    tabs = (Tab("general", gettext_lazy("General"), read_only={"key": "", "is_super": ""}),)

    def list_rows(self, request: HttpRequest) -> QuerySet:
        return self.visible_rows(request).undeclared()

    def prepared(self, request: HttpRequest, found: list[AttributeKey]) -> list[AttributeKey]:
        keys = [row.key for row in found]
        users, examples = use.counts(keys), use.examples(keys)
        for row in found:
            row.used_by, row.example = listed(request, row.key, users[row.key]), examples.get(row.key, "")
        return found

    def row_actions_maker(self, request: HttpRequest, back: str) -> Any:
        attributes = self.admin_site._registry[Attribute]
        if not attributes.has_add_permission(request):
            return lambda row: []
        address = attributes.url("add")
        return lambda row: [Action(_("Declare"), f"{address}?{urlencode({'key': row.key})}", "plus")]
