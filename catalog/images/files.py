"""Uploaded pictures on disk: checked by content, made anew without metadata, stored under random names.

Every upload is three files: the picture, ``-600`` for shops and ``-150`` for previews. They live in the default
storage; those of a picture that goes wait in the trash for as long as its deletion can be undone.
"""

import io
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

SMALL, PREVIEW = 600, 150
"""The longer side of the pictures that are made of an upload, in pixels."""
ADDRESS = "/media/"
TRASH = ".trash"
NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}(-600|-150)?\.(jpg|png|webp)\Z")
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_KINDS = {"JPEG": ("jpg", "JPEG"), "PNG": ("png", "PNG"), "WEBP": ("webp", "WEBP"), "GIF": ("png", "PNG")}
_ENDINGS = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif"}
_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 88, "optimize": True, "progressive": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 88, "method": 4},
}


class Stored(NamedTuple):
    """An upload that was taken in. ``name`` is what it was called where it came from, for display only."""

    file: str
    name: str
    width: int
    height: int


def variant(name: str, size: int) -> str:
    """The stored name of the picture made of ``name`` in a size."""
    stem, _dot, kind = name.rpartition(".")
    return f"{stem}-{size}.{kind}"


def small_name(name: str) -> str:
    return variant(name, SMALL)


def preview_name(name: str) -> str:
    return variant(name, PREVIEW)


def all_names(name: str) -> list[str]:
    return [name, small_name(name), preview_name(name)]


def address(name: str) -> str:
    """The root-relative address of a stored file."""
    return ADDRESS + name


# --- taking in -----------------------------------------------------------------------------------


def take_in(upload: Any) -> Stored:
    """Check an uploaded file and store what it shows. Raises ValidationError with a sentence for its sender."""
    shown = shown_name(upload.name)
    if upload.size > settings.IMAGE_MAX_BYTES:
        raise _refusal(
            _("%(name)s is larger than %(limit)d MB. Make the picture smaller and send it again."),
            "too_large",
            shown,
            limit=settings.IMAGE_MAX_BYTES // 2**20,
        )
    if PurePosixPath(upload.name or "").suffix.lower() not in _ENDINGS:
        raise _no_picture(shown)
    with _opened(upload, shown) as picture:
        kind, written_as = _KINDS[picture.format]
        token = secrets.token_hex(16)
        file = f"{token[:2]}/{token}.{kind}"
        try:
            clean = _clean(picture, written_as)
            made = {name: _encoded(each, written_as) for name, each in _sizes(file, clean)}
        except Exception as problem:  # decoders raise whatever a damaged file makes them stumble over
            raise _no_picture(shown) from problem
    for name, content in made.items():
        default_storage.save(name, ContentFile(content))
    return Stored(file, shown, *clean.size)


def shown_name(name: str | None) -> str:
    """The file name that came with an upload, without path, control characters and quotes, cut."""
    plain = re.split(r"[/\\]", name or "")[-1]
    return "".join(c for c in plain if c.isprintable() and c not in "\"'<>")[:150] or "?"


@contextmanager
def _opened(upload: Any, shown: str) -> Iterator[Image.Image]:
    """The picture, read as far as its size; nothing is decoded yet."""
    try:
        picture = Image.open(upload, formats=tuple(_KINDS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(shown) from None
    except Exception as problem:
        raise _no_picture(shown) from problem
    with picture:
        if picture.width * picture.height > settings.IMAGE_MAX_PIXELS:
            raise _too_many_pixels(shown)
        yield picture


def _clean(picture: Image.Image, written_as: str) -> Image.Image:
    """The first frame, upright, with nothing but its pixels."""
    picture.seek(0)
    has_alpha = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    turned = ImageOps.exif_transpose(picture)
    clean = turned.convert("RGBA" if has_alpha and written_as != "JPEG" else "RGB")
    clean.info = {}
    return clean


def _sizes(file: str, picture: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    yield file, picture
    for size in (SMALL, PREVIEW):
        smaller = picture.copy()
        smaller.thumbnail((size, size))
        yield variant(file, size), smaller


def _encoded(picture: Image.Image, written_as: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, written_as, **_OPTIONS[written_as])
    return out.getvalue()


def _no_picture(shown: str) -> ValidationError:
    return _refusal(
        _("%(name)s is no picture this program can read. Send a JPEG, PNG, WebP or GIF."), "no_picture", shown
    )


def _too_many_pixels(shown: str) -> ValidationError:
    return _refusal(
        _("%(name)s has more than %(limit)d megapixels. Make the picture smaller and send it again."),
        "too_many_pixels",
        shown,
        limit=settings.IMAGE_MAX_PIXELS // 1_000_000,
    )


def _refusal(sentence: str, code: str, shown: str, **facts: Any) -> ValidationError:
    return ValidationError(sentence % {"name": shown, **facts}, code=code)


# --- going and coming back -----------------------------------------------------------------------


def throw_away(name: str) -> None:
    """Move the files of a picture to the trash, where nobody is served."""
    for each in all_names(name):
        _move(each, f"{TRASH}/{each}")


def bring_back(name: str) -> None:
    """Take the files of a picture out of the trash, if they are there."""
    for each in all_names(name):
        _move(f"{TRASH}/{each}", each)


def _move(name: str, to: str) -> None:
    if not default_storage.exists(name):
        return
    if not default_storage.exists(to):
        with default_storage.open(name) as content:
            default_storage.save(to, content)
    default_storage.delete(name)


def stored_names(folder: str = "") -> Iterator[str]:
    """Every stored picture, without the sizes made of it; of the trash when asked for it."""
    try:
        folders, _files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for each in sorted(folders):
        if len(each) != 2:
            continue
        inside = f"{folder}/{each}" if folder else each
        for name in sorted(default_storage.listdir(inside)[1]):
            if NAME.match(f"{each}/{name}") and "-" not in name:
                yield f"{inside}/{name}"
