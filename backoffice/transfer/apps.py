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

        from backoffice.accounts.models import ACTIONS
        from backoffice.console.lists import header_links
        from backoffice.transfer.jobs import deeds, exports, keeping, undo  # noqa: F401 - keeping registers periodic work
        from backoffice.transfer.jobs.access import list_links

        header_links.append(list_links)
        undo.register()
        exports.register()
        deeds.register()
        ACTIONS.update(
            {
                "upload": _("Upload"),
                "import_check": _("Import checked"),
                "import_apply": _("Import started"),
                "import": _("Import"),
                "job_cancel": _("Job cancelled"),
                "download": _("Download"),
                "undo": _("Undo"),
            }
        )
