"""The accounts of the trial set-up. Their password is known to everybody, so nothing else may hold them."""

from typing import NamedTuple

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet

from backoffice.accounts import people, seeds
from backoffice.accounts.models import User
from backoffice.accounts.passwords import DEMO_PASSWORD


class Account(NamedTuple):
    email: str
    first_name: str
    last_name: str
    role: str
    language: str = "en"
    content_locale: str = "en_US"
    """The language of the catalogue that suits the words around it."""


ACCOUNTS = (
    Account("admin@example.com", "Ruth", "Okafor", ""),
    Account("category@example.com", "Mara", "Lindqvist", seeds.CATEGORY),
    Account("inventory@example.com", "Jonas", "Weber", seeds.INVENTORY),
    Account("service@example.com", "Aylin", "Demir", seeds.SERVICE),
    Account("auditor@example.com", "Piotr", "Nowak", seeds.AUDITOR),
)


@transaction.atomic
def make() -> list[User]:
    """Make the missing accounts with their roles; those that exist stay as they are."""
    seeds.give_new()
    made = []
    for account in ACCOUNTS:
        if User.objects.filter(email=account.email).exists():
            continue
        user = User.objects.create_user(
            account.email,
            DEMO_PASSWORD,
            first_name=account.first_name,
            last_name=account.last_name,
            ui_language=account.language,
            content_locale=account.content_locale,
            is_superuser=not account.role,
            settings={"is_demo": True},
        )
        user.groups.set(Group.objects.filter(name=account.role))
        made.append(user)
    return made


def active_accounts() -> list[str]:
    """The e-mails of active accounts that still have the known password or a known name."""
    return list(_active().values_list("email", flat=True))


def _active() -> QuerySet[User]:
    known = Q(email__in=[account.email for account in ACCOUNTS]) | Q(settings__is_demo=True)
    return User.objects.active().filter(known).order_by("email")


@transaction.atomic
def deactivate() -> list[str]:
    """End the active ones. Raises LastSuperuser while there is no other superuser."""
    found = list(_active())
    for user in found:
        people.deactivate(user)
    return [user.email for user in found]
