"""Pictures and the named sets that hold them in order (products 17). A set knows no owner.

The room of an owner has a link table that points to :class:`ImageSet` and repeats its locale and name, unique per
owner, locale and name. A set without owner is free-standing and has a key.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.fields import LocalizedField
from backoffice.records import Record
from catalog.images import files

DEFAULT = ""
"""The locale of sets that serve all languages."""
SHOWN = "default"
"""The name of the set that the catalogue shows (17.3)."""
ORDER_LIMIT = 2_147_483_647


class ImageQuerySet(models.QuerySet["Image"]):
    def orphans(self) -> "ImageQuerySet":
        """Pictures that no set uses."""
        return self.filter(~models.Exists(ImageInSet.objects.filter(image=models.OuterRef("pk"))))


class Image(Record):
    """A picture: an uploaded file, or two addresses elsewhere. Several sets may use it."""

    key = models.CharField(_("key"), max_length=32, null=True, blank=True)  # noqa: DJ001 - unique where given
    file = models.CharField(_("file"), max_length=100, blank=True, default="")
    """The stored name of an upload, such as ``ab/ab3f….jpg``; see :mod:`catalog.images.files`."""
    file_name = models.CharField(_("name of the file"), max_length=150, blank=True, default="")
    """The name that the file had where it came from; shown, never used."""
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    url_small = models.CharField(_("small address"), max_length=2048, blank=True, default="")
    url_large = models.CharField(_("large address"), max_length=2048, blank=True, default="")
    alt_small = LocalizedField(_("alternative text of the small picture"))
    alt_large = LocalizedField(_("alternative text of the large picture"))

    objects = ImageQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ("pk",)
        constraints = [
            UniqueRule(
                fields=["key"],
                name="images_image_key_unique",
                column="key",
                code="taken",
                message=_("Another picture has this key."),
            ),
            UniqueRule(
                fields=["file"],
                condition=~Q(file=""),
                name="images_image_file_once",
                column="file",
                code="taken",
                message=_("Another picture has this file."),
            ),
            CheckRule(
                condition=Q(key=None) | ~Q(key=""),
                name="images_image_key_given",
                column="key",
                code="required",
                message=_("Type a key."),
            ),
            CheckRule(
                condition=~Q(file="") & Q(url_small="", url_large="")
                | Q(file="") & ~Q(url_small="") & ~Q(url_large=""),
                name="images_image_file_or_addresses",
                column="url_large",
                code="required",
                message=_("A picture has a file, or a small and a large address."),
            ),
        ]

    def __str__(self) -> str:
        return self.alternative() or self.file_name or self.address_large.rpartition("/")[2] or str(self.pk)

    @property
    def address_large(self) -> str:
        """Where the large picture is; of an upload its root-relative path, as files state it."""
        return files.address(self.file) if self.file else self.url_large

    @property
    def address_small(self) -> str:
        return files.address(files.small_name(self.file)) if self.file else self.url_small

    def alternative(self, locale: str = "") -> str:
        """The words for somebody who does not see the picture: in ``locale``, else in any language."""
        texts = {**self.alt_large, **{code: text for code, text in self.alt_small.items() if text}}
        return texts.get(locale) or next(iter(texts.values()), "")


class ImageSet(Record):
    """Pictures under a name, in one locale or (an empty locale) for all."""

    name = models.CharField(_("name"), max_length=255, blank=True, default="")
    locale = models.CharField(_("locale"), max_length=5, blank=True, default=DEFAULT)
    key = models.CharField(_("key"), max_length=255, null=True, blank=True)  # noqa: DJ001 - unique where given
    images = models.ManyToManyField(Image, through="ImageInSet", related_name="sets")

    class Meta:
        default_permissions = ()
        verbose_name = _("image set")
        verbose_name_plural = _("image sets")
        ordering = ("locale", "name", "pk")
        constraints = [
            UniqueRule(
                fields=["key"],
                name="images_imageset_key_unique",
                column="key",
                code="taken",
                message=_("Another image set has this key."),
            ),
            CheckRule(
                condition=Q(key=None) | ~Q(key=""),
                name="images_imageset_key_given",
                column="key",
                code="required",
                message=_("Type a key."),
            ),
        ]

    def __str__(self) -> str:
        name = self.name or str(_("(no name)"))
        return f"{name} ({self.locale})" if self.locale else name


class ImageInSet(models.Model):
    """The place of a picture in a set: lower first, ties by id."""

    image_set = models.ForeignKey(
        ImageSet, models.CASCADE, related_name="places", verbose_name=_("image set")
    )
    image = models.ForeignKey(Image, models.PROTECT, related_name="places", verbose_name=_("picture"))
    sort_order = models.PositiveIntegerField(_("sort order"), default=0)

    class Meta:
        default_permissions = ()
        verbose_name = _("picture in a set")
        verbose_name_plural = _("pictures in sets")
        ordering = ("sort_order", "pk")
        constraints = [
            UniqueRule(
                fields=["image_set", "image"],
                name="images_imageinset_once",
                column="image",
                code="taken",
                message=_("The set has this picture already."),
            ),
            CheckRule(
                condition=Q(sort_order__lte=ORDER_LIMIT),
                name="images_imageinset_order_range",
                column="sort_order",
                code="out_of_range",
                message=_("Type a whole number from 0 to 2,147,483,647."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.image)


class Upload(models.Model):
    """A file that was sent and belongs to no picture yet: it survives a form that comes back with errors."""

    token = models.CharField(max_length=43, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    file = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=150)
    """The name that the file had where it came from; shown, never used."""
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return self.name

    def as_image(self) -> dict[str, Any]:
        """The values of the picture that the upload becomes."""
        return {"file": self.file, "file_name": self.name, "width": self.width, "height": self.height}
