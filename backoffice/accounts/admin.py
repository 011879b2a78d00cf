"""Registers the screens and addresses of people, roles, sign-in and the security log."""

from django.utils.translation import gettext_lazy as _

from backoffice.accounts import log_screens, profile, signin
from backoffice.accounts.log_screens import SecurityEventAdmin
from backoffice.accounts.models import Role, SecurityEvent, User
from backoffice.accounts.role_screens import RoleAdmin, members_touched
from backoffice.accounts.role_verbs import SuperusersOnly
from backoffice.accounts.user_screens import UserAdmin
from backoffice.console.deleting import adds_impact
from backoffice.console.rights import PUBLIC, SIGNED_IN
from backoffice.console.site import site

site.register(User, UserAdmin)
site.register(Role, RoleAdmin)
site.register(SecurityEvent, SecurityEventAdmin)
adds_impact(Role, members_touched)

_LOCKS = SuperusersOnly(_("Locked accounts"), _("release (superusers only)"))

for route, view, name, right in (
    ("login/", signin.SignIn.as_view(), "login", PUBLIC),
    ("logout/", signin.SignOut.as_view(), "logout", PUBLIC),
    ("password-reset/", signin.password_reset, "password_reset", PUBLIC),
    ("password-reset/done/", signin.password_reset_done, "password_reset_done", PUBLIC),
    (
        "password-reset/<uidb64>/<token>/",
        signin.ResetConfirm.as_view(),
        "password_reset_confirm",
        PUBLIC,
    ),
    ("profile/", profile.profile_page, "profile", SIGNED_IN),
    ("profile/password/", profile.password_page, "password_change", SIGNED_IN),
    ("profile/language/", profile.set_language, "language", SIGNED_IN),
    ("profile/rights/", profile.rights_page, "my_rights", SIGNED_IN),
    ("profile/logins/", profile.logins_page, "my_logins", SIGNED_IN),
    ("profile/log-out-everywhere/", profile.log_out_everywhere, "log_out_everywhere", SIGNED_IN),
    ("locked-accounts/", log_screens.locks_page, "locks", _LOCKS),
):
    site.register_address(route, view, name=name, right=right)
