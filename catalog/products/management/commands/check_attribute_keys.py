"""Write down attribute keys that occur in product data only (attributes 2.6)."""

from typing import Any

from django.core.management.base import BaseCommand

from backoffice.history.recording import recording
from catalog.attributes.models import Attribute
from catalog.products.attribute_use import note_unknown


class Command(BaseCommand):
    help = "Looks for attribute keys that only products or variants hold, and lists them as undeclared."

    def handle(self, *args: Any, **options: Any) -> None:
        with recording("action", screen=Attribute._meta.label_lower) as recorder:
            made = note_unknown(recorder=recorder)
        self.stdout.write("1 key was unknown." if len(made) == 1 else f"{len(made)} keys were unknown.")
