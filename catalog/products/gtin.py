"""Global trade item numbers: 8, 12, 13 or 14 digits, the last of which checks the others (products 21.3)."""

import re

from django.utils.translation import gettext as _

LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> str:
    """The last digit that belongs behind ``digits``."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def is_valid(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]+", text)) and len(text) in LENGTHS and check_digit(text[:-1]) == text[-1]


def why_not(text: str) -> str:
    """What is wrong with a GTIN, with the remedy; empty for a good one."""
    if is_valid(text):
        return ""
    if text.startswith("=") or re.fullmatch(r"[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+", text):
        return _("A spreadsheet has shortened this number. Type all its digits.")
    if not re.fullmatch(r"[0-9]+", text):
        return _("A GTIN has digits only.")
    padded = next((text.zfill(length) for length in LENGTHS if length > len(text)), "")
    if len(text) not in LENGTHS and padded and is_valid(padded):
        return _("A GTIN has 8, 12, 13 or 14 digits. Was a leading zero lost? %(gtin)s") % {"gtin": padded}
    if len(text) not in LENGTHS:
        return _("A GTIN has 8, 12, 13 or 14 digits.")
    return _(
        "The check digit is wrong: behind %(digits)s belongs %(digit)s. Compare it with the package."
    ) % {
        "digits": text[:-1],
        "digit": check_digit(text[:-1]),
    }
