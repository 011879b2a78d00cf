"""The file of tax rates and sets (spec: import-export 4.1.3, prices-and-taxes 9.4)."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import F, Model, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.numbers import Dec
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import Code
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.problems import CellError
from backoffice.transfer.staging.keys import JOIN
from catalog.stores.countries import country_code, nearest_country
from catalog.stores.models import Country
from catalog.taxes import importing
from catalog.taxes.importing import FILE, PERCENTS, RATES, SETS
from catalog.taxes.models import TaxRate, TaxSet


def tax_set_ref() -> Ref:
    """A tax set named by another file; the file of taxes may bring it in the same run."""
    return Ref(TaxSet, "name", file=SETS, remedy=_("Correct it, or import tax.csv first."))


class CountryName(Ref):
    """A country by its English name, an older name or its two letters; read as its code."""

    def __init__(self) -> None:
        super().__init__(Country, "iso2_code")
        self.max_length = 255

    def clean(self, value: str, row: Any = None, **options: Any) -> str:
        text = super().clean(value)
        code = country_code(text)
        if text and not code:
            nearest = nearest_country(text)
            if nearest:
                message = _("“%(value)s” is no known country. Did you mean “%(hint)s”?")
                raise CellError("unknown_ref", message, hint=nearest)
            message = _("“%(value)s” is no known country.")
            raise CellError(
                "unknown_ref", message, _("Write its English name or its two letters of ISO 3166.")
            )
        return code


class Percent(Dec):
    """A percentage from 0 to 100 with at most two decimals."""

    def __init__(self) -> None:
        super().__init__(Decimal(0), Decimal(100))

    def clean(self, value: str, row: Any = None, **options: Any) -> Decimal | None:
        number = super().clean(value, row, **options)
        if number is None:
            return None
        rounded = number.quantize(Decimal("0.01"))
        if rounded != number:
            raise CellError("bad_decimal", _("“%(value)s” has more than two decimals."))
        return rounded


@register
class TaxFile(FileResource):
    """A row makes or changes a rate and, if it names a set, makes the set and puts the rate into it. The same rate
    stands once for each of its sets."""

    set_name = Column(
        "set_name",
        "tax_set_name",
        Code(255),
        default="",
        help=_("The set that gets the rate; it is made if it is missing. Empty: the rate alone."),
        samples=("Sample set", "Sample set", ""),
    )
    country = Column(
        "country",
        "country_name",
        CountryName(),
        required=KEY,
        help=_("English name, or two letters of ISO 3166."),
        samples=("Denmark", "Portugal", "Iceland"),
    )
    name = Column(
        "name",
        "tax_rate_name",
        Code(255),
        required=KEY,
        help=_("The name of the rate."),
        samples=("Sample Denmark", "Sample Portugal", "Sample Iceland"),
    )
    rate = Column(
        "rate",
        "tax_rate_percent",
        Percent(),
        required=CREATE,
        help=_("0 to 100, with up to two decimals. The same rate has one percentage throughout the file."),
        samples=("25", "23", "24"),
    )

    class Meta:
        model = TaxRate
        screen = TaxSet
        file = FILE

    @cached_property
    def key_columns(self) -> list[Column]:
        """Rows are called by the rate's own name."""
        return [self.fields["name"], self.fields["country"]]

    def key_text(self, values: Values) -> str:
        return importing.row_key(values)

    def label(self, values: Values) -> str:
        return values["tax_rate_name"]

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        rate = importing.rate_key(values)
        yield RATES, rate
        if "tax_rate_percent" in values:
            yield PERCENTS, JOIN.join((rate, str(values["tax_rate_percent"])))
        if values.get("tax_set_name"):
            yield SETS, values["tax_set_name"]

    def review(self, batch: Batch) -> None:
        importing.review(batch)

    def before_write(self, batch: Batch) -> None:
        """One row may bring three records, so the room writes them itself and leaves nothing to the engine."""
        importing.write(batch)
        batch.shelf.keep([])

    def rows(self, user: Any = None) -> QuerySet:
        """One row per rate and set. A rate without a country has no place in the file."""
        found = TaxRate.objects.filter(country__isnull=False).select_related("country")
        named = found.annotate(set_name=F("in_sets__tax_set__name"))
        return named.order_by("country__name", "name", "pk", "set_name")

    def cell(self, record: Model, column: Column, locale: str = "") -> str:
        if column is self.fields["country"]:
            return column.widget.render(record.country.name)
        return super().cell(record, column, locale)
