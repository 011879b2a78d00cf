from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CategoriesConfig(AppConfig):
    name = "catalog.categories"
    label = "categories"
    verbose_name = _("Categories")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.categories import addresses, recorded, scope  # noqa: F401 - says how recorded states are put back
        from catalog.categories.models import Category
        from catalog.stores.locale_indexes import index_names

        index_names(Category, order="path")
        addresses.register()
        scope.register()
