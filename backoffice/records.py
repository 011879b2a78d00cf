"""The base of every stored record: when it was made and changed, and the version a form was opened with."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Record(models.Model):
    """``version`` rises with every write, by form or by file, so that a stale form can be told (working-day 6.1)."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True


RIGHTS = ("view", "add", "change", "delete", "import", "export")
"""The rights most screens have; a model names its own in ``Meta.default_permissions``."""

UNRECORDED = frozenset({"created_at", "updated_at", "version", "search"})
"""Columns that history and imports leave to the machine."""
