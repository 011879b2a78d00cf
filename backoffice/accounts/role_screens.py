"""The Roles screen (users-and-roles 4): list, form, rights matrix with a preview, members, comparison."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.accounts import matrix, people, role_verbs
from backoffice.accounts.matrix_pages import boxes, comparison
from backoffice.accounts.models import Role, RoleScope, User
from backoffice.accounts.role_verbs import SuperusersOnly
from backoffice.accounts.rows_pages import RowsPages
from backoffice.console.form_page import record_head
from backoffice.console.forms import ScreenForm, Tab
from backoffice.console.lists import Column
from backoffice.console.rights import Asked
from backoffice.console.screens import Action, Screen, ScreenAdmin
from backoffice.history.recording import Recorder, Snapshot, recording

EDIT = SuperusersOnly(gettext_lazy("Roles"), gettext_lazy("edit (superusers only)"))
MEMBERS_SHOWN = 500


class RoleForm(ScreenForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    copy_from = forms.ModelChoiceField(
        label=gettext_lazy("Copy rights from"),
        queryset=Role.objects.none(),
        required=False,
        empty_label=gettext_lazy("no role, start empty"),
    )

    class Meta:
        model = Role
        fields = ("description",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["name"] = self.instance.group.name
            del self.fields["copy_from"]
        else:
            self.fields["copy_from"].queryset = Role.objects.order_by("group__name")
            asked = self.request.GET.get("copy_from", "")
            self.initial["copy_from"] = int(asked) if asked.isdecimal() and len(asked) < 10 else None

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        if Group.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another role has this name. Choose another one."), code="taken")
        return name


class RoleAdmin(RowsPages, ScreenAdmin):
    icon = "shield-check"
    form = RoleForm
    tabs = (Tab("general", gettext_lazy("General"), fields=("name", "description", "copy_from")),)
    list_columns = (
        Column("name", gettext_lazy("Name"), value=str, sort="group__name", link=True),
        Column("description", priority=2),
        Column("users", gettext_lazy("Users"), sort="users", num=True),
        Column("is_limited", gettext_lazy("Limited rows"), priority=2),
        Column("created_at", sort="created_at", priority=3),
        Column("updated_at", sort="updated_at", priority=3),
    )
    list_order = ("group__name",)
    search_hint = gettext_lazy("Name")
    empty_text = gettext_lazy("A role says what a group of people may do.")
    screens = (
        *RowsPages.rows_screens,
        Screen("compare/", "compare_view", "compare", "view"),
        Screen("<int:pk>/rights/", "rights_view", "rights", "view"),
        Screen("<int:pk>/rights/edit/", "edit_rights_view", "edit_rights", EDIT),
        Screen("<int:pk>/members/", "members_view", "members", "view"),
        Screen("<int:pk>/members/add/", "add_member_view", "add_member", EDIT),
        Screen("<int:pk>/members/remove/", "remove_member_view", "remove_member", EDIT),
    )

    def right(self, action: str) -> Asked:
        return super().right(action) if action == "view" else EDIT

    # --- the list --------------------------------------------------------------------------------

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet[Role]) -> QuerySet[Role]:
        limited = RoleScope.objects.filter(group=OuterRef("pk"), is_limited=True)
        return narrowed.annotate(users=Count("group__user"), is_limited=Exists(limited))

    def search_rows(self, request: HttpRequest, found: QuerySet[Role], text: str) -> QuerySet[Role]:
        return found.filter(group__name__icontains=text)

    def list_actions(self, request: HttpRequest) -> list[Action]:
        return [Action(_("Compare roles"), self.url("compare"), "columns-3"), *super().list_actions(request)]

    def row_actions_maker(self, request: HttpRequest, back: str) -> Callable[[Role], list[Action]]:
        standard = super().row_actions_maker(request, back)
        if not EDIT.held_by(request.user):
            return standard
        add = self.url("add")

        def actions(role: Role) -> list[Action]:
            copy = Action(_("Duplicate"), f"{add}?copy_from={role.pk}", "copy")
            edit, *rest = standard(role)
            return [edit, copy, *rest]

        return actions

    def quick_actions(self, request: HttpRequest) -> list[Action]:
        return [Action(_("Roles"), self.list_url, self.icon)] if self.may(request, "change") else []

    def record_pages(self, request: HttpRequest, record: Role) -> list[tuple[Any, str]]:
        return [
            (_("Rights"), self.url("rights", pk=record.pk)),
            *self.rows_page(record),
            (_("Users"), self.url("members", pk=record.pk)),
        ]

    # --- the form --------------------------------------------------------------------------------

    def state(self, record: Role) -> Snapshot:
        return role_verbs.state(record)

    def facts(self, request: HttpRequest, record: Role, tab: Tab) -> list[tuple[str, Any]]:
        return [
            (_("Name"), record.group.name),
            (_("Description"), record.description),
            (_("Comes with the program"), record.is_seeded),
            (_("Users"), record.group.user_set.count()),
        ]

    def add_view(self, request: HttpRequest) -> HttpResponse:
        """A created role opens at once, because its rights come next."""
        if request.method == "POST":
            request.POST = request.POST.copy()
            request.POST["_stay"] = "1"
        return super().add_view(request)

    def save(self, request: HttpRequest, form: RoleForm, recorder: Recorder) -> Role:
        name = form.cleaned_data["name"]
        if form.instance.pk:
            return role_verbs.rename(form.instance, name=name)
        return role_verbs.create(form.instance, name=name, copy_from=form.cleaned_data["copy_from"])

    def remove(self, request: HttpRequest, record: Role, recorder: Recorder) -> None:
        role_verbs.delete(record, recorder)

    # --- rights ----------------------------------------------------------------------------------

    def _record_page(self, request: HttpRequest, record: Role, template: str, **context: Any) -> HttpResponse:
        crumbs = [(str(self.tab_label), self.list_url), (str(record), self.url("view", pk=record.pk))]
        members, head = record.group.user_set.count(), record_head(request, self, record, "rights")
        return self.page(
            request, template, crumbs=crumbs, record=record, members=members, head=head, **context
        )

    def rights_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record_or_404(request, pk)
        return self._record_page(
            request,
            record,
            "accounts/role_rights.html",
            title=_("Rights of %(name)s") % {"name": record},
            columns=matrix.COLUMNS,
            lines=boxes(matrix.screens(self.admin_site), matrix.rights_of(record.group)),
            edit_url=self.url("edit_rights", pk=pk) if EDIT.held_by(request.user) else "",
        )

    def edit_rights_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET shows the matrix; POST shows what would change; POST with *confirm* writes it."""
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        rows = matrix.screens(self.admin_site)
        if request.method != "POST":
            record = self.record_or_404(request, pk)
            return self._matrix_form(request, record, rows, matrix.rights_of(record.group))
        try:
            chosen = matrix.parse(rows, request.POST.getlist("right"))
        except matrix.UnknownRight:
            return HttpResponseBadRequest(_("The form holds a right that no screen has. Nothing was saved."))
        with recording("save", screen=self.name, note=request.POST.get("_note", "")) as recorder:
            record = self.record_or_404(request, pk, lock=True)
            held = role_verbs.fingerprint(matrix.rights_of(record.group))
            change = matrix.difference(record.group, rows, chosen, request.user)
            if "_back" in request.POST or "tick" in request.POST:
                ticked = matrix.toggled(rows, chosen, request.POST.get("tick", ""))
                return self._matrix_form(request, record, rows, ticked, is_ticking=True)
            if not change.is_empty and request.POST.get("confirm") != held:
                return self._preview(request, record, change, chosen, held)
            if not change.is_empty:
                role_verbs.give_rights(record, rows, chosen, recorder)
        if change.is_empty:
            messages.info(request, _("Nothing changed."))
        else:
            sentence = _("The rights of {} were saved: {} added, {} removed.")
            messages.success(request, format_html(sentence, record, len(change.added), len(change.removed)))
        return redirect(self.url("rights", pk=pk))

    def _matrix_form(
        self,
        request: HttpRequest,
        record: Role,
        rows: list[matrix.Screen],
        ticked: set[str],
        *,
        is_ticking: bool = False,
    ) -> HttpResponse:
        return self._record_page(
            request,
            record,
            "accounts/role_rights_edit.html",
            title=_("Edit the rights of %(name)s") % {"name": record},
            columns=matrix.COLUMNS,
            lines=boxes(rows, ticked),
            is_ticking=is_ticking,
            rights_url=self.url("rights", pk=record.pk),
        )

    def _preview(
        self, request: HttpRequest, record: Role, change: matrix.Difference, chosen: set[str], held: str
    ) -> HttpResponse:
        return self._record_page(
            request,
            record,
            "accounts/role_rights_preview.html",
            title=_("Save the rights of %(name)s?") % {"name": record},
            main_class="is-mid",
            change=change,
            chosen=sorted(chosen),
            held=held,
            note=request.POST.get("_note", ""),
            rights_url=self.url("rights", pk=record.pk),
        )

    def holder_of(self, record: Role) -> Group:
        return record.group

    # --- members ---------------------------------------------------------------------------------

    def members_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record_or_404(request, pk)
        return self._record_page(
            request,
            record,
            "accounts/role_members.html",
            title=_("Users of %(name)s") % {"name": record},
            main_class="is-mid",
            people=record.group.user_set.order_by("email")[:MEMBERS_SHOWN],
            may_edit=EDIT.held_by(request.user),
            add_url=self.url("add_member", pk=pk),
            remove_url=self.url("remove_member", pk=pk),
        )

    def add_member_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        sentence = _("{} has the role {}.")
        return self._change_member(request, pk, "email", role_verbs.add_member, sentence)

    def remove_member_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        sentence = _("{} left the role {}; other roles stay.")
        return self._change_member(request, pk, "user", role_verbs.remove_member, sentence)

    def _change_member(
        self, request: HttpRequest, pk: int, field: str, verb: Callable[..., None], sentence: str
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self.record_or_404(request, pk)
        typed = request.POST.get(field, "").strip().lower()
        lookup = {"email": typed} if field == "email" else {"pk": int(typed) if typed.isdecimal() else 0}
        user = User.objects.exclude(status=User.Status.DELETED).filter(**lookup).first()
        if user is None:
            messages.error(request, _("There is no user with this e-mail address."))
        else:
            with recording("action", screen=self.name) as recorder:
                verb(record, user, recorder)
            messages.success(request, format_html(sentence, user, record))
        return redirect(self.url("members", pk=pk))

    # --- comparison ------------------------------------------------------------------------------

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """Two roles side by side, differences only."""
        roles = list(self.visible_rows(request).order_by("group__name"))
        by_id = {str(role.pk): role for role in roles}
        one, other = by_id.get(request.GET.get("a", "")), by_id.get(request.GET.get("b", ""))
        return self.page(
            request,
            "accounts/role_compare.html",
            title=_("Compare roles"),
            crumbs=[(str(self.tab_label), self.list_url)],
            roles=roles,
            one=one,
            other=other,
            columns=matrix.COLUMNS,
            lines=comparison(self.admin_site, one.group, other.group) if one and other else [],
        )


def members_touched(role: Role) -> list[Any]:
    """What deleting a role touches: its members, and who of them would have no role left."""
    from backoffice.console.deleting import Touched
    from backoffice.console.paging import Count as Figure

    members = role.group.user_set.order_by("email")
    lines = [Touched(_("Users of this role"), Figure.of(members), people.names(members[:20]))]
    lonely = people.without_role_but(role.group)
    outcome = _("are left without any role: %(names)s") % {"names": people.names(lonely[:20])}
    lines.append(Touched(_("Users with no other role"), Figure.of(lonely), outcome))
    return [line for line in lines if line.count.number]
