from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    name = "backoffice.console"
    label = "console"
    verbose_name = _("Console")

    def ready(self) -> None:
        from backoffice.console.site import site

        autodiscover_modules("admin", register_to=site)
