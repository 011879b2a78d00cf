"""A page costs the same number of queries, whatever the number of rows."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.site.addresses import ADDRESSES, Address
from tests.site.conftest import person
from tests.site.rows import row

pytestmark = pytest.mark.django_db
OF_ROWS = [address for address in ADDRESSES if address.model is not None]


@pytest.mark.parametrize("address", OF_ROWS, ids=[address.name for address in OF_ROWS])
def test_one_row_and_twenty_rows_cost_the_same(address: Address, signed_in: Callable[..., Client]):
    user = person("superuser")
    client = signed_in(user)
    url = address.url_of_row(user)
    if not address.has_row:
        row(address.model, user)
    client.get(url)

    one = asked(client, url)
    for _number in range(19):
        row(address.model, user)
    twenty = asked(client, url)

    assert len(one) == len(twenty), "\n".join(sql for sql in twenty if sql not in one)


def asked(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(url)
    return [query["sql"] for query in queries]
