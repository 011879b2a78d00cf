from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PackagingConfig(AppConfig):
    name = "catalog.packaging"
    label = "packaging"
    verbose_name = _("Packaging")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.packaging.models import PackagingType
        from catalog.stores.locale_indexes import index_names

        index_names(PackagingType, order="key")
