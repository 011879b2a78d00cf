from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PackagingConfig(AppConfig):
    name = "catalog.packaging"
    label = "packaging"
    verbose_name = _("Packaging")
    default_auto_field = "django.db.models.BigAutoField"
