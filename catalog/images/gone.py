"""Pictures that somebody deleted while a form showed them: whoever typed into one may keep it (working-day 6.1)."""

import secrets
from collections.abc import Collection, Sequence
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Model

from backoffice.history.models import Change
from catalog.images import files
from catalog.images.keeping import file_returns, is_used
from catalog.images.models import Image, ImageInSet, Upload
from catalog.images.panels import Panel, Row

HELD = ("file", "file_name", "width", "height")
"""What an uploaded picture is, beside its texts."""


def recall(panels: Sequence[Panel], owner: Model) -> None:
    """Show the lost pictures of a form as the history knows them. One that cannot come back leaves the form."""
    lost = {row.lost for panel in panels for row in panel.rows if row.lost}
    if not lost:
        return
    pictures = _pictures(owner, lost)
    for panel in panels:
        for row in panel.rows:
            row.gone = pictures.get(row.lost) if row.lost else None
        panel.rows = [row for row in panel.rows if not row.lost or row.gone or row.values.get("url_large")]


def _pictures(owner: Model, places: Collection[int]) -> dict[int, Image]:
    """The pictures of deleted places of an owner, by place."""
    deleted = Change.objects.filter(
        parent_type=owner._meta.label_lower, parent_id=owner.pk, action=Change.Action.DELETE
    ).order_by("pk")
    image_of = {
        change.object_id: change.fields["image"]["before"]["id"]
        for change in deleted.filter(object_type=ImageInSet._meta.label_lower, object_id__in=places)
    }
    pictures = Image.objects.in_bulk(image_of.values())
    for change in deleted.filter(object_type=Image._meta.label_lower, object_id__in=image_of.values()):
        before = {name: values["before"] for name, values in change.fields.items()}
        image = Image(**{name: before[name] for name in HELD if name in before})
        if not image.file or _is_in_trash(image.file):
            pictures.setdefault(change.object_id, image)
    return {place: pictures[pk] for place, pk in image_of.items() if pk in pictures}


def _is_in_trash(file: str) -> bool:
    """Files follow the deletion after its commit, so they may still stand in their place."""
    if is_used(file):
        return False
    return default_storage.exists(f"{files.TRASH}/{file}") or default_storage.exists(file)


def keep(rows: Sequence[Row], user: Any) -> None:
    """Make the deleted files of these pictures uploads again, which the form is about to save."""
    for row in rows:
        if row.gone and not row.gone.pk and row.gone.file:
            facts = {"file": row.gone.file, "name": row.gone.file_name}
            row.upload = Upload.objects.create(
                token=secrets.token_urlsafe(32),
                user=user,
                width=row.gone.width,
                height=row.gone.height,
                **facts,
            )
            file_returns(row.gone.file)
