from collections.abc import Callable

import pytest
from django.test import Client

from backoffice.accounts import seeds
from backoffice.accounts.models import User
from tests import make

SUPERUSER, NO_ROLE = "superuser", "no role"
PEOPLE = (SUPERUSER, NO_ROLE, *seeds.ROLES)


def person(who: str) -> User:
    """A superuser, somebody without any role, or somebody with one seeded role."""
    if who == SUPERUSER:
        return make.superuser()
    return make.user(roles=[] if who == NO_ROLE else [who])


@pytest.fixture
def signed_in(db: None) -> Callable[[User], Client]:
    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="backoffice.accounts.backends.RoleBackend")
        return client

    return signed_in
