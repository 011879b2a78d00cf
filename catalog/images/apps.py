from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class ImagesConfig(AppConfig):
    name = "catalog.images"
    label = "images"
    verbose_name = _("Images")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.images import keeping, recorded  # noqa: F401 - says how recorded pictures are put back
        from catalog.images.models import Image, Upload

        def file_goes(instance: Any, **_facts: Any) -> None:
            keeping.file_goes(instance.file)

        for model in (Image, Upload):
            post_delete.connect(file_goes, sender=model, weak=False, dispatch_uid=f"file of {model.__name__}")
