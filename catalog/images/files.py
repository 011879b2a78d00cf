"""Uploaded pictures on disk: checked by content, made anew without metadata, stored under random names.

Every upload is three files: the picture, ``-600`` for shops and ``-150`` for previews. They live below
``MEDIA_ROOT``; of a picture that goes they wait in ``.trash`` for as long as its deletion can be undone.
"""

SMALL, PREVIEW = 600, 150
"""The longer side of the pictures that are made of an upload, in pixels."""
ADDRESS = "/media/"


def variant(name: str, size: int) -> str:
    """The stored name of the picture made of ``name`` in a size."""
    stem, _dot, kind = name.rpartition(".")
    return f"{stem}-{size}.{kind}"


def small_name(name: str) -> str:
    return variant(name, SMALL)


def preview_name(name: str) -> str:
    return variant(name, PREVIEW)


def address(name: str) -> str:
    """The root-relative address of a stored file."""
    return ADDRESS + name
