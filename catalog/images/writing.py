"""Rows of image sets that are to be added, changed and removed, written together and told to the history."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone

from backoffice.history.recording import Recorder, Snapshot, snapshot
from backoffice.transfer.staging import records
from catalog.images.models import Image, ImageInSet, ImageSet, Upload


class Links(NamedTuple):
    """The link table of an owner's room: it points to ``image_set`` and repeats its ``locale`` and ``name``."""

    model: type[models.Model]
    owner: str

    @property
    def owner_model(self) -> type[models.Model]:
        return self.model._meta.get_field(self.owner).related_model


class Rows:
    """Collects rows of the four tables with their owner; nothing is written before :meth:`write`."""

    def __init__(self, links: Links | None) -> None:
        self.links = links
        self.before: dict[tuple[type[models.Model], int], Snapshot] = {}
        self.owner_of: dict[int, int] = {}
        """The owner of each row dealt with, by the row's Python id, for the history."""
        self.added: dict[type[models.Model], list[Any]] = {}
        self.changed: dict[type[models.Model], list[Any]] = {}
        self.removed: dict[type[models.Model], list[Any]] = {}
        self.used_uploads: list[Upload] = []
        self.orphans: list[int] = []

    def add(self, row: Any, owner: int | None) -> None:
        self._own(row, owner)
        self.added.setdefault(type(row), []).append(row)

    def change(self, row: Any, owner: int | None, values: Mapping[str, Any]) -> None:
        if all(getattr(row, name) == value for name, value in values.items()):
            return
        self._own(row, owner)
        if row.pk is not None and (type(row), row.pk) not in self.before:
            self.before[type(row), row.pk] = snapshot(row)
            self.changed.setdefault(type(row), []).append(row)
            if hasattr(row, "version"):
                row.version, row.updated_at = row.version + 1, timezone.now()
        for name, value in values.items():
            setattr(row, name, value)

    def remove(self, row: Any, owner: int | None) -> None:
        self._own(row, owner)
        self.removed.setdefault(type(row), []).append(row)

    def _own(self, row: Any, owner: int | None) -> None:
        if owner is not None:
            self.owner_of.setdefault(id(row), owner)

    # --- writing ---------------------------------------------------------------------------------

    @property
    def _types(self) -> list[type[models.Model]]:
        """The tables, each after those it refers to."""
        return [Image, ImageSet, ImageInSet, *([self.links.model] if self.links else [])]

    def write(self) -> None:
        for model in reversed(self._types):
            gone = self.removed.get(model, ())
            if gone:
                self._keep_states(gone)
                model._default_manager.filter(pk__in=[row.pk for row in gone]).delete()
        for model in self._types:
            changed = self.changed.get(model, ())
            if changed:
                if self.links and model is self.links.model and len(changed) > 1:
                    self._park(changed)
                names = [f.name for f in model._meta.concrete_fields if not f.primary_key]
                names = [name for name in names if name not in {"created_at", "search"}]
                records.change(changed, names)
            added = self.added.get(model, ())
            for row in added:
                for name in ("image_set", "image"):
                    if name in row._state.fields_cache:
                        setattr(row, name, getattr(row, name))
            records.add(added)
        if self.used_uploads:
            Upload.objects.filter(pk__in=[each.pk for each in self.used_uploads]).delete()
        self._delete_orphans()

    def _park(self, links: Sequence[Any]) -> None:
        """Two sets may swap their names in one statement."""
        self.links.model._default_manager.filter(pk__in=[link.pk for link in links]).update(
            name=models.functions.Concat(models.Value("?"), models.functions.Cast("pk", models.CharField()))
        )

    def _keep_states(self, rows: Sequence[Any]) -> None:
        for row in rows:
            self.before.setdefault((type(row), row.pk), snapshot(row))

    def _delete_orphans(self) -> None:
        left = [place.image_id for place in self.removed.get(ImageInSet, ())]
        if not left:
            return
        orphans = list(Image.objects.orphans().filter(pk__in=left).order_by("pk"))
        owner_of = {place.image_id: self.owner_of.get(id(place)) for place in self.removed[ImageInSet]}
        for image in orphans:
            self.remove(image, owner_of[image.pk])
        self._keep_states(orphans)
        Image.objects.filter(pk__in=[image.pk for image in orphans]).delete()
        self.orphans = [image.pk for image in orphans]

    # --- history ---------------------------------------------------------------------------------

    def remember(self, recorder: Recorder) -> None:
        """One change per row, told with the owner's history."""
        owners: dict[int, models.Model] = {}
        if self.links:
            owners = self.links.owner_model._default_manager.in_bulk(set(self.owner_of.values()))
        for model in reversed(self._types):
            for row in self.removed.get(model, ()):
                recorder.deleted(row, self.before[model, row.pk], parent=self._parent(row, owners))
        for model in self._types:
            for row in self.changed.get(model, ()):
                self._name_owner(row, owners)
                recorder.changed(row, self.before[model, row.pk], parent=self._parent(row, owners))
            for row in self.added.get(model, ()):
                self._name_owner(row, owners)
                recorder.added(row, parent=self._parent(row, owners))

    def _name_owner(self, row: Any, owners: Mapping[int, models.Model]) -> None:
        if self.links and isinstance(row, self.links.model):
            setattr(row, self.links.owner, owners[self.owner_of[id(row)]])

    def _parent(self, row: Any, owners: Mapping[int, models.Model]) -> models.Model | None:
        return owners.get(self.owner_of.get(id(row), 0))
