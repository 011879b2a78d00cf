"""The image sets of one owner as its form shows them: read from the tables, or from what was typed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice.texts import content_locales
from catalog.images import addresses, files
from catalog.images.models import DEFAULT, SHOWN, Image, ImageInSet, ImageSet, Upload
from catalog.images.reading import preview_of, sets_of
from catalog.images.saving import WantedImage, WantedSet
from catalog.images.writing import Links

PREFIX = "img"
TEXTS = ("alt_small", "alt_large")
NAME_SHOWN = 80
"""So many characters name a picture; texts and addresses may be far longer."""


@dataclass
class Row:
    """One picture of a set. ``values`` are texts as typed, flat: ``url_large``, ``order``, ``alt_small.de_DE``."""

    prefix: str
    values: dict[str, str]
    codes: Sequence[str]
    """The locales whose alternative texts the form shows."""
    place: ImageInSet | None = None
    upload: Upload | None = None
    is_deleted: bool = False
    lost: int = 0
    """The id of the place, if somebody else deleted it while the form was open."""
    gone: Image | None = None
    """The picture of a lost place, as it was."""
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def record_id(self) -> int:
        return self.place.pk if self.place else self.lost

    @property
    def image(self) -> Image | None:
        return self.place.image if self.place else self.gone

    @property
    def file(self) -> str:
        return self.upload.file if self.upload else self.image.file if self.image else ""

    @property
    def preview(self) -> str:
        """Where the picture loads from; empty where only its address can be shown."""
        if self.file:
            is_kept = self.upload or self.image.pk
            return files.address(files.preview_name(self.file)) if is_kept else ""
        typed = self.values.get("url_small", "")
        if self.image and typed == self.image.url_small:
            return preview_of(self.image)
        return addresses.preview(typed) if typed and "url_small" not in self.errors else ""

    @property
    def is_blank(self) -> bool:
        texts = (text for name, text in self.values.items() if name != "order")
        return not (self.place or self.gone or self.upload or self.is_deleted or any(texts))

    @property
    def name(self) -> str:
        """What the picture is called where it came from; empty where that cannot be told."""
        held = self.upload.name if self.upload else self.image.file_name if self.image else ""
        typed = "" if "url_large" in self.errors else self.values.get("url_large", "")
        return held or typed.rpartition("/")[2][:NAME_SHOWN]

    @property
    def title(self) -> str:
        """How its card is headed."""
        texts = (self.values.get(f"{name}.{code}", "") for name in TEXTS for code in self.codes)
        text = next((text for text in texts if text), "")
        return text[:NAME_SHOWN] or self.name or (str(self.image) if self.image else "")

    @property
    def number(self) -> str:
        return self.prefix.rpartition("-")[2]

    @property
    def address(self) -> str:
        """The root-relative address of an upload."""
        return files.address(self.file) if self.file else ""

    @property
    def size(self) -> str:
        held = self.upload or self.image
        return f"{held.width} × {held.height}" if held and held.width else ""

    @property
    def alternatives(self) -> list[dict[str, Any]]:
        """The boxes of the alternative texts, for the template."""
        return [
            {
                "name": f"{self.prefix}-{name}.{code}",
                "is_small": name == "alt_small",
                "code": code,
                "lang": code.replace("_", "-"),
                "value": self.values.get(f"{name}.{code}", ""),
                "errors": self.errors.get(f"{name}.{code}", ()),
            }
            for name in TEXTS
            for code in self.codes
        ]

    def wanted(self) -> WantedImage:
        """Texts of locales that the form does not show stay."""
        image = self.image
        texts = {}
        for name in TEXTS:
            held = getattr(image, name) if image else {}
            typed = {code: self.values.get(f"{name}.{code}", "") for code in self.codes}
            texts[name] = {code: text for code, text in {**held, **typed}.items() if text}
        urls = {} if self.file else {n: self.values.get(n, "") for n in ("url_small", "url_large")}
        return WantedImage(
            pk=image.pk if image else None,
            token=self.upload.token if self.upload else "",
            sort_order=int(self.values.get("order") or 0),
            **urls,
            **texts,
        )


@dataclass
class Panel:
    """One image set."""

    prefix: str
    number: str
    locale: str
    name: str
    image_set: ImageSet | None = None
    rows: list[Row] = field(default_factory=list)
    is_deleted: bool = False
    lost: int = 0
    """The id of the set, if somebody else deleted it while the form was open."""
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def record_id(self) -> int:
        return self.image_set.pk if self.image_set else self.lost

    @property
    def filled(self) -> list[Row]:
        return [row for row in self.rows if not row.is_blank]

    @property
    def kept(self) -> list[Row]:
        return [row for row in self.filled if not row.is_deleted]

    @property
    def is_saved(self) -> bool:
        """A set without pictures is not kept."""
        return bool(self.kept) and not self.is_deleted

    @property
    def codes(self) -> list[str]:
        return [self.locale] if self.locale else content_locales()

    @property
    def blank(self) -> Row:
        """The row in which a picture is added by its address."""
        held = next((row for row in self.rows if row.is_blank), None)
        return held or self.row(str(len(self.rows)))

    @property
    def template(self) -> Row:
        """What a script makes further rows of."""
        return self.row("__row__")

    def row(self, number: str) -> Row:
        return Row(f"{self.prefix}-{number}", {"order": str(self.next_order)}, self.codes)

    @property
    def next_order(self) -> int:
        orders = [int(row.values["order"]) for row in self.filled if row.values.get("order", "").isdecimal()]
        return max(orders) + 1 if orders else 0

    def wanted(self) -> WantedSet:
        images = [row.wanted() for row in self.kept]
        return WantedSet(self.name, self.locale, images, pk=self.image_set.pk if self.image_set else None)


def stored(links: Links, owner_id: int | None) -> list[Panel]:
    """The sets as they are in the tables."""
    panels: list[Panel] = []
    for shown in sets_of(links, [owner_id]).get(owner_id, ()) if owner_id else ():
        number = str(len(panels))
        image_set = shown.image_set
        panel = Panel(f"{PREFIX}-{number}", number, image_set.locale, image_set.name, image_set)
        for place, *_rest in shown.images:
            values = _values(place, panel.codes)
            panel.rows.append(Row(f"{panel.prefix}-{len(panel.rows)}", values, panel.codes, place))
        panels.append(panel)
    return panels


def _values(place: ImageInSet, codes: Sequence[str]) -> dict[str, str]:
    image = place.image
    texts = {f"{name}.{code}": getattr(image, name).get(code, "") for name in TEXTS for code in codes}
    urls = {} if image.file else {"url_small": image.url_small, "url_large": image.url_large}
    return {"order": str(place.sort_order), **urls, **texts}


def typed(data: Any, held: Sequence[Panel], uploads: Mapping[str, Upload]) -> list[Panel]:
    """The sets as the form sends them back. Rows that were deleted meanwhile have lost their place."""
    sets = {panel.image_set.pk: panel.image_set for panel in held}
    places = {row.place.pk: row.place for panel in held for row in panel.rows}
    panels = []
    for number in data.getlist(PREFIX):
        prefix = f"{PREFIX}-{number}"
        pk = _number(data.get(f"{prefix}-id"))
        image_set = sets.get(pk)
        panel = Panel(
            prefix,
            number,
            image_set.locale if image_set else data.get(f"{prefix}-locale", DEFAULT),
            data.get(f"{prefix}-name", "").strip(),
            image_set,
            is_deleted=f"{prefix}-delete" in data,
            lost=0 if image_set else pk,
        )
        if panel.locale and panel.locale not in {
            *content_locales(),
            *(each.locale for each in sets.values()),
        }:
            continue
        for row_number in data.getlist(prefix):
            panel.rows.append(_typed_row(data, f"{prefix}-{row_number}", panel, places, uploads))
        panels.append(panel)
    return panels


def _typed_row(
    data: Any, prefix: str, panel: Panel, places: Mapping[int, ImageInSet], uploads: Mapping[str, Upload]
) -> Row:
    names = ["order", "url_small", "url_large", *(f"{n}.{code}" for n in TEXTS for code in panel.codes)]
    values = {name: data[f"{prefix}-{name}"].strip() for name in names if f"{prefix}-{name}" in data}
    pk = _number(data.get(f"{prefix}-id"))
    place, upload = places.get(pk), uploads.get(data.get(f"{prefix}-token", ""))
    if place:
        # Blanks around an imported text are no change of whoever only saved the form.
        held = _values(place, panel.codes)
        values |= {n: text for n, text in held.items() if text.strip() == values.get(n, text.strip())}
    is_deleted = f"{prefix}-delete" in data
    return Row(prefix, values, panel.codes, place, upload, is_deleted, lost=0 if place else pk)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def with_blanks(panels: Sequence[Panel]) -> Iterator[tuple[str, list[Panel], Panel]]:
    """Per locale, *Default* first: its sets, and an empty one to add."""
    numbers = [int(panel.number) for panel in panels if panel.number.isdecimal()]
    following = max(numbers, default=-1) + 1
    locales = [DEFAULT, *content_locales()]
    locales += sorted({panel.locale for panel in panels} - set(locales))
    for place, locale in enumerate(locales):
        own = [p for p in panels if p.locale == locale and (p.image_set or p.filled or p.errors)]
        number = str(following + place)
        name = "" if any(panel.name == SHOWN for panel in own) else SHOWN
        yield locale, own, Panel(f"{PREFIX}-{number}", number, locale, name)
