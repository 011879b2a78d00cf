"""Reading changes nothing, and garbage in an address is never a fault."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from backoffice.console.site import site
from tests.site.addresses import ADDRESSES, LISTS, NAMES, Address
from tests.site.conftest import person
from tests.site.rows import row

pytestmark = pytest.mark.django_db
KEPT_BY_READING = ("django_session", "accounts_securityevent")
"""A session notes its last use; exports and refusals are logged."""
GARBAGE = (
    "page=abc",
    "page=-1",
    "length=100000",
    "o=password",
    "o=-",
    "o=%00",
    "sort=password&status=xyz",
    "q=%00",
    "q=%25%5C%27%22",
    "q=" + "x" * 5000,
    "count=abc",
    "count=exact",
    "last=1",
    "last=",
    "after=",
    "after=%00",
    "after=abc",
    "after=bnVsbA",
    "after=WzEsMV0",
    "after=WyJcdTAwMDAiLDFd",
    "after=W251bGwsMV0",
    "after=WzEsOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTld",
    "before=abc",
    "before=WzEsMV0",
    "after=WzEsMV0&before=WzEsMV0",
    "unknown[]=1&unknown=2",
)


def written() -> int:
    """Rows added, changed or removed in this transaction, but for those that reading may leave."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables"
            " WHERE relname <> ALL(%s)",
            [list(KEPT_BY_READING)],
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("address", ADDRESSES, ids=NAMES)
def test_reading_changes_nothing(address: Address, signed_in: Callable[..., Client]):
    user = person("superuser")
    client, url = signed_in(user), address.url_of_row(user)
    before = written()
    client.get(url)
    client.head(url)

    assert written() == before


def test_a_written_row_would_be_noticed():
    before = written()
    row(next(iter(site._registry)), None)

    assert written() > before


@pytest.mark.parametrize("garbage", GARBAGE, ids=[text[:30] for text in GARBAGE])
@pytest.mark.parametrize("address", LISTS, ids=[address.name for address in LISTS])
def test_garbage_in_the_address_of_a_list_is_no_fault(
    address: Address, garbage: str, signed_in: Callable[..., Client]
):
    user = person("superuser")
    row(address.model, user)

    assert signed_in(user).get(f"{address.url()}?{garbage}").status_code in {200, 400}


@pytest.mark.parametrize("address", LISTS, ids=[address.name for address in LISTS])
def test_every_column_sorts_and_every_filter_takes_garbage(
    address: Address, signed_in: Callable[..., Client]
):
    user = person("superuser")
    client, screen = signed_in(user), site._registry[address.model]
    row(address.model, user)
    request = client.get(address.url()).wsgi_request
    orders = [f"{sign}{column.name}" for column in screen.list_columns for sign in ("", "-")]
    parameters = [name for each in screen.filters(request) for name in each.parameters()]

    for query in [f"o={order}" for order in orders] + [
        f"{name}={value}"
        for name in parameters
        for value in ("%00", "xyz", "-1", "2024-02-31", "9999-12-31", "0001-01-01")
    ]:
        assert client.get(f"{address.url()}?{query}").status_code in {200, 400}, query


@pytest.mark.parametrize("number", ["0", "99999999999999999999999"])
def test_a_number_that_is_no_row_is_not_found(number: str, signed_in: Callable[..., Client]):
    client = signed_in(person("superuser"))
    for address in ADDRESSES:
        if "pk" in address.parts and client.get(address.url(pk=7)).status_code != 405:
            assert client.get(address.url(pk=7).replace("/7/", f"/{number}/", 1)).status_code == 404, (
                address.name
            )


def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
