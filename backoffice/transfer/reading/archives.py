"""Archives, judged by their directory before a byte of them is unpacked (spec: import-export 1.2.2 and 1.11)."""

import errno
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.limits import limit
from backoffice.transfer.problems import FileRefused

_ARCHIVE = (".zip", ".7z", ".rar", ".gz", ".tar", ".xz", ".bz2")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
    struct.error,
)
_BROKEN_NUMBERS = {errno.EINVAL, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST}
"""What the system says to places and names that only a damaged directory gives."""


@contextmanager
def readable(what: object = _("a damaged archive")) -> Iterator[None]:
    """Whatever is wrong inside of a packed file refuses it."""
    try:
        yield
    except _BROKEN as error:
        raise FileRefused("not_a_table", found=what) from error
    except OSError as error:
        if error.errno not in _BROKEN_NUMBERS:
            raise
        raise FileRefused("not_a_table", found=what) from error


def is_workbook(path: Path) -> bool:
    """Whether a packed file is an XLSX."""
    with readable(), zipfile.ZipFile(path) as archive:
        return "[Content_Types].xml" in archive.namelist()


def judge(path: Path) -> None:
    """Refuse an archive that is too large or that would write outside of its folder."""
    with readable(), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if len(entries) > limit("ZIP_ENTRIES"):
        raise FileRefused(
            "too_large", what=_("more than %(limit)s entries") % {"limit": limit("ZIP_ENTRIES")}
        )
    for entry in entries:
        _judge_entry(entry)
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if unpacked > limit("ZIP_BYTES"):
        message = _("Unpacked the file would be larger than %(limit)s MB.")
        raise FileRefused("too_large", message, limit=limit("ZIP_BYTES") // 1024 // 1024)
    if unpacked > packed * limit("PACKING_RATIO"):
        message = _(
            "The file is packed more tightly than %(limit)s to 1, as files are that are meant to do harm."
        )
        remedy = _("Upload the tables themselves, or save the workbook anew.")
        raise FileRefused("too_large", message, remedy, limit=limit("PACKING_RATIO"))


def _judge_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    path = PurePosixPath(name)
    mode = entry.external_attr >> 16
    if (
        path.is_absolute()
        or ".." in path.parts
        or re.match(r"^[A-Za-z]:", name)
        or "\x00" in entry.orig_filename
    ):
        raise FileRefused("unsafe_archive", what=_("“%(name)s” lies outside of it") % {"name": name[:80]})
    if mode and stat.S_ISLNK(mode):
        raise FileRefused("unsafe_archive", what=_("“%(name)s” is a link") % {"name": name[:80]})
    if entry.flag_bits & 0x1:
        raise FileRefused("unsafe_archive", what=_("“%(name)s” is encrypted") % {"name": name[:80]})
    if name.lower().endswith(_ARCHIVE):
        raise FileRefused("unsafe_archive", what=_("“%(name)s” is an archive itself") % {"name": name[:80]})


def unpack(path: Path, target: Path) -> None:
    """Unpack a judged archive into ``target``."""
    with readable(), zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename and not entry.is_dir():  # a damaged directory may name nothing
                place = target.joinpath(*PurePosixPath(entry.filename.replace("\\", "/")).parts)
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, place.open("wb") as file:
                    _copy(source, file, entry.file_size)


def _copy(source: object, file: object, size: int) -> None:
    """Never more bytes than the archive's directory promised."""
    left = size + 1
    while left > 0 and (chunk := source.read(min(1 << 20, left))):
        left -= len(chunk)
        file.write(chunk)
    if left <= 0:
        raise FileRefused("unsafe_archive", what=_("an entry is longer than it says"))
