"""The form of a person, as a superuser and as a holder of Users C see it (users-and-roles 4.7, 7.2–7.4)."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.accounts import people, preferences
from backoffice.accounts.models import Role, User
from backoffice.console.forms import ScreenForm

ONLY_SUPERUSERS = ("roles", "is_superuser")
PASSWORD_RULE = gettext_lazy(
    "12 characters or more; not common, not only digits, not the name or e-mail, not the previous one."
)


class RoleChoices(forms.ModelMultipleChoiceField):
    """Roles with what they are for."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "invalid_choice": gettext_lazy("This role does not exist (any more). Choose among the listed ones."),
        "invalid_pk_value": gettext_lazy(
            "This role does not exist (any more). Choose among the listed ones."
        ),
    }

    def label_from_instance(self, role: Role) -> str:
        return f"{role} – {role.description}" if role.description else str(role)


def password_box(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        max_length=1000,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class UserForm(ScreenForm):
    password1 = password_box(gettext_lazy("Password"), PASSWORD_RULE)
    password2 = password_box(gettext_lazy("Repeat password"))
    must_change = forms.BooleanField(
        label=gettext_lazy("Must change this password at the next log-in"), required=False, initial=True
    )
    roles = RoleChoices(label=gettext_lazy("Roles"), queryset=Role.objects.none(), required=False)

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "status", "is_superuser", *preferences.FIELDS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        preferences.offer(self)
        is_new = self.instance.pk is None
        self.was_status = self.instance.status
        self.was_superuser = self.instance.is_superuser and self.instance.is_active
        if self.request.user.is_superuser:
            self.fields["roles"].queryset = Role.objects.order_by("group__name")
            self.initial["roles"] = [] if is_new else list(self.instance.groups.values_list("pk", flat=True))
        else:
            for name in ONLY_SUPERUSERS if is_new else (*ONLY_SUPERUSERS, "email"):
                self.fields.pop(name, None)
        if is_new:
            self.fields.pop("status", None)
            self.fields["password1"].required = self.fields["password2"].required = True
        else:
            self._tell_how_to_keep()

    def _tell_how_to_keep(self) -> None:
        keep = _("Leave both boxes empty to keep the password.")
        self.fields["password1"].help_text = f"{keep} {PASSWORD_RULE}"
        if "status" in self.fields and self.was_status != User.Status.DELETED:
            offered = [entry for entry in User.Status.choices if entry[0] != User.Status.DELETED]
            self.fields["status"].choices = offered

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError(
                _("This e-mail address belongs to another user. Use another one."), code="taken"
            )
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, second = cleaned.get("password1") or "", cleaned.get("password2") or ""
        both_read = not {"password1", "password2"} & set(self.errors)
        if both_read and first != second:
            self.add_error("password2", _("The two passwords differ. Type the same one twice."))
        status = cleaned.get("status", self.was_status)
        if self.was_status == User.Status.DELETED and status == User.Status.ACTIVE and not first:
            self.add_error("password1", people.NEEDS_PASSWORD)
        self._keep_a_superuser(cleaned, status)
        return cleaned

    def _keep_a_superuser(self, cleaned: dict[str, Any], status: str) -> None:
        stays = cleaned.get("is_superuser", self.was_superuser) and status == User.Status.ACTIVE
        if not self.was_superuser or stays:
            return
        if not User.objects.active_superusers().exclude(pk=self.instance.pk).exists():
            name = "status" if status != User.Status.ACTIVE else "is_superuser"
            self.add_error(name if name in self.fields else None, people.LAST_SUPERUSER)

    def _post_clean(self) -> None:
        super()._post_clean()
        password = self.cleaned_data.get("password1")
        if password and "password2" not in self.errors:
            try:
                validate_password(password, self.instance)
            except ValidationError as problem:
                self.add_error("password1", problem)
