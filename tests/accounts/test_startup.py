"""First superuser, trial accounts, and what production refuses to start with (users-and-roles 1.4)."""

import io
import re

import pytest
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from backoffice.accounts import demo, passwords
from backoffice.accounts.checks import refuse_unsafe_start
from backoffice.accounts.models import User
from tests import make

pytestmark = pytest.mark.django_db


def test_createadmin_generates_a_password_and_prints_it_once():
    out = io.StringIO()
    call_command("createadmin", email="Root@Example.org", stdout=out)
    password = re.search(r": (\S+)$", out.getvalue().strip()).group(1)
    user = User.objects.get(email="root@example.org")
    assert user.is_superuser
    assert user.check_password(password)
    assert user.must_change_password


def test_createadmin_refuses_a_taken_address_and_a_bad_one():
    make.user("root@example.org")
    for email in ("ROOT@example.org", "no address"):
        with pytest.raises(CommandError):
            call_command("createadmin", email=email)


def test_demo_accounts_exist_in_demo_mode_only(settings):
    with pytest.raises(CommandError, match="demo mode"):
        call_command("demo_accounts")
    assert User.objects.count() == 0
    settings.DEMO = True
    call_command("demo_accounts", stdout=io.StringIO())
    call_command("demo_accounts", stdout=io.StringIO())
    people = {user.email: user for user in User.objects.all()}
    assert sorted(people) == [
        "admin@example.com",
        "auditor@example.com",
        "category@example.com",
        "inventory@example.com",
        "service@example.com",
    ]
    assert people["admin@example.com"].is_superuser
    roles = people["category@example.com"].groups.values_list("name", flat=True)
    assert list(roles) == ["Category Manager"]
    assert all(user.check_password("demo-backoffice") for user in people.values())


def test_production_refuses_to_start_with_an_active_demo_account(settings):
    demo.make()
    refuse_unsafe_start()
    assert run_checks(tags=[Tags.database], databases=["default"]) == []
    settings.PRODUCTION = True
    with pytest.raises(ImproperlyConfigured, match=r"admin@example\.com"):
        refuse_unsafe_start()
    (error,) = run_checks(tags=[Tags.database], databases=["default"])
    assert error.id == "accounts.E001"
    User.objects.update(status="deactivated")
    refuse_unsafe_start()
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


def test_demo_accounts_are_deactivated_once_there_is_another_superuser(settings):
    demo.make()
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="createadmin"):
        call_command("demo_accounts", deactivate=True)
    assert len(demo.active_accounts()) == 5
    call_command("createadmin", email="root@example.org", stdout=io.StringIO())
    call_command("demo_accounts", deactivate=True, stdout=io.StringIO())
    assert demo.active_accounts() == []
    refuse_unsafe_start()


def test_a_renamed_demo_account_counts_until_its_password_is_changed(settings):
    demo.make()
    User.objects.exclude(email="admin@example.com").update(status="deactivated")
    User.objects.filter(email="admin@example.com").update(email="boss@example.org")
    settings.PRODUCTION = True
    with pytest.raises(ImproperlyConfigured, match=r"boss@example\.org"):
        refuse_unsafe_start()
    passwords.set_password(User.objects.get(email="boss@example.org"), "a password of my own")
    refuse_unsafe_start()
