"""The Users screen (users-and-roles 4.7, 7, 13, truth table 14)."""

import pytest
from django.test import Client

from backoffice.accounts import people
from backoffice.accounts.models import Role, SecurityEvent, User
from backoffice.history.models import Change
from tests import make

pytestmark = pytest.mark.django_db

USERS = "/accounts/user/"


def typed(user: User | None = None, **fields) -> dict:
    """What the form sends for a person; ``None`` drops a box."""
    data = {
        "email": user.email if user else "new@example.org",
        "first_name": user.first_name if user else "New",
        "last_name": user.last_name if user else "Person",
        "ui_language": "en",
        "time_zone": "UTC",
        "content_locale": "",
        "store": "",
        "must_change": "on",
        "password1": "",
        "password2": "",
    }
    if user:
        data |= {"status": user.status, "_version": str(user.version), "_opened": "{}"}
        data |= {"roles": list(user.groups.values_list("pk", flat=True))}
        data |= {"is_superuser": "on"} if user.is_superuser else {}
    else:
        data |= {"password1": make.PASSWORD, "password2": make.PASSWORD}
    data |= fields
    return {name: value for name, value in data.items() if value is not None}


def create(client: Client, **fields):
    return client.post(f"{USERS}add/", typed(**fields))


def edit(client: Client, user: User, **fields):
    return client.post(f"{USERS}{user.pk}/change/", typed(user, **fields))


def errors(response) -> dict:
    return {name: [str(e) for e in found] for name, found in response.context["page"].form.errors.items()}


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def admin(client) -> User:
    user = make.superuser("root@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def helpdesk(client) -> User:
    """A holder of Users V, A, C, D who is no superuser."""
    rights = [f"accounts.{verb}_user" for verb in ("view", "add", "change", "delete")]
    user = make.user("desk@example.org", roles=[make.role("Help desk", rights=rights)])
    client.force_login(user)
    return user


def test_a_superuser_creates_a_person_with_roles(client, admin):
    role = make.role("Clerk")
    response = create(client, email="Mia@Example.ORG", roles=[role.pk], store="", ui_language="de")
    assert response.url.startswith(USERS)
    mia = User.objects.get(email="mia@example.org")
    assert (mia.status, mia.must_change_password, mia.ui_language) == ("active", True, "de")
    assert (mia.created_by, list(mia.groups.all())) == (admin, [role.group])
    assert mia.check_password(make.PASSWORD)
    assert "mia@example.org" in client.get(f"{USERS}?q=MIA").content.decode()
    event = SecurityEvent.objects.get(action="user_created")
    assert (event.actor, event.object, event.details["roles"]) == (admin, "mia@example.org", ["Clerk"])


def test_an_email_that_differs_in_letter_case_only_is_taken(client, admin):
    make.user("mia@example.org", status="deleted")
    response = create(client, email="Mia@example.org")
    assert errors(response) == {"email": ["This e-mail address belongs to another user. Use another one."]}
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"email": ""}, "email"),
        ({"email": "no address"}, "email"),
        ({"first_name": " "}, "first_name"),
        ({"last_name": ""}, "last_name"),
        ({"password1": "", "password2": ""}, "password1"),
        ({"password2": "something else entirely"}, "password2"),
        ({"password1": "short", "password2": "short"}, "password1"),
        (
            {
                "email": "battery.staple@example.org",
                "password1": "battery.staple@",
                "password2": "battery.staple@",
            },
            "password1",
        ),
        ({"roles": ["999999"]}, "roles"),
        ({"ui_language": "xx"}, "ui_language"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_mistakes_are_told_at_their_field_and_nothing_is_saved(client, admin, fields, where):
    response = create(client, **fields)
    assert response.status_code == 200
    assert where in errors(response)
    assert User.objects.count() == 1
    assert make.PASSWORD not in response.content.decode()


def test_both_password_boxes_blank_keep_the_password(client, admin):
    mia = make.user("mia@example.org")
    edit(client, mia, first_name="Maria")
    assert again(mia).first_name == "Maria"
    assert again(mia).check_password(make.PASSWORD)


def test_a_password_that_an_administrator_types_must_be_changed_and_ends_the_sessions(client, admin):
    mia = make.user("mia@example.org")
    elsewhere = Client()
    elsewhere.force_login(mia)
    fresh = "given by the help desk"
    edit(client, mia, password1=fresh, password2=fresh)
    assert again(mia).check_password(fresh)
    assert again(mia).must_change_password
    assert elsewhere.get("/profile/").status_code == 302
    event = SecurityEvent.objects.get(action="password")
    assert (event.object, event.details) == ("mia@example.org", {"how": "given"})
    assert fresh not in str(list(Change.objects.values_list("fields", flat=True)))


def test_changes_of_rights_are_logged_and_recorded_with_before_and_after(client, admin):
    role = make.role("Clerk")
    mia = make.user("mia@example.org")
    edit(client, mia, roles=[role.pk], is_superuser="on")
    event = SecurityEvent.objects.get(action="user_changed")
    assert event.details["changes"] == {
        "is_superuser": {"before": False, "after": True},
        "roles": {"before": [], "after": ["Clerk"]},
    }
    change = Change.objects.get(object_type="accounts.user", object_id=mia.pk)
    assert change.fields == event.details["changes"]


def test_a_save_without_changes_writes_nothing(client, admin):
    mia = make.user("mia@example.org", roles=[make.role("Clerk")])
    page = client.get(f"{USERS}{mia.pk}/change/")
    data = typed(mia, _opened=page.context["page"].form.opened_json)
    response = client.post(f"{USERS}{mia.pk}/change/", data, follow=True)
    assert "Nothing changed." in response.content.decode()
    assert not Change.objects.exists()
    assert not SecurityEvent.objects.filter(action="user_changed").exists()


def test_deactivating_ends_all_sessions_at_once_and_activating_lets_in_again(client, admin):
    mia = make.user("mia@example.org")
    elsewhere = Client()
    elsewhere.force_login(mia)
    assert client.get(f"{USERS}{mia.pk}/deactivate/").status_code == 405
    client.post(f"{USERS}{mia.pk}/deactivate/")
    assert again(mia).status == "deactivated"
    assert elsewhere.get("/profile/").status_code == 302
    client.post(f"{USERS}{mia.pk}/activate/")
    assert again(mia).status == "active"
    kinds = list(Change.objects.values_list("change_set__kind", "fields__status__after"))
    assert kinds == [("action", "deactivated"), ("action", "active")]


def test_deleting_keeps_record_and_email_and_asks_first(client, admin):
    mia = make.user("mia@example.org")
    assert "Delete Mia" in client.get(f"{USERS}{mia.pk}/delete/").content.decode()
    client.post(f"{USERS}{mia.pk}/delete/")
    assert again(mia).status == "active"
    client.post(f"{USERS}{mia.pk}/delete/", {"_sure": "1"})
    assert (again(mia).status, again(mia).has_usable_password()) == ("deleted", False)
    assert "mia@example.org" not in client.get(USERS).content.decode()
    assert "mia@example.org" in client.get(f"{USERS}?status=deleted").content.decode()
    assert SecurityEvent.objects.get(action="user_deleted").object == "mia@example.org"


def test_a_deleted_person_comes_back_with_another_password_only(client, admin):
    mia = make.user("mia@example.org")
    people.delete(mia)
    client.post(f"{USERS}{mia.pk}/activate/")
    assert again(mia).status == "deleted"
    assert "password1" in errors(edit(client, again(mia), status="active"))
    fresh = "a password of the second life"
    edit(client, again(mia), status="active", password1=fresh, password2=fresh)
    assert again(mia).status == "active"
    assert again(mia).check_password(fresh)


@pytest.mark.parametrize("deed", ["deactivate", "delete", "status", "mark"])
def test_the_last_active_superuser_stays(client, admin, deed):
    make.superuser(status="deactivated")
    if deed == "deactivate":
        page = client.post(f"{USERS}{admin.pk}/deactivate/").content.decode()
        client.post(f"{USERS}{admin.pk}/deactivate/", {"_sure": "1"})
    elif deed == "delete":
        page = client.get(f"{USERS}{admin.pk}/delete/").content.decode()
        client.post(f"{USERS}{admin.pk}/delete/", {"_sure": "1"})
    else:
        fields = {"status": "deactivated"} if deed == "status" else {"is_superuser": None}
        page = edit(client, admin, **fields).content.decode()
    assert "This is the last active superuser." in page
    assert (again(admin).status, again(admin).is_superuser) == ("active", True)


def test_deactivating_oneself_asks_then_logs_out(client, admin):
    make.superuser()
    page = client.post(f"{USERS}{admin.pk}/deactivate/").content.decode()
    assert "You are logged out at once." in page
    assert again(admin).status == "active"
    response = client.post(f"{USERS}{admin.pk}/deactivate/", {"_sure": "1"}, follow=True)
    assert response.request["PATH_INFO"] == "/login/"
    assert "was deactivated" in response.content.decode()
    login = client.post("/login/", {"username": admin.email, "password": make.PASSWORD})
    assert "Log-in failed." in login.content.decode()


def test_setting_the_own_status_to_deactivated_logs_out(client, admin):
    make.superuser()
    edit(client, admin, status="deactivated")
    assert again(admin).status == "deactivated"
    assert client.get("/").status_code == 302


def test_changing_the_own_email_keeps_this_session_and_ends_the_others(client, admin):
    elsewhere = Client()
    elsewhere.force_login(admin)
    edit(client, admin, email="root2@example.org")
    assert client.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302


def test_the_list_filters_by_role_and_by_log_in(client, admin):
    clerk = make.role("Clerk")
    make.user("mia@example.org", roles=[clerk])
    make.user("ben@example.org")

    def listed(query: str) -> list[str]:
        page = client.get(f"{USERS}?{query}").context["list"].page
        return [user.email for user in page.rows]

    assert listed("") == ["ben@example.org", "mia@example.org", "root@example.org"]
    assert listed(f"role={clerk.pk}") == ["mia@example.org"]
    assert listed("never=1") == ["ben@example.org", "mia@example.org"]
    assert listed("unseen=0") == ["root@example.org"]
    assert listed("status=all&q=MIA@") == ["mia@example.org"]


def test_the_list_shows_roles_language_and_status_in_words(client, admin):
    make.user("mia@example.org", roles=["Auditor"], ui_language="de", status="deactivated")
    page = client.get(f"{USERS}?status=deactivated").content.decode()
    for shown in (">Auditor<", ">German<", ">Deactivated<"):
        assert shown in page
    assert '<span class="bo-badge is-dot is-ok">Active</span>' in client.get(USERS).content.decode()


# --- a holder of Users C who is no superuser ---------------------------------------------------------


def test_users_c_does_not_see_roles_and_superuser_on_the_form(client, helpdesk):
    mia = make.user("mia@example.org")
    form = client.get(f"{USERS}{mia.pk}/change/").context["page"].form
    assert set(form.fields) == {
        "first_name",
        "last_name",
        "status",
        "password1",
        "password2",
        "must_change",
        "ui_language",
        "time_zone",
        "content_locale",
        "store",
    }


def test_raising_a_role_by_post_is_ignored_and_logged(client, helpdesk):
    role = make.role("Powerful", rights=["accounts.view_role"])
    fields = {"is_superuser": "on", "roles": [role.pk], "email": "evil@example.org", "first_name": "Desk"}
    edit(client, helpdesk, **fields)
    held = again(helpdesk)
    assert (held.is_superuser, held.email, held.first_name) == (False, "desk@example.org", "Desk")
    assert list(held.groups.values_list("name", flat=True)) == ["Help desk"]
    event = SecurityEvent.objects.get(action="fields_ignored")
    assert event.details["fields"] == ["email", "is_superuser", "roles"]


def test_a_created_person_gets_no_role_from_users_a(client, helpdesk):
    create(client, roles=[make.role("Powerful").pk], is_superuser="on")
    user = User.objects.get(email="new@example.org")
    assert (user.is_superuser, user.groups.count()) == (False, 0)


def test_superusers_and_people_with_more_rights_are_out_of_reach(client, helpdesk):
    admin = make.superuser("root@example.org")
    mighty = make.user("mighty@example.org", roles=["Category Manager"])
    equal = make.user("equal@example.org", roles=["Help desk"])
    fresh = "typed by the help desk"
    for user in (admin, mighty):
        assert client.get(f"{USERS}{user.pk}/").status_code == 200
        assert edit(client, user, password1=fresh, password2=fresh).status_code == 403
        assert client.post(f"{USERS}{user.pk}/deactivate/").status_code == 403
        assert client.post(f"{USERS}{user.pk}/delete/", {"_sure": "1"}).status_code == 403
        assert again(user).check_password(make.PASSWORD)
        assert again(user).status == "active"
    assert edit(client, equal, password1=fresh, password2=fresh).status_code == 302
    page = client.get(USERS).content.decode()
    assert f"{USERS}{equal.pk}/change/" in page
    assert f"{USERS}{admin.pk}/change/" not in page
    assert f"{USERS}{mighty.pk}/change/" not in page


def test_inventory_managers_do_not_open_users(client):
    client.force_login(make.user(roles=["Inventory Manager"]))
    assert client.get(USERS).status_code == 403


# --- rights are read at every request ----------------------------------------------------------------


def test_a_right_added_while_logged_in_works_on_the_next_click(client):
    role = make.role("Clerk")
    client.force_login(make.user(roles=[role]))
    assert client.get("/packaging/packagingtype/").status_code == 403
    role.group.permissions.add(make.permission("packaging.view_packagingtype"))
    assert client.get("/packaging/packagingtype/").status_code == 200


def test_a_deleted_role_and_a_left_role_end_the_access_on_the_next_click(client):
    role = make.role("Clerk", rights=["packaging.view_packagingtype"])
    user = make.user(roles=[role])
    client.force_login(user)
    assert client.get("/packaging/packagingtype/").status_code == 200
    user.groups.clear()
    assert client.get("/packaging/packagingtype/").status_code == 403
    user.groups.add(role.group)
    assert client.get("/packaging/packagingtype/").status_code == 200
    Role.objects.get(pk=role.pk).group.delete()
    assert client.get("/packaging/packagingtype/").status_code == 403


def test_two_roles_add_up(client):
    view = make.role(rights=["packaging.view_packagingtype"])
    change = make.role(rights=["packaging.view_packagingtype", "packaging.change_packagingtype"])
    user = make.user(roles=[view])
    client.force_login(user)
    carton = make.packaging_type()
    url = f"/packaging/packagingtype/{carton.pk}/change/"
    assert client.get(url).status_code == 403
    user.groups.add(change.group)
    assert client.get(url).status_code == 200


def test_view_alone_shows_no_add_button_and_refuses_the_address(client):
    client.force_login(make.user(roles=[make.role(rights=["packaging.view_packagingtype"])]))
    page = client.get("/packaging/packagingtype/")
    assert page.status_code == 200
    assert "/packaging/packagingtype/add/" not in page.content.decode()
    assert client.get("/packaging/packagingtype/add/").status_code == 403


@pytest.mark.parametrize(
    "address",
    ["//accounts/user/", "/accounts/user", "/Accounts/user/", "/accounts%2fuser/", "/%61ccounts/user/"],
)
def test_spellings_of_an_address_give_no_more_than_the_plain_one(client, address):
    client.force_login(make.user(roles=["Category Manager"]))
    response = client.get(address, follow=True)
    assert response.status_code in {403, 404}


def test_a_right_of_a_person_alone_does_not_exist():
    user = make.user()
    assert user.user_permissions is None
    assert user.get_all_permissions() == set()
    assert make.superuser().has_perm("accounts.view_user")


# --- the own profile ---------------------------------------------------------------------------------


def test_everybody_changes_name_language_and_zone_of_himself(client):
    user = make.user("mia@example.org")
    client.force_login(user)
    fields = {"first_name": "Maria", "last_name": "Berg", "ui_language": "de", "time_zone": "Europe/Vienna"}
    response = client.post(
        "/profile/", {**fields, "is_superuser": "on", "email": "x@example.org"}, follow=True
    )
    assert '<html lang="de"' in response.content.decode()
    held = again(user)
    assert (held.first_name, held.ui_language, held.time_zone) == ("Maria", "de", "Europe/Vienna")
    assert (held.email, held.is_superuser) == ("mia@example.org", False)
    assert SecurityEvent.objects.get(action="fields_ignored").details["fields"] == ["email", "is_superuser"]
    assert Change.objects.get().fields["first_name"] == {"before": "Mia", "after": "Maria"}


def test_content_locale_and_store_are_chosen_among_those_of_the_shop(client):
    make.store("AT", locales=["de_AT", "en_US"])
    user = make.user()
    client.force_login(user)
    fields = {"first_name": "Mia", "last_name": "Berg", "ui_language": "en", "time_zone": "UTC"}
    response = client.post("/profile/", {**fields, "content_locale": "fr_FR", "store": "XX"})
    assert set(response.context["form"].errors) == {"content_locale", "store"}
    client.post("/profile/", {**fields, "content_locale": "de_AT", "store": "AT"})
    held = again(user)
    assert (held.content_locale, held.store) == ("de_AT", "AT")


def test_the_language_of_one_user_does_not_touch_another(client):
    mia, ben = make.user(), make.user()
    client.force_login(mia)
    client.post("/profile/language/", {"language": "de", "next": "/profile/"})
    assert (again(mia).ui_language, again(ben).ui_language) == ("de", "en")
    client.post("/profile/language/", {"language": "xx"})
    assert again(mia).ui_language == "de"


def test_my_rights_name_the_role_that_gives_them(client):
    client.force_login(make.user(roles=["Auditor"]))
    page = client.get("/profile/rights/").content.decode()
    assert "Packaging types" in page
    assert "Auditor" in page


def test_effective_permissions_show_only_differences_to_a_role(client, admin):
    mia = make.user(roles=["Auditor"])
    auditor = Role.objects.get(group__name="Auditor")
    page = client.get(f"{USERS}{mia.pk}/rights/?role={auditor.pk}").content.decode()
    assert "No differences." in page


def test_log_out_everywhere_keeps_this_session(client):
    user = make.user()
    elsewhere = Client()
    elsewhere.force_login(user)
    client.force_login(user)
    client.post("/profile/log-out-everywhere/")
    assert client.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302
