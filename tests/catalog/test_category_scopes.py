"""Roles and users limited to branches of the category tree (spec: products 0.12, users-and-roles 5)."""

import pytest
from django.test import Client

from backoffice.accounts import people, scopes
from backoffice.accounts.models import User
from backoffice.console.rows import visible
from catalog.categories.models import Category
from catalog.categories.scope import KIND
from tests import make

LIST = "/categories/category/"


@pytest.fixture
def tree(db) -> dict[str, Category]:
    """catalog > clothing, tools > (hand > saws, power)"""
    make.store("DE")
    found = {"catalog": make.category("catalog")}
    for key, above in (("clothing", "catalog"), ("tools", "catalog"), ("hand", "tools"), ("saws", "hand")):
        found[key] = make.category(key, found[above])
    found["power"] = make.category("power", found["tools"])
    return found


def manager(**limits) -> User:
    user = make.user(roles=["Category Manager"], content_locale="en_US")
    scopes.limit(user, KIND, limits.get("below", ()), alone=limits.get("alone", ()))
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def seen(user: User) -> list[str]:
    rows = visible(Category.objects.all(), User.objects.get(pk=user.pk), "change")
    return [row.key for row in rows]


def test_a_grant_reaches_the_branch_or_the_category_alone(tree):
    assert seen(manager(below=[tree["tools"]])) == ["tools", "hand", "saws", "power"]
    assert seen(manager(alone=[tree["tools"]])) == ["tools"]
    assert seen(manager(below=[tree["hand"]], alone=[tree["clothing"]])) == ["clothing", "hand", "saws"]
    assert seen(manager()) == []


def test_a_category_that_is_moved_into_the_branch_is_in_scope_at_once(tree):
    user = manager(below=[tree["hand"]])
    power = tree["power"]
    power.parent = tree["hand"]
    power.save()
    make.tree.arrange()
    assert seen(user) == ["hand", "power", "saws"]


def test_the_grant_goes_with_the_category_and_never_becomes_all(tree):
    user = manager(below=[tree["power"]])
    tree["power"].delete()
    assert seen(user) == []


@pytest.mark.parametrize("page", ["", "change/", "delete/", "history/", "order/"])
def test_what_is_outside_is_missing(tree, page):
    client = signed_in(manager(below=[tree["tools"]]))
    assert client.get(f"{LIST}{tree['hand'].pk}/{page}").status_code == 200
    for key in ("clothing", "catalog"):
        assert client.get(f"{LIST}{tree[key].pk}/{page}").status_code == 404


def test_lists_searches_and_suggestions_hold_nothing_from_outside(tree):
    client = signed_in(manager(below=[tree["tools"]]))
    html = client.get(LIST).content.decode()
    assert ">saws<" in html
    assert ">clothing<" not in html
    assert client.get(f"{LIST}suggest/?q=clothing").json() == {"offered": []}
    assert "Clothing" not in client.get("/search/?q=clothing").content.decode()


def test_a_parent_outside_reads_like_one_that_does_not_exist(tree):
    client = signed_in(manager(below=[tree["tools"]]))
    values = {"key": "coats", "parent": "clothing", "name.en_US": "Coats", "_save": "1"}
    html = client.post(f"{LIST}add/", values).content.decode()
    assert "There is no category with the key “clothing”." in html
    assert not Category.objects.filter(key="coats").exists()
    typed = {f"to.{tree['hand'].pk}": "clothing", "_opened": f"{tree['hand'].pk},{tree['power'].pk}"}
    html = client.post(f"{LIST}{tree['tools'].pk}/order/", typed).content.decode()
    assert "There is no category with the key “clothing”." in html


def test_the_topmost_category_of_a_limited_user_stays_where_it_is(tree):
    client = signed_in(manager(below=[tree["tools"]]))
    page = client.get(f"{LIST}{tree['tools'].pk}/change/").content.decode()
    assert 'name="parent"' not in page
    values = {
        "_version": "1",
        "_opened": "{}",
        "name.en_US": "Workshop",
        "is_active": "on",
        "parent": "power",
    }
    client.post(f"{LIST}{tree['tools'].pk}/change/", values)
    tools = Category.objects.get(key="tools")
    assert (tools.name, tools.parent) == ({"en_US": "Workshop"}, tree["catalog"])


def test_roles_add_up_and_the_users_own_limit_cuts_down(tree):
    one, two = (make.role(rights=["categories.change_category", "categories.view_category"]) for _ in "12")
    scopes.limit(one.group, KIND, [tree["hand"]])
    scopes.limit(two.group, KIND, [], alone=[tree["clothing"]])
    user = make.user(roles=[one, two])
    assert seen(user) == ["clothing", "hand", "saws"]
    scopes.limit(user, KIND, [tree["tools"]])
    assert seen(user) == ["hand", "saws"]


def test_who_covers_a_branch_covers_what_lies_below(tree):
    rights = ["accounts.change_user", "accounts.view_user", "categories.view_category"]
    role = make.role(rights=rights)
    branch, leaf, bare = make.user(roles=[role]), make.user(roles=[role]), make.user(roles=[role])
    scopes.limit(branch, KIND, [tree["tools"]])
    scopes.limit(leaf, KIND, [tree["saws"]])
    scopes.limit(bare, KIND, [], alone=[tree["tools"]])
    assert people.may_manage(User.objects.get(pk=branch.pk), leaf)
    assert not people.may_manage(User.objects.get(pk=leaf.pk), branch)
    assert not people.may_manage(User.objects.get(pk=bare.pk), branch)


def test_the_page_of_rows_limits_a_role_with_and_without_sub_categories(tree):
    client, role = signed_in(make.superuser()), make.role()
    page = f"/accounts/role/{role.pk}/rows/"
    client.post(f"{page}save/", {"limit.category": "only", "add.category": "hand", "deep.category.new": "on"})
    assert scopes.described(role.group, KIND) == ["hand (with all sub-categories)"]
    client.post(f"{page}save/", {"limit.category": "only", "keep.category": str(tree["hand"].pk)})
    assert scopes.described(role.group, KIND) == ["hand"]
    assert 'data-suggest="/categories/category/suggest/"' in client.get(page).content.decode()
