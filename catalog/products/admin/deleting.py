"""Deleting one product or variant that was made by mistake (spec: products 0.9): never many at once."""

from django.http import HttpRequest

from backoffice.history.recording import Recorder
from catalog.products import removing
from catalog.products.models import Product, Variant


class DeleteProduct:
    """For the screen of products."""

    def remove(self, request: HttpRequest, record: Product, recorder: Recorder) -> None:
        removing.remove_product(record, self.state(record), recorder=recorder)


class DeleteVariant:
    """For the screen of variants."""

    def remove(self, request: HttpRequest, record: Variant, recorder: Recorder) -> None:
        removing.remove_variant(record, recorder=recorder)
