"""A hall can be granted; a shelf hangs on its hall."""

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase


class Hall(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        permissions = (("in_scope", "In scope"),)

    def __str__(self) -> str:
        return self.name


class Shelf(models.Model):
    name = models.CharField(max_length=50)
    hall = models.ForeignKey(Hall, models.CASCADE, related_name="shelves")

    class Meta:
        default_permissions = ("view",)
        permissions = (("edit_stock_shelf", "Edit stock"),)

    def __str__(self) -> str:
        return self.name


class HallGroupGrant(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Hall, models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        default_permissions = ()


class HallUserGrant(UserObjectPermissionBase):
    content_object = models.ForeignKey(Hall, models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()
