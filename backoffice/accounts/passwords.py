"""Passwords: not the same one twice in a row, and the verb that sets one (users-and-roles 8.4)."""

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backoffice.accounts import security
from backoffice.accounts.models import User

DEMO_PASSWORD = "demo-backoffice"  # noqa: S105 - the trial set-up's, refused everywhere else


class NotThePreviousValidator:
    """Refuses the password in use, the one before it, and the known one of the trial set-up."""

    def validate(self, password: str, user: User | None = None) -> None:
        if password == DEMO_PASSWORD:
            raise ValidationError(_("This password is known to everybody. Choose another one."), code="known")
        hashes = [user.password, user.previous_password] if user is not None and user.pk else []
        if any(encoded and check_password(password, encoded) for encoded in hashes):
            raise ValidationError(_("This was your previous password. Choose another one."), code="previous")

    def get_help_text(self) -> str:
        return _("Your password can’t be one you used before it.")


def set_password(user: User, password: str, *, must_change: bool = False, how: str = "changed") -> None:
    """Give ``user`` a password. All his sessions and reset links end, because both hang on the password.

    ``how`` is what the security log says: changed (by himself), reset (by mail), given (by an administrator).
    """
    user.previous_password = user.password
    user.set_password(password)
    user.must_change_password = must_change
    user.reset_epoch += 1
    user.settings = {name: value for name, value in user.settings.items() if name != "is_demo"}
    user.save(
        update_fields=[
            "password",
            "previous_password",
            "must_change_password",
            "reset_epoch",
            "settings",
            "updated_at",
        ]
    )
    security.log("password", object=user.email, how=how)
