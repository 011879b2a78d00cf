"""The link of a password reset: valid once, for an hour (users-and-roles 8.5)."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db.models import F

from backoffice.accounts.models import User


class ResetTokens(PasswordResetTokenGenerator):
    """A link dies when the password changes, the user is deactivated, or a newer link is asked for."""

    key_salt = "backoffice.accounts.tokens.ResetTokens"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{user.pk}|{user.password}|{user.email}|{user.status}|{user.reset_epoch}|{timestamp}"

    def check_token(self, user: User | None, token: str | None) -> bool:
        return user is not None and user.is_active and super().check_token(user, token)

    def issue(self, user: User) -> str:
        """A link's token; the ones given before are void."""
        User.objects.filter(pk=user.pk).update(reset_epoch=F("reset_epoch") + 1)
        user.refresh_from_db(fields=["reset_epoch"])
        return self.make_token(user)


reset_tokens = ResetTokens()
