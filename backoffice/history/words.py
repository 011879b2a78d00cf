"""What changed in a long text, word by word."""

import difflib
import re
from typing import NamedTuple

LONG = 80
"""Shorter texts are read faster side by side."""
MOST = 20_000
_words = re.compile(r"\s+|\w+|[^\w\s]")


class Piece(NamedTuple):
    text: str
    is_gone: bool = False
    is_fresh: bool = False


def word_diff(before: str, after: str) -> list[Piece]:
    """The words that stayed, went and came, in order. Nothing for short texts, and for those that share too little
    to be worth reading together."""
    longest = max(len(before), len(after))
    if not before or not after or before == after or not LONG <= longest <= MOST:
        return []
    old, new = _words.findall(before), _words.findall(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if len(old) + len(new) > 4_000:
        matcher = difflib.SequenceMatcher(None, old, new)
    if matcher.quick_ratio() < 0.3:
        return []
    found: list[Piece] = []
    for deed, i, j, k, m in matcher.get_opcodes():
        if deed == "equal":
            found.append(Piece("".join(old[i:j])))
        else:
            found += [Piece("".join(old[i:j]), is_gone=True)] if j > i else []
            found += [Piece("".join(new[k:m]), is_fresh=True)] if m > k else []
    return found


def item_diff(before: list[str], after: list[str]) -> list[Piece]:
    """The items that went from a list and those that came to it. Nothing when one of the lists is empty or holds an
    item twice, or when only the order changed."""
    old, new = set(before), set(after)
    if not old or not new or old == new or len(old) < len(before) or len(new) < len(after):
        return []
    found = [Piece(each, is_gone=True) for each in before if each not in new]
    found += [Piece(each, is_fresh=True) for each in after if each not in old]
    return [piece for each in found for piece in (Piece(", "), each)][1:]
