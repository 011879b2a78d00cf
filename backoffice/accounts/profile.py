"""What everybody may do with his own account (users-and-roles 7.7)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from backoffice.accounts import people, preferences, security
from backoffice.accounts.matrix_pages import effective_context
from backoffice.accounts.models import User, languages
from backoffice.accounts.passwords import set_password
from backoffice.accounts.user_forms import PASSWORD_RULE
from backoffice.accounts.user_screens import logins
from backoffice.console.look import PAGE_SIZES, local_address, page_size
from backoffice.console.site import site
from backoffice.history.recording import recording

SCREEN = "accounts.user"


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("first_name", "last_name", *preferences.FIELDS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        preferences.offer(self)


class OwnPasswordForm(PasswordChangeForm):
    """Current, new, repeat. A weak password is told at the box it was typed into."""

    field_order = ["old_password", "new_password1", "new_password2"]
    error_messages = {
        "password_incorrect": gettext_lazy("This is not your current password."),
        "password_mismatch": gettext_lazy("The two passwords differ. Type the same one twice."),
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["old_password"].label = gettext_lazy("Current password")
        self.fields["new_password1"].help_text = PASSWORD_RULE
        self.fields["new_password2"].label = gettext_lazy("Repeat new password")
        self.fields["new_password2"].help_text = ""

    def clean(self) -> dict[str, Any]:
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.user, "new_password1")
        return self.cleaned_data


def _page(
    request: HttpRequest, template: str, title: str, *, deep: bool = True, **context: Any
) -> HttpResponse:
    crumbs = [(_("Profile"), reverse("admin:profile"))] if deep else []
    return render(request, template, site.frame(request, title=title, crumbs=crumbs, **context))


def profile_page(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone, content locale, store."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    user = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST":
        ignored = people.ignored(request.POST, form.fields)
        if ignored:
            security.ignored_fields("profile", ignored, user.email)
        if form.is_valid():
            _save_own(request, form)
            return redirect("admin:profile")
    return _page(
        request,
        "accounts/profile.html",
        _("Profile"),
        deep=False,
        main_class="is-mid",
        form=form,
        page_sizes=PAGE_SIZES,
        page_size=page_size(request.user),
    )


def _save_own(request: HttpRequest, form: ProfileForm) -> None:
    with recording("save", screen=SCREEN) as recorder:
        stored = User.objects.select_for_update().get(pk=request.user.pk)
        before = people.state(stored)
        for name in form.fields:
            setattr(stored, name, form.cleaned_data[name])
        stored.version += 1
        changes = recorder.changed(stored, before, people.state(stored))
        if changes:
            people.save(stored, before=before)
    with translation.override(stored.ui_language):
        messages.success(request, _("Your profile was saved.")) if changes else messages.info(
            request, _("Nothing changed.")
        )


def set_language(request: HttpRequest) -> HttpResponse:
    """The quick switch of the account menu; in force at once, for this user alone."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    language = request.POST.get("language", "")
    if language in dict(languages()) and language != request.user.ui_language:
        with recording("save", screen=SCREEN) as recorder:
            stored = User.objects.select_for_update().get(pk=request.user.pk)
            before = people.state(stored)
            stored.ui_language = language
            stored.version += 1
            people.save(stored, before=before)
            recorder.changed(stored, before, people.state(stored))
    return redirect(local_address(request.POST.get("next", "")))


@sensitive_post_parameters()
def password_page(request: HttpRequest) -> HttpResponse:
    """Change the own password; all other sessions end. Nothing else opens while it is due."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    user = User.objects.get(pk=request.user.pk)
    was_due = user.must_change_password
    form = OwnPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with recording("save", screen=SCREEN):
            set_password(user, form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password was changed. All other sessions were logged out."))
        return redirect("admin:index" if was_due else "admin:profile")
    if was_due:
        return render(request, "registration/password_due.html", {"form": form})
    return _page(request, "accounts/password.html", _("Change password"), main_class="is-mid", form=form)


def rights_page(request: HttpRequest) -> HttpResponse:
    """What may I do, and through which role."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET"])
    context = effective_context(site, request, request.user)
    return _page(request, "accounts/effective.html", _("My rights"), person=request.user, **context)


def logins_page(request: HttpRequest) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET"])
    return _page(request, "accounts/logins.html", _("My log-ins"), events=logins(request.user))


def log_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all other sessions; this one goes on."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    user = User.objects.get(pk=request.user.pk)
    people.log_out_everywhere(user)
    update_session_auth_hash(request, user)
    messages.success(request, _("All other sessions were logged out."))
    return redirect("admin:profile")
