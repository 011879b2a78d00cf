"""The seeded roles, and what updates and restoring give them (users-and-roles 6)."""

import pytest
from django.core.management import call_command

from backoffice.accounts import matrix, seeds
from backoffice.accounts.models import Role, SeededRight
from tests import make

pytestmark = pytest.mark.django_db

TYPE = "packaging.{}_packagingtype"


def role(name: str) -> Role:
    return Role.objects.get(group__name=name)


def rights(name: str) -> set[str]:
    return matrix.rights_of(role(name).group)


def test_category_managers_do_everything_with_packaging_types():
    every = {TYPE.format(verb) for verb in ("view", "add", "change", "delete", "import", "export")}
    assert every <= rights(seeds.CATEGORY)


def test_auditors_read_and_the_others_do_not_see_packaging_types():
    shown = {right for right in rights(seeds.AUDITOR) if "packagingtype" in right}
    assert shown == {TYPE.format("view")}
    assert not any("packagingtype" in right for right in rights(seeds.INVENTORY) | rights(seeds.SERVICE))


def test_only_auditors_read_the_security_log_and_foreign_history():
    log = {"accounts.view_securityevent", "accounts.export_securityevent"}
    past = {"history.view_changeset", "history.export_changeset"}
    assert log | past <= rights(seeds.AUDITOR)
    for name in (seeds.CATEGORY, seeds.INVENTORY, seeds.SERVICE):
        assert not (log | past) & rights(name)


def test_undo_users_and_roles_are_in_no_seeded_role():
    for name in seeds.ROLES:
        assert not rights(name) & {
            "history.undo_changeset",
            "accounts.view_user",
            "accounts.change_user",
            "accounts.view_role",
        }


def test_restoring_gives_back_what_was_taken_away_and_keeps_what_was_added():
    group = role(seeds.AUDITOR).group
    group.permissions.remove(make.permission(TYPE.format("view")))
    group.permissions.add(make.permission(TYPE.format("export")))
    call_command("seed_roles", verbosity=0)
    assert {TYPE.format("view"), TYPE.format("export")} <= rights(seeds.AUDITOR)


def test_an_update_gives_only_what_was_never_given():
    group = role(seeds.CATEGORY).group
    before = rights(seeds.CATEGORY)
    group.permissions.clear()
    call_command("seed_roles", "--new", verbosity=0)
    assert rights(seeds.CATEGORY) == set()
    SeededRight.objects.filter(role=seeds.CATEGORY, screen="packaging.packagingtype").delete()
    call_command("seed_roles", "--new", verbosity=0)
    assert rights(seeds.CATEGORY) == {right for right in before if "packagingtype" in right}


def test_a_deleted_role_stays_deleted_until_it_is_restored():
    role(seeds.SERVICE).group.delete()
    call_command("seed_roles", "--new", verbosity=0)
    assert not Role.objects.filter(group__name=seeds.SERVICE).exists()
    call_command("seed_roles", verbosity=0)
    assert role(seeds.SERVICE).is_seeded


def test_every_seeded_screen_is_in_the_menu_or_ruled_by_one():
    from backoffice.console import menu

    known = {screen for area in menu.MENU for item in area.items for screen in item.screens}
    unknown = {screen for row in seeds.TABLE for screen in row[0]} - known
    assert unknown == {"prices.price"}


def test_seeding_twice_changes_nothing(capsys):
    call_command("seed_roles")
    assert "All roles are complete." in capsys.readouterr().out
