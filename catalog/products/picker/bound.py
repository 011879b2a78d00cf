"""A picker for one request: what is chosen so far, what was typed, what is shown."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.console import rows
from backoffice.console.forms import Compared, merge
from catalog.products.models import Product, Variant
from catalog.products.narrowing import one_of
from catalog.products.picker import pasting
from catalog.products.picker.declaring import Extra, Picker, extras
from catalog.products.picker.showing import Box, Chosen, Results, chosen_rows, results

Values = Mapping[str, Any]
SHOWN = 200
"""So many chosen rows are listed with their boxes; the others keep what they have."""
ENTER = "enter"
"""The value of the hidden button that browsers press when somebody types Enter in a box of the form."""


class BoundPicker:
    """``held`` is what is stored: ``{id: {box: value}}``. ``data`` is the posted form, or None. ``owner`` is the id
    of the record that things are chosen for; ``is_open`` shows the first rows without being asked."""

    def __init__(
        self,
        picker: Picker,
        request: HttpRequest,
        held: Mapping[int, Values] | None = None,
        data: QueryDict | None = None,
        *,
        owner: int | None = None,
        is_open: bool = False,
    ) -> None:
        self.picker, self.request, self.owner = picker, request, owner
        self.held = dict(held or {})
        self.data = data if data is not None and f"{picker.name}-chosen" in data else QueryDict()
        self.is_bound = bool(self.data)
        self.go = self.data.get(self.name("go"), "")
        self.is_open = is_open or self.is_refresh or self.name("open") in self.data
        self.notes: list[tuple[str, str]] = []
        """(class, sentence) about what was pasted."""
        self.problems: list[tuple[str, str]] = []
        self.errors: dict[tuple[int, str], str] = {}
        self.typed: dict[int, dict[str, str]] = {}
        self.unknown: list[str] = []
        self.families: list[pasting.Family] = []
        """The products whose SKUs were pasted where variants are chosen."""
        self.wanted: dict[int, Values] = self.held
        """What is chosen with the values of its boxes, once it was read by :meth:`is_valid`."""
        self.states = Compared({}, {}, {})
        """The rows when the form was opened, as they are stored, and as they are chosen."""
        self.is_asked = False
        """Whether the page asks about rows that two people changed."""
        self.hints: list[Any] = []
        """Sentences about the whole selection, which the form around the picker adds."""
        self._read()

    def name(self, part: str) -> str:
        return f"{self.prefix}-{part}"

    @property
    def prefix(self) -> str:
        """How the names of its boxes begin."""
        return self.picker.name

    # --- rows ------------------------------------------------------------------------------------

    @property
    def visible(self) -> QuerySet:
        """What the user may choose from at all."""
        found = self.picker.model._default_manager.order_by()
        return rows.visible(found, self.request.user, self.picker.action)

    @property
    def offered(self) -> QuerySet:
        narrow = self.picker.narrow
        return narrow(self.visible, self.owner) if narrow else self.visible

    # --- what was typed --------------------------------------------------------------------------

    def _read(self) -> None:
        self.selection = list(self.held)
        self.typed = {pk: self._as_typed(values) for pk, values in self.held.items()}
        if not self.is_bound:
            return
        shown = set(_ids(self.data.get(self.name("shown"), "")))
        ticked = _ids(",".join(self.data.getlist(self.name("tick"))))
        kept = [pk for pk in _ids(self.data.get(self.name("chosen"), "")) if pk not in shown or pk in ticked]
        self.selection = list(dict.fromkeys([*kept, *ticked]))
        if self.go.startswith("drop:"):
            self.selection = [pk for pk in self.selection if str(pk) != self.go.removeprefix("drop:")]
        self.typed = {
            pk: {each.name: self._text_of(pk, each) for each in self.picker.inputs} for pk in self.selection
        }
        self._paste(self.data.get(self.name("paste"), ""))
        if self.go.startswith("take:"):
            self._take(_ids(self.go.removeprefix("take:")))
        self._drop_foreign()

    def _take(self, asked: Sequence[int]) -> None:
        """Choose a variant that was offered in place of its product; the SKU of that is answered by it."""
        for pk, product in self.offered.filter(one_of(asked)).values_list("pk", "product__sku"):
            if pk not in self.typed:
                self.selection.append(pk)
                self.typed[pk] = self._as_typed({})
            self.unknown = [sku for sku in self.unknown if sku.lower() != product.lower()]
            self.families = [each for each in self.families if each.sku.lower() != product.lower()]

    def _text_of(self, pk: int, each: Any) -> str:
        stored = self.held.get(pk, {}).get(each.name)
        default = each.initial if stored is None else str(stored)
        return self.data.get(self.box_name(pk, each.name), default).strip()

    def _as_typed(self, values: Values) -> dict[str, str]:
        return {each.name: str(values.get(each.name, each.initial)) for each in self.picker.inputs}

    def box_name(self, pk: int, name: str) -> str:
        return f"{self.picker.name}-{name}.{pk}"

    def _paste(self, text: str) -> None:
        if not text.strip():
            return
        wanted = pasting.read(text, with_value=bool(self.picker.inputs))
        pasted = pasting.resolve(wanted, self.offered, self.visible)
        fresh = [pk for pk in pasted.found if pk not in self.typed]
        for pk, value in pasted.found.items():
            boxes = self.typed.setdefault(pk, self._as_typed({}))
            if value:
                boxes[self.picker.inputs[0].name] = value
        self.selection += fresh
        self.unknown = [*pasted.unknown, *pasted.refused]
        if self.picker.model is Variant and pasted.unknown:
            products = rows.visible(Product.objects.order_by(), self.request.user, self.picker.action)
            self.families = pasting.families(pasted.unknown, products, self.offered)
        self._tell_pasted(len(fresh), len(pasted.found) - len(fresh), pasted)

    def _tell_pasted(self, fresh: int, known: int, pasted: pasting.Pasted) -> None:
        if fresh:
            text = ngettext("%(n)s was added.", "%(n)s were added.", fresh) % {"n": f"{fresh:,}"}
            self.notes.append(("is-ok", text))
        if known:
            text = ngettext("%(n)s was chosen before.", "%(n)s were chosen before.", known)
            self.notes.append(("is-info", text % {"n": f"{known:,}"}))
        products = {each.pasted for each in self.families}
        unknown = [sku for sku in pasted.unknown if sku not in products]
        if unknown:
            sentence = _("Unknown SKUs: %(skus)s") % {"skus": ", ".join(unknown[:50])}
            self.notes.append(("is-bad", sentence))
        for sku, pk in list(pasted.refused.items())[:20]:
            itself = self.picker.refusal_itself if pk == self.owner else ""
            self.notes.append(("is-bad", str(itself or self.picker.refusal) % {"sku": sku}))

    def _drop_foreign(self) -> None:
        """An id that somebody made up, or of a row out of the user's sight, is not chosen; what is stored stays."""
        fresh = [pk for pk in self.selection if pk not in self.held]
        seen = set(self.visible.filter(one_of(fresh)).values_list("pk", flat=True)) if fresh else set()
        self.selection = [pk for pk in self.selection if pk in self.held or pk in seen]

    # --- what the form asks ----------------------------------------------------------------------

    @property
    def is_refresh(self) -> bool:
        """Whether the form was sent to look around only: nothing is to be saved."""
        searched = self.data.get(self.name("q"), "") != self.data.get(self.name("was"), "")
        return bool(self.go) or (self.data.get("_save") == ENTER and searched)

    def is_valid(self) -> bool:
        """Reads the boxes. False without a problem while somebody looks around."""
        if not self.is_bound:
            return True
        self.problems.clear()
        self.wanted = {pk: self._read_boxes(pk) for pk in self.selection}
        if self.is_refresh:
            self.errors = {}
            return False
        told = set(self.data.get(self.name("named"), "").split())
        fresh = [sku for sku in self.unknown if sku not in told]
        if fresh:
            sentence = _("These SKUs cannot be added: %(skus)s. Mend them, or save again to leave them out.")
            self._problem("paste", sentence % {"skus": ", ".join(fresh[:20])})
        if len(self.selection) > self.picker.limit:
            sentence = _("At most %(limit)s can be chosen at once.") % {"limit": f"{self.picker.limit:,}"}
            self._problem("q", sentence)
        self._reconcile()
        return not self.problems

    def _read_boxes(self, pk: int) -> dict[str, Any]:
        found = {}
        for each in self.picker.inputs:
            text = self.typed.get(pk, {}).get(each.name, "")
            try:
                found[each.name] = each.read(text)
            except ValidationError as problem:
                self.errors[pk, each.name] = " ".join(problem.messages)
                if not self.is_refresh:
                    sentence = f"{each.label}: {self.errors[pk, each.name]}"
                    self.problems.append((f"#{self.box_name(pk, each.name)}", sentence))
        return found

    def _problem(self, part: str, sentence: str) -> None:
        self.problems.append((f"#{self.name(part)}", sentence))

    # --- what others saved meanwhile -------------------------------------------------------------

    @property
    def opened_json(self) -> str:
        """What the form was opened with. A row that is asked about was told as it is stored."""
        opened = self.data.get(self.name("opened"))
        if opened is None:
            return json.dumps(_flat(self.held))
        if not self.is_asked:
            return opened
        known, stored = _parsed(opened), _flat(self.held)
        for key in merge(*self.states).conflicts:
            known.pop(key, None)
            if key in stored:
                known[key] = stored[key]
        return json.dumps(known)

    def _reconcile(self) -> None:
        """Compare with what others stored since the form was opened: rows that only they touched stay theirs."""
        if self.problems or self.name("opened") not in self.data:
            return
        self.states = Compared(_parsed(self.data[self.name("opened")]), _flat(self.held), _flat(self.wanted))
        self.keep_theirs(merge(*self.states).taken)

    def keep_theirs(self, keys: Sequence[str]) -> None:
        """Make these rows what others stored, or leave them out."""
        for key in keys:
            if int(key) in self.held:
                self.wanted[int(key)] = dict(self.held[int(key)])
            else:
                self.wanted.pop(int(key), None)

    def row_name(self, key: str) -> str:
        """The SKU of a row of :attr:`states`, as far as the user sees it."""
        found = self.visible.filter(pk=int(key)).values_list("sku", flat=True).first()
        return found or rows.unseen_words(1)

    def row_words(self, values: Sequence[Any] | None) -> str:
        """What is chosen of a row, box by box; a row that is not chosen says so."""
        if values is None:
            return _("Not chosen")
        boxes = zip(self.picker.inputs, values, strict=False)
        return ", ".join(f"{each.label}: {value}" for each, value in boxes) or _("Chosen")

    def has_changed(self) -> bool:
        """Whether the selection, once read, is another one than the stored."""
        return self.is_bound and _flat(self.wanted) != _flat(self.held)

    # --- what the template prints ----------------------------------------------------------------

    @cached_property
    def results(self) -> Results | None:
        """The page of rows that are offered; nothing while nobody asked."""
        return results(self) if self.is_open else None

    @property
    def query(self) -> str:
        return self.data.get(self.name("q"), "").replace("\x00", "").strip()[:200]

    @property
    def columns(self) -> list[Extra]:
        """The columns of rooms above."""
        return extras(self.picker.model, self.request)

    @property
    def url(self) -> str:
        return reverse(f"admin:products_picker_{self.picker.name}")

    @cached_property
    def chosen(self) -> list[Chosen]:
        return chosen_rows(self, self.selection[:SHOWN])

    @property
    def rest(self) -> list[Box]:
        """The boxes of chosen rows that are not listed, so that they keep what they have."""
        return [
            Box(self.box_name(pk, each.name), each.label, self.typed[pk][each.name], "")
            for pk in self.selection[SHOWN:]
            for each in self.picker.inputs
            if self.typed[pk][each.name] != each.initial
        ]

    @property
    def more(self) -> int:
        """How many chosen rows are not listed, or lie beyond what the user sees."""
        return len(self.selection) - len(self.chosen)

    @property
    def chosen_text(self) -> str:
        return ",".join(map(str, self.selection))

    @property
    def named_text(self) -> str:
        """What this page names as not to be added; the next save leaves it out."""
        return " ".join(self.unknown)

    @property
    def paste_text(self) -> str:
        """What could not be added stays in the box."""
        return "\n".join(self.unknown)


def _ids(text: str) -> list[int]:
    return [int(each) for each in text.split(",") if each.isdecimal() and len(each) < 19]


def _flat(values: Mapping[int, Values]) -> dict[str, Any]:
    return {str(pk): list(boxes.values()) or [1] for pk, boxes in values.items()}


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {k: v for k, v in found.items() if k.isdecimal()} if isinstance(found, dict) else {}
