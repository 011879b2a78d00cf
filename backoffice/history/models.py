"""Change sets: what one save, action, import or undo did to which records (spec: working-day 7)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.texts import SearchField


class ChangeSet(models.Model):
    """Everything one deed changed. Append-only: nobody edits or deletes it; kept for ever."""

    class Kind(models.TextChoices):
        SAVE = "save", _("save")
        ACTION = "action", _("action")
        BULK_EDIT = "bulk_edit", _("bulk edit")
        IMPORT = "import", _("import")
        UNDO = "undo", _("undo")
        REVERT = "revert", _("revert")
        COMMAND = "command", _("command")
        API = "api", _("API")

    at = models.DateTimeField(_("time"), auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("user"),
    )
    user_name = models.CharField(_("user"), max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    screen = models.CharField(_("screen"), max_length=100, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    job = models.BigIntegerField(_("job"), null=True, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    undoes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", verbose_name=_("undoes")
    )
    search = SearchField(sources=("note", "user_name"))

    class Meta:
        default_permissions = ("view", "export", "undo")
        verbose_name = _("change set")
        verbose_name_plural = _("change history")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["save", "action", "bulk_edit", "import", "undo", "revert", "command", "api"]
                ),
                name="history_changeset_kind_known",
            )
        ]
        indexes = [
            models.Index(fields=["user", "id"], name="history_set_user"),
            models.Index(fields=["screen", "id"], name="history_set_screen"),
            models.Index(fields=["at", "id"], name="history_set_at"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Change(models.Model):
    """What a change set did to one record.

    ``fields`` is ``{field: {"before": …, "after": …}}``, a text per locale as ``name.de_DE``; a reference as
    ``{"id": 3, "key": "EUR"}``. It is null for records added by a first load: the record itself is the state.
    """

    class Action(models.TextChoices):
        ADD = "add", _("added")
        CHANGE = "change", _("changed")
        DELETE = "delete", _("deleted")

    change_set = models.ForeignKey(ChangeSet, models.PROTECT, related_name="changes")
    object_type = models.CharField(max_length=100)
    object_id = models.BigIntegerField()
    label = models.CharField(_("record"), max_length=300)
    action = models.CharField(_("action"), max_length=8, choices=Action.choices)
    fields = models.JSONField(_("fields"), null=True, blank=True)
    parent_type = models.CharField(max_length=100, blank=True, default="")
    parent_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(action__in=["add", "change", "delete"]), name="history_change_action_known"
            )
        ]
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="history_change_object"),
            models.Index(
                fields=["parent_type", "parent_id", "id"],
                name="history_change_parent",
                condition=models.Q(parent_id__isnull=False),
            ),
            models.Index(fields=["change_set", "id"], name="history_change_set"),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.label} {self.action}"


class Left(models.Model):
    """What an undo says of one record: why it was left as it was, or what is worth knowing about what came back.

    Written with the undo, so that it stays true whatever happens to the record later (import-export 1.5.4).
    ``fields`` is ``[{"name": …, "recorded": …, "current": …, "by": …, "at": …}]``; of a record that stays as a whole
    it is empty.
    """

    class Outcome(models.TextChoices):
        RESTORED = "restored", _("restored")
        LEFT = "left", _("left alone")
        CANNOT = "cannot", _("cannot be restored")

    change_set = models.ForeignKey(ChangeSet, models.PROTECT, related_name="left")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    object_type = models.CharField(max_length=100)
    object_id = models.BigIntegerField()
    label = models.CharField(max_length=300)
    action = models.CharField(max_length=8, choices=Change.Action.choices)
    reason = models.TextField(blank=True)
    fields = models.JSONField(default=list)
    parent_type = models.CharField(max_length=100, blank=True, default="")
    parent_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["restored", "left", "cannot"]),
                name="history_left_outcome_known",
            ),
            models.CheckConstraint(
                condition=models.Q(action__in=["add", "change", "delete"]), name="history_left_action_known"
            ),
        ]
        indexes = [models.Index(fields=["change_set", "outcome", "id"], name="history_left_set")]

    def __str__(self) -> str:
        return f"{self.object_type} {self.label} {self.outcome}"
