"""The grid in which the attributes of a product or a variant are managed: a tab for the form of a product, and a page
for both (spec: attributes 4, products 11)."""

import json
from typing import Any

from django.db.models import Model
from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.console.comparing import changes_of
from backoffice.console.forms import BoundTab, Compared, ScreenForm, Tab, merge
from backoffice.history.models import Change
from backoffice.texts import content_locales, normalise
from catalog.attributes.models import Attribute, AttributeKey
from catalog.products import assigning, attribute_markup
from catalog.products.assigning import Maps, Value
from catalog.products.attribute_cells import (
    PREFIX,
    Cell,
    Row,
    flat,
    inherit,
    maps_of,
    mark,
    path_of,
    shape,
    suggestions,
)
from catalog.products.models import Variant

HITS = 10


class BoundAttributes(BoundTab):
    """The grid for one request: stored values, what was typed, what others saved meanwhile."""

    media = Media(js=[Script("backoffice/picker.js", defer=True)])
    prefix = PREFIX

    def __init__(self, tab: Tab, request: HttpRequest, record: Model | None, form: ScreenForm) -> None:
        super().__init__(tab, request, record, form)
        is_sent = form.is_bound and f"{PREFIX}-opened" in form.data
        self.data: QueryDict = form.data if is_sent else QueryDict()
        self.is_bound, self.go = is_sent, self.data.get(f"{PREFIX}-go", "")
        if self.data.get("_save") == "enter" and self.query:
            self.go = "add"
        self.locale, self.codes = request.user.content_locale, content_locales()
        own = Maps.of(record) if record else Maps({}, {})
        self.above = Maps.of(record.product) if isinstance(record, Variant) else None
        self.stored = flat(own)
        self.opened = self._opened()
        self.added, self.message, self.hits = "", "", []
        self.dropped = set(self.data.getlist(f"{PREFIX}-drop"))
        self.posted = self._posted_keys()
        self._look_up()
        self.rows = self._rows()
        self.wanted: dict[str, Value] = dict(self.stored)
        self.faults: list[tuple[str, str]] = []
        self.states = Compared({}, {}, {})
        self.is_asked = False

    # --- which keys ------------------------------------------------------------------------------

    def _opened(self) -> dict[str, Value]:
        try:
            found = json.loads(self.data.get(f"{PREFIX}-opened", ""))
        except ValueError:
            return dict(self.stored)
        return found if isinstance(found, dict) else dict(self.stored)

    def _posted_keys(self) -> dict[str, str]:
        """The keys of the rows that were sent, with their number."""
        rows = (text.partition(":") for text in self.data.getlist(f"{PREFIX}-row"))
        return {key: number for number, _colon, key in rows if number.isdecimal()}

    def _look_up(self) -> None:
        """All keys of the grid with their declarations, and the one that is being added."""
        held = {path.partition(".")[2] for path in {**self.stored, **self.opened}}
        self.inherited = {path.partition(".")[2] for path in flat(self.above)} if self.above else set()
        self.own_keys, keys = held, {*held, *self.inherited, *self.posted}
        self.declared = assigning.declarations(keys, self.locale)
        self._search(keys)
        if self.added:
            self.declared |= assigning.declarations([self.added], self.locale)
            keys.add(self.added)
        named = AttributeKey.objects.filter(key__in=keys, is_super=True)
        self.supers = set(named.values_list("key", flat=True))
        known = {*held, *self.inherited, *(key for key in keys if key in self.declared)}
        self.keys = sorted(known, key=lambda key: (key not in self.supers, key.lower(), key))

    @property
    def query(self) -> str:
        return self.data.get(f"{PREFIX}-q", "").replace("\x00", "").strip()[:255]

    def _search(self, keys: set[str]) -> None:
        """Ten declared keys that fit what was typed; *Add* takes the one named exactly, or the only one (4.2)."""
        if self.go not in {"find", "add"} and not self.go.startswith("key:"):
            return
        text = self.go.removeprefix("key:") if self.go.startswith("key:") else self.query
        offered = Attribute.objects.filter(key__is_super=False).select_related("key")
        if self.go != "find" and text in keys:
            self.message = _("%(key)s is in the table already.") % {"key": text}
            return
        if self.go != "find" and text:
            self.added, self.message = self._named_exactly(text, keys)
            if self.added or self.message:
                return
        fitting = offered.exclude(key__key__in=keys)
        fitting = fitting.named_like(text) if normalise(text) else fitting
        self.hits = list(fitting.with_name(self.locale).order_by("key__key")[: HITS + 1])
        if self.go == "add":
            self._tell_add(text, keys)

    def _named_exactly(self, text: str, keys: set[str]) -> tuple[str, str]:
        """The key of the attribute that is called just so, by key or by a name in any language, or why it cannot be
        added."""
        fitting = Attribute.objects.select_related("key").named_like(text).order_by("key__key")
        folded = text.casefold()
        called = [
            each
            for each in fitting
            if folded in {each.key.key.casefold(), *(name.casefold() for name in each.name.values())}
        ]
        called.sort(key=lambda each: (each.key.key != text, each.key.key.casefold() != folded))
        for each in called:
            if not self._why_not_added(each, keys, text):
                return each.key.key, ""
        return "", self._why_not_added(called[0], keys, text) if called else ""

    def _why_not_added(self, attribute: Attribute, keys: set[str], text: str) -> str:
        key = attribute.key.key
        facts = {"text": text, "key": key}
        if key in keys:
            same = _("%(key)s is in the table already.")
            return (
                same if key == text else _("“%(text)s” is %(key)s, which is in the table already.")
            ) % facts
        if attribute.key.is_super:
            sentence = _("%(key)s is a super attribute: it tells variants apart and is not added here.")
            return sentence % facts
        return ""

    def _tell_add(self, text: str, keys: set[str]) -> None:
        if text and len(self.hits) == 1:
            self.added, self.hits = self.hits[0].key.key, []
        elif text and not self.hits:
            others = Attribute.objects.select_related("key").named_like(text).order_by("key__key")[:HITS]
            told = (self._why_not_added(each, keys, text) for each in others)
            nothing = _("There is no declared attribute “%(key)s”.") % {"key": text}
            self.message = next((sentence for sentence in told if sentence), nothing)
        elif not text:
            self.message = _("Choose an attribute to add.")

    @property
    def is_cut(self) -> bool:
        """Whether more attributes fit than are offered."""
        return len(self.hits) > HITS

    @property
    def shown_hits(self) -> list[Attribute]:
        return self.hits[:HITS]

    # --- the grid --------------------------------------------------------------------------------

    def _rows(self) -> list[Row]:
        numbers = {key: int(number) for key, number in self.posted.items()}
        fresh = max(numbers.values(), default=-1) + 1
        rows = []
        for key in self.keys:
            if key not in numbers:
                numbers[key], fresh = fresh, fresh + 1
            rows.append(self._row(key, numbers[key]))
        return rows

    def _row(self, key: str, number: int) -> Row:
        attribute, is_super = self.declared.get(key), key in self.supers
        cells = []
        for locale in ("", *self.codes):
            cell = Cell(f"{PREFIX}-{number}-{locale or 'default'}", locale, "")
            held = self.opened.get(path_of(locale, key))
            cell.is_read_only = attribute is None or (is_super and not locale)
            cell.text = assigning.shown(held)
            if not cell.is_read_only and key in self.posted:
                cell.text = self.data.get(cell.name, cell.text)
            inherit(cell, key, self.stored, self.above)
            mark(cell, attribute, held if cell.text == assigning.shown(held) else None)
            shape(cell, attribute, self.locale)
            cells.append(cell)
        return Row(
            number,
            key,
            attribute.shown_name if attribute else "",
            attribute,
            is_super,
            cells,
            is_own=key in self.own_keys or key not in self.inherited,
            is_dropped=str(number) in self.dropped,
            is_fresh=key == self.added,
            suggestions=suggestions(attribute, self.locale, cells),
        )

    # --- checking --------------------------------------------------------------------------------

    def is_valid(self) -> bool:
        if not self.is_bound:
            return True
        if self.go:
            return False
        self.faults = []
        mine = self._typed()
        if not self.faults:
            self._reconcile(mine)
        return not self.faults

    def _typed(self) -> dict[str, Value]:
        """All values as they would be stored; cells that were not touched stay what they were when it opened."""
        found = dict(self.opened)
        for row in self.rows:
            if row.key not in self.posted or row.attribute is None:
                continue
            if row.is_dropped and row.can_go:
                found = {path: v for path, v in found.items() if path.partition(".")[2] != row.key}
                continue
            for cell in row.cells:
                if not cell.is_read_only:
                    self._read(row, cell, found)
        return found

    def _read(self, row: Row, cell: Cell, found: dict[str, Value]) -> None:
        path = path_of(cell.locale, row.key)
        if cell.text.replace("\r\n", "\n") == assigning.shown(self.opened.get(path)).replace("\r\n", "\n"):
            return
        value = assigning.parse(row.attribute, cell.text)
        if not value:
            found.pop(path, None)
            return
        cell.error = assigning.why_not(row.attribute, value, cell.locale)
        if cell.error:
            self.faults.append((f"#{cell.name}", f"{row.key}, {cell.label}: {cell.error}"))
        found[path] = value

    def _reconcile(self, mine: dict[str, Value]) -> None:
        """Take over what only others changed."""
        self.states = Compared(self.opened, self.stored, dict(mine))
        self.wanted = mine
        self.keep_theirs(merge(*self.states).taken, self.stored)

    @property
    def problems(self) -> list[tuple[str, str]]:
        return self.faults

    # --- what somebody else saved meanwhile ------------------------------------------------------

    def compared(self) -> Compared:
        return self.states

    def name_of(self, name: str) -> str:
        locale, _dot, key = name.partition(".")
        return f"{key}, {locale or _('Default')}"

    def shown(self, name: str, value: Any) -> str:
        return assigning.shown(value)

    def last_changes(self, names: list[str]) -> dict[str, Change]:
        fields = {
            name: "attributes" + name if name.startswith(".") else f"attributes_localized.{name}"
            for name in names
        }
        found = changes_of(self.record, list(fields.values()))
        return {name: found[field] for name, field in fields.items() if field in found}

    def keep_theirs(self, names: list[str], theirs: dict[str, Any]) -> None:
        for name in names:
            self.wanted.pop(name, None)
            if name in theirs:
                self.wanted[name] = theirs[name]

    def ask(self) -> None:
        self.is_asked = True

    # --- saving ----------------------------------------------------------------------------------

    def has_changed(self) -> bool:
        return self.is_bound and self.wanted != self.stored

    def save(self, record: Any, recorder: Any) -> None:
        if self.has_changed():
            assigning.assign(type(record), {record.pk: maps_of(self.wanted)}, recorder=recorder)

    # --- what the template prints ----------------------------------------------------------------

    @property
    def opened_json(self) -> str:
        """What the form was opened with. A cell that is asked about was told as it is stored."""
        opened = dict(self.opened)
        for path in merge(*self.states).conflicts if self.is_asked else ():
            opened.pop(path, None)
            if path in self.stored:
                opened[path] = self.stored[path]
        return json.dumps(opened)

    @property
    def lines(self) -> list[tuple[Row, list[SafeString]]]:
        """The rows with the markup of their cells."""
        return [
            (row, [attribute_markup.shown(row, cell, self.prefix) for cell in row.cells]) for row in self.rows
        ]

    @property
    def url(self) -> str:
        """Where scripts ask for the grid alone."""
        name = self.record._meta.model_name
        return reverse(f"admin:products_{name}_attributes", args=[self.record.pk]) + "?part=1"

    @property
    def foot(self) -> str:
        if isinstance(self.record, Variant):
            return _("An empty cell takes the value of the product, or the default of this variant.")
        number = self.record.variants.count() if self.record else 0
        text = ngettext(
            "Empty cells take the default value. The values hold for the variant, unless it has its own.",
            "Empty cells take the default value. The values hold for all %(n)s variants, unless they have their own.",
            number,
        )
        return text % {"n": f"{number:,}"}


class AttributesTab(Tab):
    template = "products/attributes_tab.html"

    def is_shown(self, request: HttpRequest, record: Model | None) -> bool:
        return record is not None

    def bind(self, request: HttpRequest, record: Model | None, form: ScreenForm) -> BoundTab:
        return BoundAttributes(self, request, record, form)


ATTRIBUTES = AttributesTab("attributes", gettext_lazy("Attributes"))
