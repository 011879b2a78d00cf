"""What tells variants apart wherever they are listed: their super values, beside names that may be alike."""

import json
import re
from collections.abc import Iterable

from django.db import connection
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.texts import preferred_locales

BETWEEN = " · "
NUMBER = re.compile(r"[0-9]+([.,][0-9]+)*")


def super_values(ids: Iterable[int], locale: str = "") -> dict[int, str]:
    """``{id: "red · XL"}`` for those of these variants that hold super values, in the words of a user with this content
    locale, by the key of the attribute; a bare number is named by its attribute. One query."""
    sql = (
        "SELECT v.id, v.attributes -> k.key, w.translations ->> %s, coalesce(a.name ->> %s, k.key) "
        "FROM products_variant v "
        "JOIN attributes_attributekey k ON k.is_super AND v.attributes ? k.key "
        "LEFT JOIN attributes_attribute a ON a.key_id = k.id "
        "LEFT JOIN attributes_attributevalue w ON w.attribute_id = a.id AND w.value = v.attributes ->> k.key "
        "WHERE v.id = ANY(%s) ORDER BY lower(k.key), k.key"
    )
    found: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        own = preferred_locales(locale)[0]
        cursor.execute(sql, [own, own, list(ids)])
        for pk, value, translation, name in cursor.fetchall():
            text = translation or _text(value)
            found.setdefault(pk, []).append(f"{name} {text}" if NUMBER.fullmatch(text) else text)
    return {pk: BETWEEN.join(values) for pk, values in found.items()}


def _text(written: str) -> str:
    """A stored value, which the connection gives as JSON."""
    held = json.loads(written)
    return ", ".join(map(str, held)) if isinstance(held, list) else str(held)


def told_apart(name: str, values: str) -> SafeString:
    """A name with the super values beside it."""
    if not values:
        return format_html("{}", name)
    return format_html('{} <span class="bo-super">{}</span>', name, values)
