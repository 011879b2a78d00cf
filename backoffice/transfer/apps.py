from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class TransferConfig(AppConfig):
    name = "backoffice.transfer"
    label = "transfer"
    verbose_name = _("Transfer")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("resources")
