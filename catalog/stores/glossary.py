"""Reading a name where a text of its own may be missing (spec: packaging-and-units 2.8)."""

from collections.abc import Iterable
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Concat, NullIf, Substr

from backoffice.texts import content_locales, normalise, preferred_locales
from catalog.stores.models import GlossaryText


class GlossaryNames(models.QuerySet):
    """For models with a key and a localized ``name`` whose missing texts the glossary stands in for.

    ``key_path`` leads to the key; the glossary calls it ``glossary_prefix`` + key.
    """

    key_path = "key"
    glossary_prefix = ""

    def with_name(self, locale: str = "") -> Self:
        """Adds ``shown_name``: the own text in ``locale``, else the glossary's, else the same for the other
        content locales in order, else the raw key."""
        texts = [
            expression
            for code in preferred_locales(locale)
            for expression in (own_text(code), self._glossary_text(code))
        ]
        return self.annotate(shown_name=Coalesce(*texts, F(self.key_path), output_field=models.TextField()))

    def without_name_in(self, locales: Iterable[str]) -> Self:
        """Rows that have neither an own text nor a glossary text in at least one of ``locales``."""
        missing = models.Q()
        for code in locales:
            standing_in = self._keys(GlossaryText.objects.filter(locale=code).exclude(translation=""))
            missing |= ~models.Q(name__has_key=code) & ~models.Q(**{f"{self.key_path}__in": standing_in})
        return self.filter(missing)

    def named_like(self, text: str) -> Self:
        """Rows found in key, own names or the glossary texts that stand in for them."""
        part = normalise(text)
        keys = self._keys(GlossaryText.objects.filter(search__contains=part))
        ids = self.model._base_manager.filter(**{f"{self.key_path}__in": keys}).order_by().values("pk")
        return self.filter(models.Q(search__contains=part) | models.Q(EqualsAny(F("pk"), ArraySubquery(ids))))

    def _glossary_text(self, locale: str) -> Subquery:
        key = OuterRef(self.key_path)
        texts = GlossaryText.objects.filter(
            key=Concat(Value(self.glossary_prefix), key) if self.glossary_prefix else key, locale=locale
        )
        return Subquery(texts.exclude(translation="").values("translation")[:1])

    def _keys(self, texts: models.QuerySet[GlossaryText]) -> models.QuerySet[GlossaryText]:
        """The keys of glossary texts as this model calls them."""
        prefix = self.glossary_prefix
        own = texts.filter(key__startswith=prefix) if prefix else texts
        return own.annotate(own_key=Substr("key", len(prefix) + 1)).values("own_key")


class EqualsAny(models.Func):
    """``key = ANY(ARRAY(…))``: unlike IN, it lets an index answer both halves of an OR."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()
    conditional = True


def own_text(locale: str) -> NullIf:
    return NullIf(KT(f"name__{locale}"), Value(""))


def glossary_texts(keys: Iterable[str]) -> dict[str, dict[str, str]]:
    """``{key: {locale: text}}`` for the given keys, in one query."""
    found: dict[str, dict[str, str]] = {}
    for text in GlossaryText.objects.filter(key__in=set(keys), locale__in=content_locales()).exclude(
        translation=""
    ):
        found.setdefault(text.key, {})[text.locale] = text.translation
    return found


def shown_name(key: str, own: dict[str, str], locale: str = "", *, prefix: str = "") -> str:
    """The same for one record at hand: :meth:`GlossaryNames.with_name` says the order."""
    standing_in = glossary_texts([prefix + key]).get(prefix + key, {})
    for code in preferred_locales(locale):
        if own.get(code) or standing_in.get(code):
            return own.get(code) or standing_in[code]
    return key
