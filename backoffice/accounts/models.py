"""Users, roles, row scopes and the security log (spec: users-and-roles 1, 5, 10)."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import UniqueRule
from backoffice.records import Record
from backoffice.texts import SearchField


def languages() -> list[tuple[str, Any]]:
    """The interface languages that are switched on."""
    return list(settings.LANGUAGES)


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(status=User.Status.ACTIVE)

    def active_superusers(self) -> "UserQuerySet":
        return self.active().filter(is_superuser=True)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email.strip().lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin, Record):
    """A person of the staff. Rights are the union of the roles; a superuser needs none.

    A deleted user keeps the record, so that history keeps its names and the e-mail stays reserved.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        DEACTIVATED = "deactivated", _("Deactivated")
        DELETED = "deleted", _("Deleted")

    email = models.EmailField(
        _("e-mail"), max_length=254, help_text=_("The login name. Letter case does not matter.")
    )
    first_name = models.CharField(_("first name"), max_length=150)
    last_name = models.CharField(_("last name"), max_length=150)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.ACTIVE)
    is_superuser = models.BooleanField(
        _("superuser"), default=False, help_text=_("All rights on all rows. Only superusers can give it.")
    )
    ui_language = models.CharField(_("interface language"), max_length=8, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    content_locale = models.CharField(
        _("content locale"), max_length=5, blank=True, help_text=_("The language in which lists show names.")
    )
    store = models.CharField(
        _("store"), max_length=255, blank=True, help_text=_("The store that screens start with.")
    )
    must_change_password = models.BooleanField(
        _("must change the password at the next sign-in"), default=False
    )
    settings = models.JSONField(default=dict, blank=True, editable=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    reset_epoch = models.PositiveIntegerField(default=0, editable=False)
    previous_password = models.CharField(max_length=128, blank=True, editable=False)
    created_by = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    search = SearchField(sources=("email", "first_name", "last_name"))
    user_permissions = None

    history_excluded = frozenset(
        {"password", "previous_password", "settings", "session_epoch", "reset_epoch", "last_login"}
    )

    objects = UserManager.from_queryset(UserQuerySet)()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        default_permissions = ("view", "add", "change", "delete")
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            UniqueRule(
                fields=["email"],
                name="accounts_user_email_unique",
                column="email",
                message=_("This e-mail address belongs to another user. Use another one."),
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_lower_case"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "deactivated", "deleted"]),
                name="accounts_user_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def is_staff(self) -> bool:
        return self.is_active

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def language_name(self) -> str:
        return str(dict(languages()).get(self.ui_language, self.ui_language))

    def get_session_auth_hash(self) -> str:
        """Changes with password, e-mail, status and "log out everywhere": all sessions then end."""
        facts = f"{self.password}|{self.email}|{self.status}|{self.session_epoch}"
        return salted_hmac("backoffice.session", facts, algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Any:
        return iter(())


class RoleManager(models.Manager["Role"]):
    def get_queryset(self) -> models.QuerySet["Role"]:
        return super().get_queryset().select_related("group")


class Role(Record):
    """What a group of people may do: a Django group with a description. The group holds name and rights."""

    group = models.OneToOneField(Group, models.CASCADE, primary_key=True, related_name="role")
    description = models.TextField(_("description"), blank=True)
    is_seeded = models.BooleanField(_("comes with the program"), default=False, editable=False)

    objects = RoleManager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return self.group.name


class SeededRight(models.Model):
    """Which rights of a screen a seeded role was given once, so that an update never gives them again."""

    role = models.CharField(max_length=150)
    screen = models.CharField(max_length=100)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["role", "screen"], name="accounts_seededright_once")]

    def __str__(self) -> str:
        return f"{self.role}: {self.screen}"


class RoleScope(models.Model):
    """Whether a role, or a user, is limited to granted rows of one kind (users-and-roles 5.0).

    Limited without any granted row means no rows; deleting the last granted row never turns it into "all".
    """

    kind = models.CharField(max_length=64)
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="scopes")
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="scopes")
    is_limited = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(group__isnull=False, user__isnull=True)
                | models.Q(group__isnull=True, user__isnull=False),
                name="accounts_rolescope_one_holder",
            ),
            models.UniqueConstraint(fields=["kind", "group"], name="accounts_rolescope_once_per_group"),
            models.UniqueConstraint(fields=["kind", "user"], name="accounts_rolescope_once_per_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.group or self.user}"


ACTIONS = {
    "access": _("Access"),
    "bulk_edit": _("Bulk edit"),
    "export": _("Export"),
    "fields_ignored": _("Fields not offered"),
    "locked": _("Locked"),
    "lock_released": _("Lock released"),
    "password": _("Password"),
    "password_reset": _("Password reset asked"),
    "role_created": _("Role created"),
    "role_deleted": _("Role deleted"),
    "role_renamed": _("Role renamed"),
    "role_rights": _("Rights of a role"),
    "role_seeded": _("Role restored"),
    "scope_changed": _("Limit of rows"),
    "sessions_ended": _("Logged out everywhere"),
    "sign_in": _("Log-in"),
    "sign_out": _("Log-out"),
    "user_activated": _("User activated"),
    "user_changed": _("User changed"),
    "user_created": _("User created"),
    "user_deactivated": _("User deactivated"),
    "user_deleted": _("User deleted"),
}
"""What the security log tells of, with the words of its screen."""


class SecurityEvent(models.Model):
    """One line of the security log. Append-only for any statement; only the purge function removes lines."""

    class Result(models.TextChoices):
        OK = "ok", _("done")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    at = models.DateTimeField(_("time"), auto_now_add=True)
    actor = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("actor"),
    )
    actor_name = models.CharField(_("actor"), max_length=300, blank=True)
    address = models.CharField(_("address"), max_length=64, blank=True)
    browser = models.CharField(_("browser"), max_length=300, blank=True)
    action = models.CharField(_("action"), max_length=64)
    object = models.CharField(_("object"), max_length=300, blank=True)
    result = models.CharField(_("result"), max_length=16, choices=Result.choices, default=Result.OK)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    search = SearchField(sources=("object", "actor_name"))

    class Meta:
        default_permissions = ("view", "export")
        verbose_name = _("security event")
        verbose_name_plural = _("security log")
        indexes = [
            models.Index(fields=["at", "id"], name="accounts_event_at"),
            models.Index(fields=["actor", "at"], name="accounts_event_actor"),
            models.Index(fields=["action", "at"], name="accounts_event_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object}"

    @property
    def action_name(self) -> str:
        return str(ACTIONS.get(self.action, self.action))
