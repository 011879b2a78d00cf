"""The Roles screen: form, rights matrix, members, comparison, deletion (users-and-roles 4, 13)."""

import pytest
from django.contrib.auth.models import Group

from backoffice.accounts import matrix
from backoffice.accounts.models import Role, SecurityEvent, User
from backoffice.console.site import site
from backoffice.history.models import Change
from tests import make

pytestmark = pytest.mark.django_db

ROLES = "/accounts/role/"
TYPE = "packaging.{}_packagingtype"


@pytest.fixture
def admin(client) -> User:
    user = make.superuser("root@example.org")
    client.force_login(user)
    return user


def rights(role: Role) -> set[str]:
    return matrix.rights_of(Group.objects.get(pk=role.pk))


def preview(client, role: Role, *names: str, **more):
    return client.post(f"{ROLES}{role.pk}/rights/edit/", {"right": list(names), **more})


def save(client, role: Role, *names: str):
    """Preview, then confirm what the preview offers."""
    page = preview(client, role, *names)
    offered = {"right": page.context["chosen"], "confirm": page.context["held"], "_note": "ticket 7"}
    return client.post(f"{ROLES}{role.pk}/rights/edit/", offered)


def test_a_role_is_created_with_the_rights_of_another_one(client, admin):
    source = make.role("Clerk", rights=[TYPE.format("view"), TYPE.format("change")])
    response = client.post(
        f"{ROLES}add/", {"name": "Senior clerk", "description": "d", "copy_from": source.pk}
    )
    role = Role.objects.get(group__name="Senior clerk")
    assert response.url == f"{ROLES}{role.pk}/change/"
    assert rights(role) == {TYPE.format("view"), TYPE.format("change")}
    assert SecurityEvent.objects.get(action="role_created").details["copied_from"] == "Clerk"


@pytest.mark.parametrize("name", ["", "x" * 151, "cLeRk", "CLERK "])
def test_a_name_that_is_blank_too_long_or_taken_is_refused(client, admin, name):
    make.role("Clerk")
    response = client.post(f"{ROLES}add/", {"name": name})
    assert list(response.context["page"].form.errors) == ["name"]
    assert Role.objects.filter(group__name__iexact="clerk").count() == 1


def test_renaming_keeps_rights_and_members(client, admin):
    role = make.role("Clerk", rights=[TYPE.format("view")])
    mia = make.user(roles=[role])
    data = {"name": "Shop clerk", "description": "", "_version": "1", "_opened": "{}"}
    client.post(f"{ROLES}{role.pk}/change/", data)
    assert list(mia.groups.values_list("name", flat=True)) == ["Shop clerk"]
    assert rights(role) == {TYPE.format("view")}
    (change,) = Change.objects.filter(object_type="accounts.role")
    assert change.fields == {"name": {"before": "Clerk", "after": "Shop clerk"}}


def test_the_matrix_has_one_row_per_screen_in_the_order_of_the_menu():
    rows = matrix.screens(site)
    names = [row.name for row in rows]
    assert (
        names.index("packaging.packagingtype") < names.index("accounts.user") < names.index("accounts.role")
    )
    assert len(names) == len(set(names))
    by_name = {row.name: row for row in rows}
    packaging = by_name["packaging.packagingtype"]
    assert [right.action if right else None for right in packaging.columns] == [
        "view",
        "add",
        "change",
        "delete",
        "import",
        "export",
    ]
    users = by_name["accounts.user"]
    assert [right.action if right else None for right in users.columns] == [
        "view",
        "add",
        "change",
        "delete",
        None,
        None,
    ]
    assert [right.action for right in by_name["history.changeset"].extra] == ["undo"]
    assert [right.action for right in by_name["accounts.role"].rights] == ["view"]


def test_saving_the_matrix_shows_first_what_would_change(client, admin):
    role = make.role("Clerk", rights=[TYPE.format("view"), TYPE.format("delete")])
    make.user(roles=[role])
    make.user(roles=[role], status="deactivated")
    page = preview(client, role, TYPE.format("view"), TYPE.format("change"))
    change = page.context["change"]
    assert [right.action for right in change.added] == ["change"]
    assert [right.action for right in change.removed] == ["delete"]
    assert change.users == 1
    assert rights(role) == {TYPE.format("view"), TYPE.format("delete")}


def test_confirming_writes_the_rights_history_and_log(client, admin):
    role = make.role("Clerk", rights=[TYPE.format("view"), TYPE.format("delete")])
    response = save(client, role, TYPE.format("view"), TYPE.format("change"))
    assert response.url == f"{ROLES}{role.pk}/rights/"
    assert rights(role) == {TYPE.format("view"), TYPE.format("change")}
    event = SecurityEvent.objects.get(action="role_rights")
    assert event.details == {"added": [TYPE.format("change")], "removed": [TYPE.format("delete")]}
    change = Change.objects.get(object_type="accounts.role")
    assert change.fields == {
        "rights.packaging.packagingtype": {"before": "delete, view", "after": "change, view"}
    }
    assert change.change_set.note == "ticket 7"


def test_any_right_includes_view(client, admin):
    role = make.role("Clerk")
    save(client, role, TYPE.format("export"))
    assert rights(role) == {TYPE.format("view"), TYPE.format("export")}


@pytest.mark.parametrize(
    "name", ["packaging.fly_packagingtype", "auth.add_group", "accounts.add_role", "nonsense", ""]
)
def test_an_unknown_right_is_refused_and_nothing_saved(client, admin, name):
    role = make.role("Clerk", rights=[TYPE.format("view")])
    assert preview(client, role, TYPE.format("change"), name).status_code == 400
    assert rights(role) == {TYPE.format("view")}


def test_an_identical_matrix_says_nothing_changed(client, admin):
    role = make.role("Clerk", rights=[TYPE.format("view")])
    response = client.post(f"{ROLES}{role.pk}/rights/edit/", {"right": [TYPE.format("view")]}, follow=True)
    assert "Nothing changed." in response.content.decode()
    assert not Change.objects.exists()


def test_rights_that_changed_since_the_preview_are_shown_again(client, admin):
    role = make.role("Clerk")
    page = preview(client, role, TYPE.format("view"))
    role.group.permissions.add(make.permission(TYPE.format("delete")))
    data = {"right": [TYPE.format("view")], "confirm": page.context["held"]}
    response = client.post(f"{ROLES}{role.pk}/rights/edit/", data)
    assert response.status_code == 200
    assert [right.action for right in response.context["change"].removed] == ["delete"]
    assert rights(role) == {TYPE.format("delete")}


def test_taking_a_right_from_oneself_warns_and_is_allowed(client, admin):
    role = make.role("Clerk", rights=[TYPE.format("view")])
    admin.groups.add(role.group)
    page = preview(client, role)
    assert "You take rights away from yourself:" in page.content.decode()
    save(client, role)
    assert rights(role) == set()


def test_a_right_that_another_role_gives_too_is_not_lost(client, admin):
    role, other = (make.role(rights=[TYPE.format("view")]) for _ in range(2))
    admin.groups.set([role.group, other.group])
    assert preview(client, role).context["change"].lost_by_editor == []


def test_rights_of_screens_that_do_not_exist_yet_stay(client, admin):
    role = make.role("Clerk", rights=["auth.add_group"])
    save(client, role, TYPE.format("view"))
    assert rights(role) == {"auth.add_group", TYPE.format("view")}


def test_a_whole_row_or_column_is_ticked_without_scripts_and_not_saved(client, admin):
    role = make.role("Clerk")
    page = preview(client, role, tick="row:packaging.packagingtype")
    ticked = {
        box.right.permission for line in page.context["lines"] for box in line.cells if box and box.is_ticked
    }
    assert ticked == {TYPE.format(verb) for verb in ("view", "add", "change", "delete", "import", "export")}
    cleared = preview(client, role, *ticked, tick="row:packaging.packagingtype")
    assert not any(box.is_ticked for line in cleared.context["lines"] for box in line.cells if box)
    column = preview(client, role, tick="column:view")
    boxes = [line.cells[0] for line in column.context["lines"] if line.cells[0]]
    assert all(box.is_ticked for box in boxes)
    assert rights(role) == set()


def test_roles_are_edited_by_superusers_only(client):
    role = make.role("Clerk", rights=["accounts.view_role"])
    client.force_login(make.user(roles=[role]))
    readable = (
        "",
        f"{role.pk}/",
        f"{role.pk}/rights/",
        f"{role.pk}/members/",
        f"{role.pk}/history/",
        "compare/",
    )
    assert {client.get(ROLES + path).status_code for path in readable} == {200}
    refused = (
        "add/",
        f"{role.pk}/change/",
        f"{role.pk}/delete/",
        f"{role.pk}/rights/edit/",
        f"{role.pk}/members/add/",
    )
    assert {client.get(ROLES + path).status_code for path in refused} == {403}
    assert preview(client, role, TYPE.format("view")).status_code == 403
    page = client.get(ROLES).content.decode()
    assert f"{ROLES}add/" not in page
    assert f"{ROLES}{role.pk}/change/" not in page


def test_members_are_added_by_email_and_leave_this_role_only(client, admin):
    clerk, other = make.role("Clerk"), make.role("Other")
    mia = make.user("mia@example.org", roles=[other])
    client.post(f"{ROLES}{clerk.pk}/members/add/", {"email": "MIA@example.org"})
    assert set(mia.groups.values_list("name", flat=True)) == {"Clerk", "Other"}
    client.post(f"{ROLES}{clerk.pk}/members/remove/", {"user": mia.pk})
    assert set(mia.groups.values_list("name", flat=True)) == {"Other"}
    events = list(SecurityEvent.objects.filter(action="user_changed").values_list("details", flat=True))
    assert events[0]["changes"] == {"roles": {"before": ["Other"], "after": ["Clerk", "Other"]}}
    assert Change.objects.filter(object_type="accounts.user", parent_id=clerk.pk).count() == 2
    page = client.post(f"{ROLES}{clerk.pk}/members/add/", {"email": "nobody@example.org"}, follow=True)
    assert "There is no user with this e-mail address." in page.content.decode()


def test_deleting_names_the_members_and_who_is_left_without_a_role(client, admin):
    clerk, other = make.role("Clerk"), make.role("Other")
    both = make.user("both@example.org", roles=[clerk, other], last_name="Both")
    make.user("lonely@example.org", roles=[clerk], last_name="Lonely")
    page = client.get(f"{ROLES}{clerk.pk}/delete/")
    lines = {line.label: (line.count.number, line.outcome) for line in page.context["touched"]}
    assert lines == {
        "Users of this role": (2, "Mia Both, Mia Lonely"),
        "Users with no other role": (1, "are left without any role: Mia Lonely"),
    }
    client.post(f"{ROLES}{clerk.pk}/delete/", {"_version": "1"})
    assert not Group.objects.filter(name="Clerk").exists()
    assert list(both.groups.values_list("name", flat=True)) == ["Other"]
    event = SecurityEvent.objects.get(action="role_deleted")
    assert event.details["members"] == ["both@example.org", "lonely@example.org"]


def test_comparing_shows_the_differences_only(client, admin):
    one = make.role("One", rights=[TYPE.format("view"), "accounts.view_user"])
    other = make.role("Other", rights=[TYPE.format("view"), "accounts.view_user", "accounts.change_user"])
    page = client.get(f"{ROLES}compare/?a={one.pk}&b={other.pk}")
    assert [line.screen.name for line in page.context["lines"]] == ["accounts.user"]
    assert client.get(f"{ROLES}compare/?a=x&b=99999999999999999999").status_code == 200


def test_the_list_counts_users_and_limited_rows(client, admin):
    from backoffice.accounts import scopes

    role = make.role("A clerk")
    make.user(roles=[role])
    scopes.limit(role.group, scopes.kinds()[0], [])
    rows = client.get(ROLES).context["list"].page.rows
    assert (str(rows[0]), rows[0].users, rows[0].is_limited) == ("A clerk", 1, True)
    assert client.get(f"{ROLES}?o=-users&q=CLERK").context["list"].page.rows[0].pk == role.pk
