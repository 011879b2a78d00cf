"""The addresses of pictures. Sets are edited on the forms of their owners."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from backoffice.console.rights import SIGNED_IN, OwnRows
from backoffice.console.site import site
from catalog.images import samples, uploading

site.register_address("media/<path:name>", uploading.serve, name="media", right=SIGNED_IN)
site.register_address(
    "images/upload/",
    uploading.send,
    name="images_upload",
    right=OwnRows(_("pictures"), uploading.may_send, "add"),
)

if settings.SAMPLE_MEDIA:
    site.register_address("sample-media/<path:name>", samples.serve, name="sample_media", right=SIGNED_IN)
