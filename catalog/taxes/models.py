"""Tax rates and the sets that products carry (spec: prices-and-taxes 8)."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import functions
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.records import RIGHTS, Record
from backoffice.texts import SearchField
from catalog.stores.models import Country


class TaxRateQuerySet(models.QuerySet["TaxRate"]):
    def with_sets(self) -> Self:
        """Rates with their country and the sets they belong to, three queries whatever their number."""
        return self.select_related("country").prefetch_related("in_sets__tax_set")

    def unused(self) -> Self:
        """Rates that belong to no set."""
        return self.filter(in_sets__isnull=True)


class TaxRate(Record):
    """A percentage of one country. A rate without a country is a set's rate for all other countries."""

    name = models.CharField(_("name"), max_length=255)
    country = models.ForeignKey(
        Country, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("country")
    )
    rate = models.DecimalField(_("percentage"), max_digits=8, decimal_places=2)
    search = SearchField(sources=("name",))

    objects = TaxRateQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ("name", "pk")
        indexes = [
            models.Index(fields=["name", "id"], name="taxes_taxrate_name"),
            models.Index(fields=["rate", "id"], name="taxes_taxrate_rate"),
            models.Index(fields=["created_at", "id"], name="taxes_taxrate_created"),
        ]
        constraints = [
            UniqueRule(
                fields=["country", "name"],
                name="taxes_taxrate_name_once_per_country",
                nulls_distinct=False,
                column="name",
                code="taken",
                message=_("A tax rate with this name and country already exists."),
            ),
            CheckRule(
                condition=~models.Q(name__regex=r"^\s*$"),
                name="taxes_taxrate_name_given",
                column="name",
                code="required",
                message=_("A tax rate needs a name."),
            ),
            CheckRule(
                condition=models.Q(rate__range=(0, 100)),
                name="taxes_taxrate_percent_range",
                column="rate",
                code="out_of_range",
                message=_("A percentage is a number from 0 to 100."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TaxSetQuerySet(models.QuerySet["TaxSet"]):
    def with_rates(self) -> Self:
        """Sets with their rates, in two more queries."""
        links = TaxSetRate.objects.select_related("rate__country").order_by("rate__name", "pk")
        return self.prefetch_related(models.Prefetch("links", links))

    def with_effective_rate(self, country: str) -> Self:
        """Adds ``effective_rate`` for a destination given by its ISO code: the highest rate of the set for that
        country, else its rate without a country, else the configured default (spec 8.4)."""
        found = TaxSetRate.objects.filter(tax_set=models.OuterRef("pk")).order_by().values("tax_set")
        own, general = (
            found.filter(condition).annotate(most=models.Max("rate__rate")).values("most")
            for condition in (
                models.Q(rate__country__iso2_code=country),
                models.Q(rate__country__isnull=True),
            )
        )
        default = models.Value(default_rate(), models.DecimalField())
        return self.annotate(
            effective_rate=functions.Coalesce(models.Subquery(own), models.Subquery(general), default)
        )


class TaxSet(Record):
    """What a product or an option group is taxed with: one rate per country."""

    name = models.CharField(_("name"), max_length=255)
    rates = models.ManyToManyField(
        TaxRate, through="TaxSetRate", related_name="sets", verbose_name=_("rates")
    )
    search = SearchField(sources=("name",))

    objects = TaxSetQuerySet.as_manager()

    class Meta:
        default_permissions = RIGHTS
        verbose_name = _("tax set")
        verbose_name_plural = _("taxes")
        ordering = ("name",)
        indexes = [models.Index(fields=["created_at", "id"], name="taxes_taxset_created")]
        constraints = [
            UniqueRule(
                fields=["name"],
                name="taxes_taxset_name_unique",
                column="name",
                code="taken",
                message=_("A tax set with this name already exists."),
            ),
            CheckRule(
                condition=~models.Q(name__regex=r"^\s*$"),
                name="taxes_taxset_name_given",
                column="name",
                code="required",
                message=_("A tax set needs a name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TaxSetRate(Record):
    """A rate in a set."""

    tax_set = models.ForeignKey(TaxSet, models.CASCADE, related_name="links", verbose_name=_("tax set"))
    rate = models.ForeignKey(TaxRate, models.CASCADE, related_name="in_sets", verbose_name=_("tax rate"))

    history_parent = "tax_set"

    class Meta:
        default_permissions = ()
        verbose_name = _("rate of a tax set")
        verbose_name_plural = _("rates of tax sets")
        ordering = ("rate__name", "pk")
        constraints = [UniqueRule(fields=["tax_set", "rate"], name="taxes_taxsetrate_once")]

    def __str__(self) -> str:
        return f"{self.rate} {self.tax_set}"


def default_rate() -> Decimal:
    """The percentage of what has no rate for the destination."""
    return Decimal(getattr(settings, "DEFAULT_TAX_RATE", 0))


def effective_rate(tax_set: TaxSet | int | None, country: str) -> Decimal:
    """The percentage of a set in a destination country, read at once; without a set the configured default."""
    if tax_set is None:
        return default_rate()
    pk = tax_set if isinstance(tax_set, int) else tax_set.pk
    found = TaxSet.objects.filter(pk=pk).with_effective_rate(country).values_list("effective_rate", flat=True)
    return next(iter(found), default_rate())
