"""The Media tab that any owner room mounts on its form (products 17.2).

    MediaTab("media", _("Media"), links=Links(ProductImageSet, "product"))

Sets per locale and *Default*, each with its pictures: uploads and addresses, alternative texts, order. It works
without scripts; files that were sent survive a form that comes back with errors.
"""

import json
import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from backoffice.console import comparing
from backoffice.console.forms import BoundTab, Compared, ScreenForm, Tab
from backoffice.fields import short_code
from backoffice.history.models import Change
from backoffice.texts import content_locales
from catalog.images import addresses, differing, gone, merging, panels, uploading
from catalog.images.models import ORDER_LIMIT, Upload
from catalog.images.panels import PREFIX, Panel, Row
from catalog.images.saving import Links, save

SET_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}\Z")
TEXT_LIMIT = 255


class MediaTab(Tab):
    """Mounted with the link table of its owner. It is shown to whoever may save the form."""

    template = "images/media_tab.html"

    def __init__(self, key: str, label: Any, *, links: Links, help: Any = "") -> None:
        super().__init__(key, label, help=help)
        self.links = links
        uploading.mounted.add(links.owner_model)

    def bind(self, request: HttpRequest, record: Model | None, form: ScreenForm) -> BoundTab:
        return BoundMedia(self, request, record, form)


class BoundMedia(BoundTab):
    media = Media(js=[Script("backoffice/images.js", defer=True)])

    def __init__(self, tab: MediaTab, request: HttpRequest, record: Model | None, form: ScreenForm) -> None:
        super().__init__(tab, request, record, form)
        self.links = tab.links
        self.held = panels.stored(self.links, record.pk if record else None)
        self.states = Compared({}, {}, {})
        self.was = merging.state(self.held)
        """What the form was opened with."""
        self.asked: dict[str, Any] = {}
        self.is_asked = False
        self.panels = self._typed(form.data) if form.is_bound and PREFIX in form.data else self.held

    # --- what was typed and sent -----------------------------------------------------------------

    def _typed(self, data: Any) -> list[Panel]:
        tokens = {text for name in data if name.endswith("-token") for text in data.getlist(name)}
        mine = Upload.objects.filter(token__in=tokens, user=self.request.user) if tokens else ()
        found = panels.typed(data, self.held, {upload.token: upload for upload in mine})
        for panel in found:
            self._drop_lost(panel, data)
            self._receive(panel)
        if self.record:
            gone.recall(found, self.record)
        self.was = merging.opened(data) or self.was
        self.asked = comparing.answers(data, self).asked
        self.states = merging.reconcile(found, self.held, self.was, self.asked)
        return found

    def _drop_lost(self, panel: Panel, data: Any) -> None:
        """Uploads that nobody kept are gone."""
        for row in list(panel.rows):
            if data.get(f"{row.prefix}-token") and not row.upload:
                panel.rows.remove(row)
                self._tell(
                    panel,
                    "files",
                    _("%(name)s is no longer there. Send it again.") % {"name": row.title or "?"},
                )

    def _receive(self, panel: Panel) -> None:
        """Files of the plain file boxes become pictures at the end of their set. Each is taken in once, however
        often a page of the request binds the tab."""
        received: dict[str, Any] = self.request.__dict__.setdefault("_received_pictures", {})
        name = f"{panel.prefix}-files"
        if name not in received and self.request.method == "POST":
            received[name] = [self._taken_in(file) for file in self.request.FILES.getlist(name)]
        for place, each in enumerate(received.get(name, ())):
            if isinstance(each, Upload):
                row = panel.row(f"f{place}")
                row.upload = each
                panel.rows.append(row)
            else:
                self._tell(panel, "files", each)

    def _taken_in(self, file: Any) -> Upload | str:
        try:
            return uploading.receive(file, self.request.user)
        except ValidationError as problem:
            return " ".join(problem.messages)

    # --- rules -----------------------------------------------------------------------------------

    def is_valid(self) -> bool:
        if self.form.is_bound:
            self._check_names()
            for panel in self.panels:
                for row in panel.kept if panel.is_saved else ():
                    self._check(row)
        return not self.problems

    def _check_names(self) -> None:
        used: set[tuple[str, str]] = set()
        for panel in self.panels:
            if not panel.is_saved:
                continue
            is_kept = panel.image_set is not None and panel.name == panel.image_set.name
            if not is_kept and not SET_NAME.match(panel.name):
                self._tell(
                    panel,
                    "name",
                    _("Name an image set with letters, digits, - and _ only, without blanks."),
                )
            elif (panel.locale, panel.name) in used:
                self._tell(panel, "name", _("Two image sets of one language have this name."))
            used.add((panel.locale, panel.name))

    def _check(self, row: Row) -> None:
        order = row.values.get("order", "")
        if not order:
            row.values["order"] = "0"
        elif not order.isdecimal() or int(order) > ORDER_LIMIT:
            self._tell(row, "order", _("Type a whole number from 0 to 2,147,483,647."))
        for name in () if row.file else ("url_large", "url_small"):
            text = row.values.get(name, "")
            if row.image and text == getattr(row.image, name):
                continue
            try:
                addresses.check(text)
            except ValidationError as problem:
                self._tell(row, name, " ".join(problem.messages))
        for name, text in row.values.items():
            if name.startswith("alt_") and len(text) > TEXT_LIMIT:
                self._tell(
                    row,
                    name,
                    _("At most %(limit)d characters, this text has %(length)d.")
                    % {"limit": TEXT_LIMIT, "length": len(text)},
                )

    def _tell(self, target: Row | Panel, name: str, sentence: str) -> None:
        if sentence not in target.errors.setdefault(name, []):
            target.errors[name].append(sentence)

    @property
    def problems(self) -> list[tuple[str, str]]:
        found = []
        for panel in self.panels:
            for name, sentences in panel.errors.items():
                found += [(f"#{panel.prefix}-{name}", f"{differing.title_of(panel)}: {s}") for s in sentences]
            for place, row in enumerate(panel.rows, 1):
                picture = row.name or _("picture %(number)d") % {"number": place}
                for name, sentences in row.errors.items():
                    told = {"box": differing.box_label(name), "picture": picture}
                    found += [
                        (
                            f"#{row.prefix}-{name}",
                            _("%(box)s of %(picture)s: %(sentence)s") % (told | {"sentence": s}),
                        )
                        for s in sentences
                    ]
        return found

    # --- what somebody else saved meanwhile ------------------------------------------------------

    def compared(self) -> Compared:
        return self.states

    def name_of(self, name: str) -> str:
        return differing.name_of(self.label, [*self.held, *self.panels], name)

    def shown(self, name: str, value: Any) -> str:
        others = [self.asked.get(name), *(state.get(name) for state in self.states)]
        return differing.shown(name, value, others)

    def last_changes(self, names: list[str]) -> dict[str, Change]:
        return differing.last_changes(self.record, [*self.held, *self.panels], names)

    def keep_theirs(self, names: list[str], theirs: dict[str, Any]) -> None:
        for name in names:
            merging.take(self.panels, self.held, name)
        self._check_names()

    def ask(self) -> None:
        self.is_asked = True

    # --- saving ----------------------------------------------------------------------------------

    def has_changed(self) -> bool:
        if merging.state(self.panels) != merging.state(self.held):
            return True
        fresh = [row for panel in self.panels if panel.is_saved for row in panel.kept if row.place is None]
        return bool(fresh)

    def save(self, record: Model, recorder: Any) -> None:
        if not self.has_changed():
            return
        gone.keep([row for panel in self.panels if panel.is_saved for row in panel.kept], self.request.user)
        save(self.links, {record.pk: [panel.wanted() for panel in self.panels if panel.is_saved]}, recorder)
        for panel in self.panels:
            is_empty = (
                not panel.kept and not panel.is_deleted and (panel.image_set or panel.name != panels.SHOWN)
            )
            if is_empty and panel.name:
                sentence = _("The image set %(name)s has no picture and was not kept.")
                messages.info(self.request, sentence % {"name": panel.name})

    # --- what the template prints ----------------------------------------------------------------

    @cached_property
    def opened_json(self) -> str:
        held = merging.state(self.held)
        return json.dumps(held if self.is_asked else merging.unsettled(self.states, self.was, held))

    @property
    def upload_url(self) -> str:
        return reverse("admin:images_upload")

    @property
    def limits(self) -> dict[str, int]:
        """What a picture, and a drop of several, may measure at most."""
        return {
            "megabytes": settings.IMAGE_MAX_BYTES // 2**20,
            "megapixels": settings.IMAGE_MAX_PIXELS // 1_000_000,
            "files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        }

    @property
    def locales(self) -> list[dict[str, Any]]:
        """One fold per locale, *Default* first. The first is open, and each with a picture or an error."""
        codes = content_locales()
        found = []
        for locale, own, blank in panels.with_blanks(self.panels):
            has_errors = any(each.errors for panel in own for each in (panel, *panel.rows))
            found.append(
                {
                    "code": locale,
                    "lang": locale.replace("_", "-"),
                    "label": self.label_of(locale),
                    "short": short_code(locale, codes) if locale in codes else locale,
                    "panels": own,
                    "blank": blank,
                    "count": sum(len(panel.filled) for panel in own),
                    "is_open": not found or has_errors,
                }
            )
        return found

    def label_of(self, locale: str) -> str:
        return locale or _("Default, all languages")
