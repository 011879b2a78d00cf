"""Prove the stored readiness codes, and put right what is wrong (products 6.5)."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.products.readiness.storing import refresh_all


class Command(BaseCommand):
    help = "Compares the stored readiness codes of all products with what the checks say, and repairs them."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = refresh_all()
        self.stdout.write("1 row was wrong." if wrong == 1 else f"{wrong} rows were wrong.")
