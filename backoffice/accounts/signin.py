"""Signing in and out, and a forgotten password (users-and-roles 8). Public pages."""

import logging
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordResetConfirmView
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse, reverse_lazy
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import url_has_allowed_host_and_scheme, urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from backoffice.accounts import security
from backoffice.accounts.middleware import ENDED_FOR, SEEN_AT, SIGNED_IN_AT
from backoffice.accounts.models import SecurityEvent, User
from backoffice.accounts.passwords import set_password
from backoffice.accounts.tokens import reset_tokens

NEVER_REMEMBERED = frozenset(
    {
        "login",
        "logout",
        "password_change",
        "password_reset",
        "password_reset_done",
        "password_reset_confirm",
        "look",
        "preference",
    }
)
RESET_MAILS_PER_HOUR = 5
_logger = logging.getLogger(__name__)


class SignInForm(AuthenticationForm):
    """One text for every failure: wrong password, unknown, deactivated, deleted."""

    error_messages = {
        "invalid_login": gettext_lazy("Log-in failed. Check the e-mail and the password."),
        "inactive": gettext_lazy("Log-in failed. Check the e-mail and the password."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True, "maxlength": 254}
        )


class SignIn(LoginView):
    template_name = "registration/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_redirect_url(self) -> str:
        """The remembered page, if it is a page of this site that the same person left."""
        address = self.request.POST.get("next", self.request.GET.get("next", ""))
        return address if is_page(address) else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rule = _("%(tries)d failed tries lock the account for %(minutes)d minutes.")
        figures = {"tries": settings.LOCKOUT_ACCOUNT_FAILURES, "minutes": settings.LOCKOUT_MINUTES}
        return super().get_context_data(lockout_rule=rule % figures, **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        user = form.get_user()
        ended_for = self.request.session.get(ENDED_FOR)
        response = super().form_valid(form)
        self.request.session.pop(ENDED_FOR, None)
        now = timezone.now().timestamp()
        self.request.session[SIGNED_IN_AT] = self.request.session[SEEN_AT] = now
        security.log("sign_in", object=user.email, actor=user)
        if ended_for is not None and ended_for != str(user.pk):
            return HttpResponseRedirect(reverse("admin:index"))
        return response


def is_page(address: str) -> bool:
    """Whether ``address`` is a local path to a page one may be sent back to."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    if not is_path or not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return False
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return False
    return match.url_name not in NEVER_REMEMBERED


class SignOut(LogoutView):
    """By POST alone; the session ends and its remembered page with it."""

    next_page = reverse_lazy("admin:login")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            security.log("sign_out", object=request.user.email)
        language = request.LANGUAGE_CODE
        response = super().post(request, *args, **kwargs)
        with translation.override(language):
            messages.success(request, _("You are logged out."))
        return response


class ResetRequestForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )


@never_cache
def password_reset(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same whether the account exists or not."""
    form = ResetRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].strip().lower()
        user = User.objects.active().filter(email=email).first()
        is_too_many = _recent_requests(email) >= RESET_MAILS_PER_HOUR
        security.log(
            "password_reset",
            object=email,
            result=SecurityEvent.Result.REFUSED if is_too_many else SecurityEvent.Result.OK,
        )
        if user is not None and not is_too_many:
            _send_link(request, user)
        return redirect("admin:password_reset_done")
    return render(request, "registration/password_reset.html", {"form": form})


def _recent_requests(email: str) -> int:
    hour_ago = timezone.now() - timezone.timedelta(hours=1)
    return SecurityEvent.objects.filter(action="password_reset", object=email, at__gt=hour_ago).count()


def _send_link(request: HttpRequest, user: User) -> None:
    address = reverse(
        "admin:password_reset_confirm",
        kwargs={"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": reset_tokens.issue(user)},
    )
    context = {"user": user, "link": request.build_absolute_uri(address)}
    with translation.override(user.ui_language):
        subject = _("Choose a new password for the back office")
        body = render_to_string("registration/password_reset_email.txt", context)
    try:
        send_mail(subject, body, None, [user.email])
    except OSError:
        _logger.exception("The mail with a reset link could not be sent")


@never_cache
def password_reset_done(request: HttpRequest) -> HttpResponse:
    return render(request, "registration/password_reset_done.html")


class NewPasswordForm(SetPasswordForm):
    """A password twice: different ones are told at the repeat, a weak one at the first box."""

    def clean(self) -> dict[str, Any]:
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.user, "new_password1")
        return self.cleaned_data

    def save(self, commit: bool = True) -> User:
        set_password(self.user, self.cleaned_data["new_password1"], how="reset")
        return self.user


class ResetConfirm(PasswordResetConfirmView):
    """The page behind the link of the mail. A used or old link says so and offers another one."""

    template_name = "registration/password_reset_confirm.html"
    form_class = NewPasswordForm
    token_generator = reset_tokens
    success_url = reverse_lazy("admin:login")

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("The password is changed. Log in with it."))
        return response
