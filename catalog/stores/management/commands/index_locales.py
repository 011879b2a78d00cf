"""``manage.py index_locales``: make the indexes that belong to each content locale, where one is missing."""

from typing import Any

from django.core.management import BaseCommand

from catalog.stores.locale_indexes import make_indexes
from catalog.stores.models import shop_locales


class Command(BaseCommand):
    help = (
        "Make the indexes of every content locale; needed after stores were filled by other means than ours."
    )

    def handle(self, **options: Any) -> None:
        make_indexes(shop_locales())
