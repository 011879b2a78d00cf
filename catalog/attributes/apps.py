from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttributesConfig(AppConfig):
    name = "catalog.attributes"
    label = "attributes"
    verbose_name = _("Attributes")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.attributes import recorded  # noqa: F401 - says how recorded states are put back
        from catalog.attributes.models import Attribute
        from catalog.stores.locale_indexes import index_names

        index_names(Attribute, order="key")
