"""Addresses of the shop: which page answers a path in which locale, and where former paths lead (products 18)."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.records import Record
from catalog.stores.glossary import EqualsAny
from catalog.stores.models import LOCALE
from catalog.urls.slugs import LONGEST, fold


def _among(field: str, kind: models.Field, values: Iterable[Any]) -> EqualsAny:
    """``field = ANY(values)``: one parameter, however many addresses a branch of categories has."""
    return EqualsAny(F(field), Value(list(values), output_field=ArrayField(kind)))


class UrlQuerySet(models.QuerySet["Url"]):
    def pages(self) -> "UrlQuerySet":
        """Paths that lead to a page."""
        return self.filter(target=None)

    def redirects(self) -> "UrlQuerySet":
        """Former paths."""
        return self.exclude(target=None)

    def of(self, owner_type: str, owner_ids: Iterable[int]) -> "UrlQuerySet":
        """The pages of these owners of one kind."""
        return self.pages().filter(
            _among("owner_id", models.BigIntegerField(), owner_ids), owner_type=owner_type
        )

    def at(self, folded: Iterable[str]) -> "UrlQuerySet":
        """Whatever lies at these folded paths, with the page that a redirect leads to."""
        return self.filter(_among("folded", models.TextField(), folded)).select_related("target")


class FoldedField(models.TextField):
    """The path as it is compared, written with the row by whoever writes it."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        model_instance.folded = fold(model_instance.path)
        return model_instance.folded


class Url(Record):
    """A path in one locale. It belongs to an owner, or it is a former path and leads to the page that ``target`` is.

    Rows are written by :mod:`catalog.urls.claims` only. A redirect leads to a page's row and never to another
    redirect; renaming the page again moves all its redirects along.
    """

    path = models.CharField(_("address"), max_length=LONGEST)
    folded = FoldedField(editable=False)
    locale = models.CharField(_("locale"), max_length=5)
    owner_type = models.CharField(_("kind of owner"), max_length=32, blank=True, default="")
    owner_id = models.BigIntegerField(_("owner"), null=True, blank=True)
    target = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="redirects", verbose_name=_("leads to")
    )
    is_custom = models.BooleanField(_("own address"), default=False)
    is_first = models.BooleanField(default=False, editable=False)
    """One of the rows with the same path carries it, so that two owners never get a path in two locales."""

    objects = UrlQuerySet.as_manager()
    history_excluded = ("folded", "is_first")

    class Meta:
        default_permissions = ()
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ("path", "locale")
        constraints = [
            UniqueRule(
                fields=["folded", "locale"],
                name="urls_url_path_once",
                column="path",
                code="taken",
                message=_("Another page has this address."),
            ),
            UniqueRule(
                fields=["folded"],
                condition=Q(is_first=True),
                name="urls_url_path_one_owner",
                column="path",
                code="taken",
                message=_("Another page has this address."),
            ),
            UniqueRule(
                fields=["owner_type", "owner_id", "locale"],
                condition=Q(target=None),
                name="urls_url_one_per_locale",
                column="path",
                code="taken",
                message=_("The page has an address in this language already."),
            ),
            CheckRule(
                condition=Q(target=None, owner_id__isnull=False) & ~Q(owner_type="")
                | Q(target__isnull=False, owner_id=None, owner_type=""),
                name="urls_url_owner_or_target",
                message=_("An address belongs to a page or leads to one."),
            ),
            CheckRule(
                condition=Q(path__regex=r"^/([^/\s\\][^\s\\]*)?$"),
                name="urls_url_path_shape",
                column="path",
                code="bad_url",
                message=_("An address begins with / and has neither blanks nor backslashes."),
            ),
            CheckRule(
                condition=Q(locale__regex=LOCALE),
                name="urls_url_locale",
                column="locale",
                code="bad_locale",
                message=_("Write a locale as language_COUNTRY, such as de_AT."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} ({self.locale})"

    @property
    def is_redirect(self) -> bool:
        return self.owner_id is None

    @property
    def page(self) -> "Url":
        """The page's own row: itself, or where the redirect leads."""
        return self.target if self.is_redirect else self
