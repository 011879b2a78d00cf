"""Forms kept for people whose session ended while they typed (spec: working-day 6.2)."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

KEPT = timedelta(minutes=30)


def new_token() -> str:
    return secrets.token_urlsafe(24)


class RescuedFormQuerySet(models.QuerySet["RescuedForm"]):
    def alive(self) -> "RescuedFormQuerySet":
        return self.filter(created_at__gt=timezone.now() - KEPT)

    def expired(self) -> "RescuedFormQuerySet":
        return self.exclude(created_at__gt=timezone.now() - KEPT)


class RescuedForm(models.Model):
    """What somebody typed into a form before his session ended. Bound to the user and, by its token in a cookie,
    to the browser. Never holds passwords or files."""

    token = models.CharField(max_length=64, unique=True, default=new_token)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    path = models.CharField(max_length=2000)
    values = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RescuedFormQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["created_at"], name="console_rescued_created")]

    def __str__(self) -> str:
        return self.path
