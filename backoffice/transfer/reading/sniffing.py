"""What a file is and how its bytes spell text: content before name, never a guess that is not shown."""

import codecs
import re
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.problems import FileRefused

WINDOWS = "windows-1252"
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    WINDOWS: "Windows-1252",
    "iso-8859-15": "ISO 8859-15",
}
"""What a user may choose, and how it is called."""

_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_STRANGERS = (
    (b"MZ", _("a program")),
    (b"\x7fELF", _("a program")),
    (b"#!", _("a script")),
    (b"%PDF", _("a PDF document")),
    (b"\x89PNG", _("an image")),
    (b"GIF8", _("an image")),
    (b"\xff\xd8\xff", _("an image")),
    (b"RIFF", _("a media file")),
    (b"\xd0\xcf\x11\xe0", _("an old Excel or Word file")),
    (b"\x1f\x8b", _("a packed file")),
    (b"BZh", _("a packed file")),
    (b"7z\xbc\xaf", _("a packed file")),
    (b"Rar!", _("a packed file")),
    (b"{\\rtf", _("a text document")),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|\?xml|svg|script)", re.IGNORECASE)


class Encoding(NamedTuple):
    """``guessed`` asks for a confirmation; ``marked`` means that the file says so itself."""

    name: str
    marked: bool = False
    guessed: bool = False


def encoding_name(name: str) -> str:
    """The encoding as people call it."""
    plain = name.removesuffix("-sig")
    return ENCODINGS.get(plain, plain.upper())


def content_kind(path: Path) -> str:
    """``csv`` (any text) or ``zip`` (also an XLSX); anything else is refused."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise FileRefused("empty_file")
    for sign, name in _STRANGERS:
        if head.startswith(sign):
            raise FileRefused("not_a_table", found=name)
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        raise FileRefused("not_a_table", found=_("a web page"))
    return "zip" if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) else "csv"


def find_encoding(path: Path, asked: str = "", *, is_stated: bool = False) -> Encoding:
    """The byte-order mark, else UTF-8, else a guess: UTF-16 where every other byte is zero, or Windows-1252. A
    file that mixes UTF-8 with another one is refused.

    ``asked`` is what the user confirmed for files that do not say it; one that ``is_stated`` for this very file stands
    before all that was found out.
    """
    found = _found_out(path, asked)
    if not (asked and is_stated) or found.name.removesuffix("-sig") == asked:
        return found
    is_wide = found.name == "utf-16" and asked.startswith("utf-16")
    return found if is_wide else Encoding(asked)


def _found_out(path: Path, asked: str) -> Encoding:
    with path.open("rb") as file:
        head = file.read(4096)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return Encoding(name, marked=True)
        if wide := _wide(head):
            return Encoding(asked if asked in {"utf-16-le", "utf-16-be"} else wide, guessed=not asked)
        file.seek(0)
        if _is_utf8(file):
            return Encoding("utf-8")
        file.seek(0)
        _refuse_mixture(file)
    if asked and codecs.lookup(asked).name not in {"utf-8", "utf-8-sig"}:
        return Encoding(asked)
    return Encoding(WINDOWS, guessed=True)


def wide_encoding(head: bytes) -> str:
    """How a text of two bytes per sign is encoded, as far as its beginning tells; nothing for any other."""
    return next((name for mark, name in _MARKS if name == "utf-16" and head.startswith(mark)), _wide(head))


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: text of our letters has a zero in nearly every other byte, other text has none."""
    half = len(head) // 2
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if half and zeros.count(0) > half * 0.6 and head.count(0) < half * 1.2:
            return name
    return ""


def _is_utf8(file: BinaryIO) -> bool:
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        while chunk := file.read(_CHUNK):
            decode(chunk)
        decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_mixture(file: BinaryIO) -> None:
    """Both lines that are UTF-8 beyond ASCII and lines that are not: refused, naming the first bad byte."""
    line, offset, bad, good = 1, 0, None, False
    while piece := _piece(file):
        if not piece.isascii():
            try:
                piece.decode("utf-8")
                good = True
            except UnicodeDecodeError as error:
                bad = bad or (line, offset + error.start + 1)
        line += piece.count(b"\n")
        offset += len(piece)
    if bad and good:
        raise FileRefused("mixed_encoding", line=bad[0], byte=bad[1])


def _piece(file: BinaryIO) -> bytes:
    """A line, or a part of a very long one that does not split a letter."""
    piece = file.readline(_CHUNK)
    while piece and piece[-1] >= 0x80 and len(piece) < _CHUNK + 8:
        more = file.read(1)
        if not more:
            break
        piece += more
    return piece
