"""The file of customers; it is only read (spec: import-export 4.10, reviews 7.7)."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from backoffice.console.rights import Right
from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.dates import Day
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import (
    Code,
    Locale,
)
from backoffice.transfer.planning.batches import Batch
from catalog.buyers import uniqueness
from catalog.buyers.models import Customer


class DayOfMoment(Day):
    """A day as ``2026-12-31``; a time behind it is left out."""

    shape = re.compile(
        r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?)?"
    )


@register
class CustomerFile(FileResource):
    """Customers come by file only; the column of passwords is taken out before the file is stored."""

    reference = Column(
        "customer_reference",
        widget=Code(255),
        required=KEY,
        help=_("Ends in digits."),
        samples=("SAMPLE--1", "SAMPLE--2", "SAMPLE--3"),
    )
    locale = Column("locale", "locale_name", Locale(), samples=("de_DE", "en_US", "en_US"))
    phone = Column("phone", samples=("+49 555 0142",))
    email = Column(
        "email",
        required=CREATE,
        samples=("alma.birk@example.com", "ruben.holt@example.com", "tess.moor@example.com"),
    )
    salutation = Column("salutation", samples=("Ms", "Mr", "Ms"))
    first_name = Column("first_name", required=CREATE, samples=("Alma", "Ruben", "Tess"))
    last_name = Column("last_name", required=CREATE, samples=("Birk", "Holt", "Moor"))
    company = Column("company")
    gender = Column("gender", samples=("Female", "Male", "Female"))
    date_of_birth = Column("date_of_birth", widget=DayOfMoment())
    registered = Column(
        "registered", widget=DayOfMoment(), samples=("2026-01-10", "2026-02-11", "2026-03-12")
    )

    class Meta:
        model = Customer
        file = "customer"
        similar_keys = True
        unkept = ("password",)
        once = {
            "customer.email": ("taken", _("Line %(line)s gives the same e-mail address to another customer."))
        }

    def right(self, action: str) -> Right:
        """Customers are made and changed by nothing but a file: the right to import is enough."""
        return super().right("import" if action in {"add", "change"} else action)

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        if values.get("email"):
            yield "customer.email", values["email"]

    def review(self, batch: Batch) -> None:
        """An address belongs to one customer; one who was anonymised is left alone."""
        place = batch.position("anonymised_at")
        for row in batch.rows:
            if row.stored and row.stored[place] and not row.is_bad:
                row.outcome = "skipped"
        uniqueness.refuse_taken(batch, "email", "email")

    def review_bad(self, batch: Batch) -> None:
        self.review(batch)
