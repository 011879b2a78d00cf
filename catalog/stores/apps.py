from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoresConfig(AppConfig):
    name = "catalog.stores"
    label = "stores"
    verbose_name = _("Stores")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice.accounts.preferences import register_stores
        from backoffice.texts import register_content_locales
        from catalog.stores import recorded  # noqa: F401 - says how recorded languages are put back
        from catalog.stores.models import Store, shop_locales

        register_content_locales(shop_locales)
        register_stores(lambda: list(Store.objects.order_by("name").values_list("name", flat=True)))
