from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    name = "catalog.products"
    label = "products"
    verbose_name = _("Products")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.products import addressing, attribute_use, recorded, scope  # noqa: F401 - says how states are put back
        from catalog.products.readiness import storing, telling  # noqa: F401 - follows what is reported

        addressing.register()
        attribute_use.register()
        scope.register()
        telling.register()
        _index_names()


def _index_names() -> None:
    from catalog.products.models import Product, Variant
    from catalog.products.names import SortName
    from catalog.stores.locale_indexes import index_names, index_sorting

    for model, order in ((Product, "id"), (Variant, "sku")):
        index_names(model, order=order)
        index_sorting(model, SortName.of)
