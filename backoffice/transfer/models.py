"""Jobs, their files, and what a check or an apply found in each row (spec: import-export 1.3 and 1.4)."""

import datetime
import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.limits import limit


def random_id() -> str:
    """What addresses and stored files are called by; it tells nothing and cannot be guessed."""
    return secrets.token_urlsafe(16)


class JobQuerySet(models.QuerySet["Job"]):
    def of(self, user: object) -> "JobQuerySet":
        return self.filter(owner=user)

    def running(self) -> "JobQuerySet":
        return self.filter(state__in=Job.RUNNING)


class Job(models.Model):
    """One import, export, undo or change of many rows. This row is the truth; the queue only carries "run job N".

    The rights *view* and *cancel* are about the jobs of other people; one's own need none.
    """

    class Kind(models.TextChoices):
        IMPORT = "import", _("import")
        EXPORT = "export", _("export")
        UNDO = "undo", _("undo")
        BULK = "bulk", _("change of many rows")

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        CHECKING = "checking", _("checking")
        CHECKED = "checked", _("checked")
        REFUSED = "refused", _("refused")
        QUEUED = "queued", _("waiting")
        APPLYING = "applying", _("being applied")
        DONE = "done", _("done")
        DONE_WITH_ERRORS = "done_with_errors", _("done with errors")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        STALLED = "stalled", _("stalled")
        UNDONE = "undone", _("undone")

    RUNNING = (State.CHECKING, State.QUEUED, State.APPLYING)
    FINISHED = (
        State.DONE,
        State.DONE_WITH_ERRORS,
        State.FAILED,
        State.CANCELLED,
        State.REFUSED,
        State.UNDONE,
    )
    UNDECIDED = (State.UPLOADED, State.CHECKED, State.STALLED)
    """Somebody has still to say how it goes on."""

    token = models.CharField(max_length=32, unique=True, default=random_id, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.IMPORT)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.UPLOADED)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    owner_name = models.CharField(_("by"), max_length=300, blank=True)
    title = models.CharField(_("file"), max_length=200, blank=True)
    formats = models.JSONField(_("formats"), default=list, blank=True)
    area = models.CharField(_("area"), max_length=32, blank=True)
    options = models.JSONField(_("options"), default=dict, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    message = models.TextField(_("last message"), blank=True)
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    state_at = models.DateTimeField(_("since"), auto_now_add=True)
    states = models.JSONField(default=list, blank=True)
    check_began_at = models.DateTimeField(null=True, blank=True)
    run_began_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    change_set = models.BigIntegerField(_("change set"), null=True, blank=True)
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="undone_by")
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        default_permissions = ("view", "cancel")
        verbose_name = _("job")
        verbose_name_plural = _("imports and exports")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["import", "export", "undo", "bulk"]),
                name="transfer_job_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "uploaded",
                        "checking",
                        "checked",
                        "refused",
                        "queued",
                        "applying",
                        "done",
                        "done_with_errors",
                        "failed",
                        "cancelled",
                        "stalled",
                        "undone",
                    ]
                ),
                name="transfer_job_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="transfer_job_owner"),
            models.Index(fields=["state", "-id"], name="transfer_job_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def is_done(self) -> bool:
        return self.state in {self.State.DONE, self.State.DONE_WITH_ERRORS}

    @property
    def is_finished(self) -> bool:
        return self.state in self.FINISHED

    @property
    def kept_until(self) -> datetime.datetime:
        """When its files and row results go; a job that nobody has decided until then ends with them."""
        return self.created_at + datetime.timedelta(days=limit("KEEP_DAYS"))


class JobProgress(models.Model):
    """How far a job is. A table of its own, written over the second connection only, so that it is seen,
    and never waited for, while the job's transaction is open."""

    job = models.OneToOneField(
        Job, models.CASCADE, primary_key=True, related_name="progress", db_constraint=False
    )
    file = models.CharField(max_length=200, blank=True)
    line = models.PositiveBigIntegerField(default=0)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    began_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.job_id}: {self.rows_done}"


class JobFile(models.Model):
    """One file of a job: as what it was read, what was noted about it, its counts."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="files")
    token = models.CharField(max_length=32, unique=True, default=random_id, editable=False)
    position = models.PositiveIntegerField(default=0)
    format = models.CharField(_("format"), max_length=100, blank=True)
    name = models.CharField(_("file"), max_length=200)
    folder = models.CharField(_("folder"), max_length=255, blank=True)
    stored = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    digest = models.CharField(max_length=64, blank=True)
    reading = models.JSONField(default=dict, blank=True)
    header = models.JSONField(default=list, blank=True)
    notes = models.JSONField(_("notes"), default=list, blank=True)
    refusal = models.JSONField(_("refusal"), null=True, blank=True)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    new = models.PositiveBigIntegerField(_("new"), default=0)
    changed = models.PositiveBigIntegerField(_("changed"), default=0)
    unchanged = models.PositiveBigIntegerField(_("unchanged"), default=0)
    skipped = models.PositiveBigIntegerField(_("skipped"), default=0)
    errors = models.PositiveBigIntegerField(_("errors"), default=0)
    warnings = models.PositiveBigIntegerField(_("warnings"), default=0)

    COUNTS = ("rows", "new", "changed", "unchanged", "skipped", "errors", "warnings")

    class Meta:
        default_permissions = ()
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="transfer_jobfile_position")]
        indexes = [models.Index(fields=["digest"], name="transfer_jobfile_digest")]

    def __str__(self) -> str:
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def is_left_out(self) -> bool:
        """Whether it is only listed: no table, or of a kind that is not imported."""
        return not self.digest and not self.refusal


class RowResult(models.Model):
    """What a check or an apply found in one row. Rows that are unchanged and raise nothing have none; an
    apply keeps those with problems only, what it wrote is in the history.

    ``changes`` is ``{field: {"before": …, "after": …}}`` as in the history; ``problems`` a list of
    :class:`backoffice.transfer.problems.Problem` as mappings. The cells are in the stored file.
    """

    class Outcome(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        SKIPPED = "skipped", _("skipped")
        ERROR = "error", _("error")

    file = models.ForeignKey(
        JobFile, models.CASCADE, related_name="results", db_constraint=False, db_index=False
    )
    row = models.PositiveBigIntegerField()
    line = models.PositiveBigIntegerField(_("line"))
    key = models.TextField(_("key"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices)
    has_warning = models.BooleanField(default=False)
    changes = models.JSONField(null=True, blank=True)
    problems = models.JSONField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["file", "outcome", "row"], name="transfer_rowresult_outcome"),
            models.Index(
                fields=["file", "row"],
                name="transfer_rowresult_warning",
                condition=models.Q(has_warning=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.outcome}"
