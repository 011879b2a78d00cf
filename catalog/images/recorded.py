"""How a recorded picture is put back: with its files (working-day 7.4)."""

from collections.abc import Sequence

from django.db import models

from backoffice.history.putting import Meanwhile, Putter, Wanted, nothing, register
from backoffice.history.recording import Snapshot
from catalog.images.keeping import file_goes, file_returns
from catalog.images.models import Image


@register(Image)
class ImagePutter(Putter):
    def write(self, wanted: Wanted, meanwhile: Meanwhile = nothing) -> None:
        held = [record.file for record, _state in wanted]
        super().write(wanted, meanwhile)
        for record, before in zip((record for record, _state in wanted), held, strict=True):
            if record.file != before:
                file_goes(before)
                file_returns(record.file)

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        made = super().make(wanted)
        for image in made:
            file_returns(image.file)
        return made

    def remove(self, records: Sequence[models.Model]) -> None:
        super().remove(records)
        for image in records:
            file_goes(image.file)
