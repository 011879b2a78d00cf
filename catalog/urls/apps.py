from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AddressesConfig(AppConfig):
    name = "catalog.urls"
    label = "urls"
    verbose_name = _("Addresses")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.urls import recorded  # noqa: F401 - says how recorded addresses are put back
