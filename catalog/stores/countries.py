"""Countries by the names people and files use for them (spec: import-export 2.7, 4.1.3)."""

import difflib
from collections.abc import Iterable
from functools import cache

from babel import Locale
from django.utils.translation import get_language

from backoffice.texts import normalise

OTHER_NAMES = {
    "BA": ("Bosnia", "Bosnia-Herzegovina"),
    "BN": ("Brunei Darussalam",),
    "BO": ("Bolivia, Plurinational State of",),
    "BY": ("Belorussia",),
    "CD": ("Congo, The Democratic Republic of the", "Democratic Republic of the Congo", "Zaire"),
    "CG": ("Congo", "Republic of the Congo"),
    "CI": ("Ivory Coast", "Cote d'Ivoire"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic",),
    "FK": ("Falkland Islands (Malvinas)",),
    "FM": ("Micronesia, Federated States of",),
    "GB": ("Great Britain", "UK", "England"),
    "HK": ("Hong Kong",),
    "IR": ("Iran, Islamic Republic of",),
    "KP": ("Korea, Democratic People's Republic of",),
    "KR": ("Korea", "Korea, Republic of", "Republic of Korea"),
    "LA": ("Lao People's Democratic Republic",),
    "MD": ("Moldova, Republic of", "Republic of Moldova"),
    "MK": ("Macedonia", "Macedonia, The Former Yugoslav Republic of"),
    "MM": ("Burma", "Myanmar"),
    "MO": ("Macao", "Macau"),
    "NL": ("The Netherlands", "Holland"),
    "PS": ("Palestine", "Palestinian Territory, Occupied", "Palestine, State of"),
    "RU": ("Russian Federation",),
    "SY": ("Syrian Arab Republic",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey", "Turkiye"),
    "TW": ("Taiwan, Province of China",),
    "TZ": ("Tanzania, United Republic of",),
    "US": ("USA", "United States of America"),
    "VA": ("Holy See", "Holy See (Vatican City State)", "Vatican"),
    "VE": ("Venezuela, Bolivarian Republic of",),
    "VG": ("Virgin Islands, British",),
    "VI": ("Virgin Islands, U.S.",),
    "VN": ("Viet Nam",),
}
"""Older and longer English names that files hold."""


@cache
def _names(language: str) -> dict[str, str]:
    try:
        return dict(Locale.parse(language, sep="-").territories)
    except ValueError:
        return dict(Locale("en").territories)


def country_name(code: str) -> str:
    """The name of a country in the user's language; the code where there is none."""
    return _names(get_language() or "en").get(code, code)


def countries_like(text: str) -> list[str]:
    """The codes of the countries whose name in the user's language, or in English, holds the text."""
    part = normalise(text)
    tables = (_names(get_language() or "en"), _names("en"))
    found = {code for names in tables for code, name in names.items() if part in normalise(name)}
    return sorted(code for code in found if len(code) == 2)


@cache
def _known() -> dict[str, str]:
    names = {code: (name,) for code, name in _names("en").items() if len(code) == 2 and code.isalpha()}
    return {
        _folded(name): code
        for code, name in [*_pairs(names.items()), *_pairs(OTHER_NAMES.items()), *((c, c) for c in names)]
    }


def _pairs(table: Iterable[tuple[str, tuple[str, ...]]]) -> list[tuple[str, str]]:
    return [(code, name) for code, names in table for name in names]


def _folded(name: str) -> str:
    return normalise(name).replace("&", "and").replace("’", "'").replace("st. ", "saint ")


def country_code(text: str) -> str:
    """The ISO code of a country written as its English name, an older one, or the code; else nothing."""
    return _known().get(_folded(text), "")


def nearest_country(text: str) -> str:
    """The English name that was probably meant, or nothing."""
    found = difflib.get_close_matches(_folded(text), _known(), n=1, cutoff=0.75)
    return _names("en").get(_known()[found[0]], "") if found else ""
