from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BuyersConfig(AppConfig):
    name = "catalog.buyers"
    label = "buyers"
    verbose_name = _("Buyers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.buyers import recorded  # noqa: F401 - says how recorded states are put back
