from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoresConfig(AppConfig):
    name = "catalog.stores"
    label = "stores"
    verbose_name = _("Stores")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice.texts import register_content_locales
        from catalog.stores.models import shop_locales

        register_content_locales(shop_locales)
