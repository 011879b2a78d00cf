"""The lists of buyers, and whom a relation reaches (product-lists 1.2, 2.4, 2.5)."""

import pytest
from django.test import Client

from catalog.buyers.models import BusinessUnit, BuyerRelation, Company, Merchant
from tests import make

pytestmark = pytest.mark.django_db
RELATIONS, UNITS = "/buyers/buyerrelation/", "/buyers/businessunit/"
COMPANIES, MERCHANTS = "/buyers/company/", "/buyers/merchant/"


@pytest.fixture
def client(db) -> Client:
    client = Client()
    client.force_login(make.superuser())
    return client


@pytest.fixture
def fjord(db) -> dict[str, BusinessUnit]:
    """Fjord HQ above Oslo, which is above the bar; another company beside it."""
    company = make.company("fjord", name="Fjord Hotels", status="approved", is_active=True)
    hq = make.business_unit("hq", of=company, name="Head office")
    oslo = make.business_unit("oslo", under=hq, name="Oslo")
    bar = make.business_unit("bar", under=oslo, name="Bar")
    make.business_unit("mill", of=make.company("mill", name="Old Mill"), name="Mill")
    return {"hq": hq, "oslo": oslo, "bar": bar}


def found(client: Client, address: str) -> list[str]:
    return sorted(row.key for row in client.get(address).context["list"].page.rows)


def test_child_units_do_not_inherit_from_their_parent(fjord):
    relation = make.buyer_relation("R1", owner=fjord["hq"], units=[fjord["oslo"]])
    assert [list(BuyerRelation.objects.assigned_to(fjord[key])) for key in ("oslo", "bar", "hq")] == [
        [relation],
        [],
        [],
    ]


def test_a_unit_reaches_all_relations_whatever_merchant_they_belong_to(fjord):
    for key in ("R1", "R2"):
        make.buyer_relation(key, owner=fjord["hq"], units=[fjord["oslo"]], by=make.merchant(f"House {key}"))
    assert sorted(r.key for r in BuyerRelation.objects.assigned_to(fjord["oslo"])) == ["R1", "R2"]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("company=fjord", ["R1"]),
        ("merchant=north", ["R1"]),
        ("merchant=south", ["R2"]),
        ("company=fjord&merchant=south", []),
        ("idle=1", ["R2"]),
        ("q=oslo", ["R1"]),
    ],
)
def test_relations_are_found_by_company_and_merchant(client, fjord, query: str, keys: list[str]):
    make.buyer_relation("R1", owner=fjord["hq"], units=[fjord["oslo"]], by=make.merchant("North"))
    make.buyer_relation("R2", by=make.merchant("South"))
    assert found(client, f"{RELATIONS}?{query}") == keys


def test_a_relation_is_called_by_merchant_and_owner_unit(client, fjord):
    north = make.merchant("North")
    relation = make.buyer_relation("R1", owner=fjord["hq"], units=[fjord["oslo"]], by=north)
    html = client.get(RELATIONS).content.decode()
    assert f"{north.pk} - North" in html
    assert [name in html for name in ("Head office", "Oslo", "Fjord Hotels")] == [True] * 3
    assert "North – Head office" in client.get(f"{RELATIONS}{relation.pk}/").content.decode()


@pytest.mark.parametrize(
    ("address", "keys"),
    [
        (f"{UNITS}?company=fjord", ["bar", "hq", "oslo"]),
        (f"{UNITS}?company__status=pending", ["mill"]),
        (f"{UNITS}?top=1", ["hq", "mill"]),
        (f"{UNITS}?q=OSL", ["oslo"]),
        (f"{COMPANIES}?status=approved", ["fjord"]),
        (f"{COMPANIES}?is_active=0", ["mill"]),
        (f"{COMPANIES}?q=hotel", ["fjord"]),
    ],
)
def test_companies_and_units_are_found_by(client, fjord, address: str, keys: list[str]):
    assert found(client, address) == keys


def test_merchants_are_found_by_name_key_reference_and_status(client):
    make.merchant("North", merchant_key="n-key", merchant_reference="LIEF-1", status="approved")
    make.merchant("South")

    def named(query: str) -> list[str]:
        return [row.name for row in client.get(f"{MERCHANTS}?{query}").context["list"].page.rows]

    assert [named(query) for query in ("q=nor", "q=N-KEY", "q=lief", "status=approved")] == [["North"]] * 4


@pytest.mark.parametrize(
    ("address", "values", "sentence"),
    [
        (MERCHANTS, {"merchant_reference": "M", "merchant_key": "m", "status": "approved"}, "Name"),
        (COMPANIES, {"key": "c", "status": "approved"}, "Name"),
        (COMPANIES, {"key": "", "name": "C", "status": "approved"}, "Key"),
        (UNITS, {"key": "u", "name": "U", "company": ""}, "Company"),
        (UNITS, {"key": "u", "name": "U", "company": "nobody"}, "Company"),
    ],
)
def test_what_buyers_lack_is_told(client, address: str, values: dict[str, str], sentence: str):
    page = client.post(f"{address}add/", values).context["page"]
    assert [text.partition(":")[0] for _anchor, text in page.problems] == [sentence]
    assert not any(model.objects.exists() for model in (Merchant, Company, BusinessUnit))
