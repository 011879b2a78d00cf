"""Files go with their rows: to the trash after the commit, and for good once no undo can ask for them."""

import datetime
from functools import partial

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from backoffice.transfer.jobs.workers import periodic
from catalog.images import files
from catalog.images.models import Image, Upload

PENDING = datetime.timedelta(days=1)
"""So long an upload waits for the form it was sent with."""


def is_used(name: str) -> bool:
    """Whether a row holds the file."""
    return Image.objects.filter(file=name).exists() or Upload.objects.filter(file=name).exists()


def file_goes(name: str) -> None:
    """The row of a file was deleted: put the file away once that is certain, unless another row took it over."""
    if name:
        transaction.on_commit(partial(_put_away, name))


def file_returns(name: str) -> None:
    """The row of a file came back."""
    if name:
        transaction.on_commit(partial(files.bring_back, name))


def _put_away(name: str) -> None:
    if not is_used(name):
        files.throw_away(name)


@periodic(minutes=60)
def purge() -> int:
    """Remove uploads that nobody saved, stray files without a row, and what lies in the trash for longer than undo
    reaches. Gives the number of pictures removed."""
    now = timezone.now()
    for upload in Upload.objects.filter(created_at__lt=now - PENDING):
        upload.delete()
    strays = [name for name in files.stored_names() if _age(name, now) > PENDING]
    held = set(Image.objects.filter(file__in=strays).values_list("file", flat=True))
    held |= set(Upload.objects.filter(file__in=strays).values_list("file", flat=True))
    for name in strays:
        if name not in held:
            files.throw_away(name)
    kept = datetime.timedelta(days=settings.UNDO_DAYS)
    gone = [name for name in files.stored_names(files.TRASH) if _age(name, now) > kept]
    for name in gone:
        for each in files.all_names(name):
            default_storage.delete(each)
    return len(gone)


def _age(name: str, now: datetime.datetime) -> datetime.timedelta:
    return now - default_storage.get_modified_time(name)
