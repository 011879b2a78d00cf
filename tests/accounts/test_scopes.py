"""Row scopes: which rows a role or a user is limited to (users-and-roles 5, truth table 6–8)."""

import pytest
from django.db import connection
from django.http import Http404
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from backoffice.accounts import matrix, people, scopes
from backoffice.accounts.models import RoleScope, SecurityEvent, User
from backoffice.actor import acting
from backoffice.console.rows import visible
from backoffice.console.screens import Refused, ScreenAdmin
from backoffice.console.site import site
from tests import make
from tests.scoped.models import Hall, Shelf

pytestmark = pytest.mark.django_db

VIEW, EDIT = "scoped.view_shelf", "scoped.edit_stock_shelf"


@pytest.fixture
def kind() -> scopes.ScopeKind:
    return next(kind for kind in scopes.kinds() if kind.key == "hall")


@pytest.fixture
def north() -> Shelf:
    return Shelf.objects.create(name="N1", hall=Hall.objects.create(name="North Hall"))


@pytest.fixture
def south() -> Shelf:
    return Shelf.objects.create(name="S1", hall=Hall.objects.create(name="South Hall"))


def fresh(user: User) -> User:
    """The user as the next request reads him."""
    return User.objects.get(pk=user.pk)


def answer(user: User, shelf: Shelf, action: str) -> int:
    """The status that the guard of a screen gives for a row."""
    request = RequestFactory().get("/")
    request.user = fresh(user)
    screen = ScreenAdmin(Shelf, site)
    if not screen.right(action).held_by(request.user):
        return 403
    try:
        screen.record_or_404(request, shelf.pk, action)
    except Http404:
        return 404
    except Refused:
        return 403
    return 200


@pytest.fixture
def clerk(kind, north, south) -> User:
    """Role 1: edit stock, limited to South Hall. Role 2: view, unlimited."""
    editing = make.role(rights=[EDIT, VIEW])
    viewing = make.role(rights=[VIEW])
    scopes.limit(editing.group, kind, [south.hall])
    return make.user(roles=[editing, viewing])


def test_row_6_each_role_gives_its_right_on_its_own_rows(clerk, north, south):
    assert answer(clerk, north, "view") == 200
    assert answer(clerk, north, "edit_stock") == 403
    assert answer(clerk, south, "edit_stock") == 200


def test_row_7_the_limit_of_the_user_cuts_everything_down(clerk, kind, north, south):
    scopes.limit(clerk, kind, [north.hall])
    assert answer(clerk, south, "edit_stock") == 404
    assert answer(clerk, south, "view") == 404
    assert answer(clerk, north, "view") == 200


def test_row_8_only_these_without_any_left_means_none(kind, north):
    role = make.role(rights=[VIEW])
    scopes.limit(role.group, kind, [north.hall])
    user = make.user(roles=[role])
    assert answer(user, north, "view") == 200
    other = Shelf.objects.create(name="O1", hall=Hall.objects.create(name="Other"))
    north.hall.delete()
    assert RoleScope.objects.get(group=role.group).is_limited
    assert list(visible(Shelf.objects.all(), fresh(user), "view")) == []
    assert answer(user, other, "view") == 404


def test_a_user_limited_to_nothing_sees_nothing(kind, north):
    user = make.user(roles=[make.role(rights=[VIEW])])
    scopes.limit(user, kind, [])
    assert answer(user, north, "view") == 404


def test_two_limited_roles_add_up(kind, north, south):
    roles = [make.role(rights=[VIEW]) for _ in range(2)]
    for role, shelf in zip(roles, (north, south), strict=True):
        scopes.limit(role.group, kind, [shelf.hall])
    user = make.user(roles=roles)
    assert list(visible(Shelf.objects.order_by("name"), user, "view")) == [north, south]


def test_superusers_have_all_rows(kind, north):
    admin = make.superuser()
    scopes.limit(admin, kind, [])
    assert list(visible(Shelf.objects.all(), admin, "view")) == [north]


def test_a_limit_that_is_lifted_gives_all_rows_again(kind, north, south):
    role = make.role(rights=[VIEW])
    scopes.limit(role.group, kind, [north.hall])
    scopes.unlimit(role.group, kind)
    user = make.user(roles=[role])
    assert answer(user, south, "view") == 200


def test_a_limit_set_again_replaces_the_grants(kind, north, south):
    role = make.role(rights=[VIEW])
    scopes.limit(role.group, kind, [north.hall])
    scopes.limit(role.group, kind, [south.hall])
    user = make.user(roles=[role])
    assert (answer(user, north, "view"), answer(user, south, "view")) == (404, 200)


def test_changes_of_a_limit_are_in_the_security_log_with_before_and_after(kind, north, south):
    role = make.role("Clerk", rights=[VIEW])
    scopes.limit(role.group, kind, [north.hall, south.hall])
    scopes.limit(role.group, kind, [])
    scopes.limit(role.group, kind, [])
    scopes.unlimit(role.group, kind)
    events = SecurityEvent.objects.filter(action="scope_changed", object="Clerk").order_by("pk")
    assert [(event.details["before"], event.details["after"]) for event in events] == [
        ("all", ["North Hall", "South Hall"]),
        (["North Hall", "South Hall"], []),
        ([], "all"),
    ]


def test_scopes_cost_the_same_queries_for_any_number_of_rows(kind, clerk, north, south):
    def cost() -> int:
        with (
            acting(fresh(clerk)) as actor,
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            list(visible(Shelf.objects.all(), actor.user, "edit_stock"))
        return len(queries)

    before = cost()
    halls = [Hall.objects.create(name=f"H{number}") for number in range(20)]
    Shelf.objects.bulk_create(Shelf(name=f"X{n}", hall=halls[n % 20]) for n in range(500))
    editing = clerk.groups.get(permissions__codename="edit_stock_shelf")
    scopes.limit(editing, kind, halls)
    assert cost() == before == 3


def test_somebody_without_limits_costs_one_query_for_the_limits(north):
    user = make.user(roles=[make.role(rights=[VIEW])])
    with acting(user), CaptureQueriesContext(connection) as queries:
        list(visible(Shelf.objects.all(), user, "view"))
        list(visible(Shelf.objects.all(), user, "view"))
    assert len(queries) == 3
    assert "IN (SELECT" not in queries[-1]["sql"]


def test_effective_permissions_name_the_rows_a_role_covers(clerk, kind, north, south):
    shown = matrix.Screen("Test", "Shelves", Shelf, matrix.declared(Shelf))
    ((_screen, cells, extra),) = matrix.effective(clerk, [shown])
    editing = clerk.groups.get(permissions__codename="edit_stock_shelf").name
    assert extra[0].roles == [(editing, "South Hall")]
    assert dict(cells[0].roles)[editing] == "South Hall"
    assert sorted(rows for _role, rows in cells[0].roles) == ["", "South Hall"]
    scopes.limit(clerk, kind, [north.hall])
    assert matrix.own_limits(clerk) == [("Halls", "North Hall")]


def test_the_scope_permission_is_no_right_of_the_matrix():
    assert "in_scope" not in {right.action for right in matrix.declared(Hall)}


def test_a_colleague_with_more_rows_is_out_of_reach(kind, north, south):
    limited, unlimited = make.role(rights=[VIEW]), make.role(rights=[VIEW])
    scopes.limit(limited.group, kind, [north.hall])
    editor = make.user(roles=[limited])
    assert people.may_manage(editor, make.user(roles=[limited]))
    assert not people.may_manage(editor, make.user(roles=[unlimited]))
    assert people.may_manage(make.user(roles=[unlimited]), make.user(roles=[limited]))
    other = make.user(roles=[unlimited])
    scopes.limit(other, kind, [south.hall])
    assert not people.may_manage(editor, other)
    scopes.limit(other, kind, [north.hall])
    assert people.may_manage(editor, other)
