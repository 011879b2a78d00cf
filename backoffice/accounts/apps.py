from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "backoffice.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice.accounts import checks, security  # noqa: F401 - checks register themselves
        from backoffice.console import deleting, errors, logs
        from backoffice.console.bulk import doing
        from backoffice.history import putting, undoing

        errors.on_refusal.append(security.refusal)
        logs.on_export.append(security.exported)
        deleting.on_delete.append(security.deleted)
        doing.on_bulk.append(security.bulk_edited)
        undoing.on_undo.append(security.undone)
        for name in ("User", "Role"):
            putting.refuse(self.get_model(name), _("Users and roles are put right on their own pages."))
