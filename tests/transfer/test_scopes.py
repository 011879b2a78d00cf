"""Users limited to some rows: what exists outside of them reads like what does not exist (spec: import-export 1.8.2,
users-and-roles 5.3)."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from backoffice.actor import acting
from backoffice.console.rows import visible
from backoffice.transfer.declaring.formats import resource_of
from backoffice.transfer.exporting.reports import problems_of
from backoffice.transfer.exporting.streams import csv_lines
from backoffice.transfer.models import Job
from catalog.categories.scope import KIND
from catalog.images.models import ImageSet
from catalog.products.models import Product
from catalog.urls.models import Url
from tests import make
from tests.transfer.conftest import counts, imported, written

pytestmark = pytest.mark.django_db
PRODUCT, VARIANT = "product_abstract", "product_concrete"
HEAD = "abstract_sku,category_key,name.en_US\n"


@pytest.fixture
def shop() -> dict[str, Any]:
    make.store("DE")
    tools, clothing = make.category("tools"), make.category("clothing")
    make.product("drill", categories=[tools], variants=1)
    make.product("jacket", categories=[clothing], variants=1)
    return {"tools": tools, "clothing": clothing}


def limited(shop: dict[str, Any], *roles: Any) -> User:
    user = make.user(roles=roles or ["Category Manager"], content_locale="en_US")
    scopes.limit(user, KIND, [shop["tools"]])
    return User.objects.get(pk=user.pk)


def told(folder: Path, name: str, text: str, user: User, **options: str) -> list[tuple[str, str, str, str]]:
    """Column, code, sentence and remedy of everything a check says."""
    job = imported(written(folder, f"{name}.csv", text), user=user, check=True, **options)
    return [(p.column, p.code, p.sentence, p.repair) for _row, p in problems_of(job.files.get())]


@pytest.mark.parametrize(
    "text",
    [
        "abstract_sku,color_code\n{0},red\n",
        "abstract_sku,name.en_US\n{0},Mine\n",
        "abstract_sku,category_key,name.de_DE\n{0},tools,\n",
        "abstract_sku,color_code\n{0},\n",
        "abstract_sku,new_from\n{0},yesterday\n",
    ],
)
@pytest.mark.parametrize("rows", ["all", "existing"])
def test_a_hidden_record_and_a_missing_one_get_the_same_answer(shop, tmp_path: Path, text, rows):
    user, said, figures = limited(shop), [], []
    for key in ("jacket", "nobody"):
        path = written(tmp_path, f"{PRODUCT}.csv", text.format(key))
        job = imported(path, user=user, check=True, rows=rows)
        found = [(p.column, p.code, p.sentence, p.repair) for _row, p in problems_of(job.files.get())]
        said.append(str(found).replace(key, "…"))
        figures.append(counts(job))
    assert said[0] == said[1]
    assert figures[0] == figures[1]


def test_without_the_right_to_add_both_are_unknown(shop, tmp_path: Path):
    rights = [f"products.{verb}_product" for verb in ("import", "view", "change")]
    role = make.role(rights=["categories.view_category", *rights])
    user = limited(shop, role)
    answers = [
        told(tmp_path, PRODUCT, HEAD + f"{key},tools,Mine\n", user)[0][:3] for key in ("jacket", "nobody")
    ]
    assert answers == [
        ("abstract_sku", "unknown_ref", "“jacket” does not exist."),
        ("abstract_sku", "unknown_ref", "“nobody” does not exist."),
    ]


def test_who_is_not_limited_is_told_what_a_new_record_needs(shop, tmp_path: Path):
    user = make.user(roles=["Category Manager"])
    found = told(tmp_path, PRODUCT, "abstract_sku,color_code\nnobody,red\n", user)
    assert {code for _c, code, _s, _r in found} == {"required"}


def test_suggestions_name_no_hidden_key(shop, tmp_path: Path):
    text = HEAD + "{},tools,Mine\n"
    [found] = told(tmp_path, PRODUCT, text.format("Drill"), limited(shop))
    assert found[1::2] == ("similar_key", "Did you mean “drill”?")
    [found] = told(tmp_path, PRODUCT, text.format("Jacket"), limited(shop))
    assert found == (
        "abstract_sku",
        "unknown_ref",
        "“Jacket” does not exist.",
        "Correct it, or import it first.",
    )
    assert told(tmp_path, PRODUCT, text.format("00jacket"), limited(shop)) == []


def test_a_taken_address_names_no_hidden_owner(shop, tmp_path: Path):
    for sku in ("jacket", "drill"):
        pk = Product.objects.get(sku=sku).pk
        Url.objects.create(path=f"/en/{sku}", locale="en_US", owner_type="product", owner_id=pk)
    text = "abstract_sku,category_key,name.en_US,url.en_US\nsaw,tools,Saw,/en/{}\n"
    [found] = told(tmp_path, PRODUCT, text.format("jacket"), limited(shop))
    assert found[1:3] == ("taken", "The address /en/jacket belongs to another page already.")
    [found] = told(tmp_path, PRODUCT, text.format("drill"), limited(shop))
    assert found[1] == "taken"
    assert "“Drill”" in found[2]


def test_a_taken_sku_or_gtin_names_no_hidden_owner(shop, tmp_path: Path):
    Product.objects.get(sku="jacket").variants.update(gtin="4006381333931")
    user = limited(shop)
    [found] = told(tmp_path, PRODUCT, HEAD + "jacket-1,tools,Mine\n", user)
    assert found[1:3] == ("unknown_ref", "“jacket-1” does not exist.")
    [found] = told(tmp_path, PRODUCT, HEAD + "drill-1,tools,Mine\n", user)
    assert found[1:3] == ("taken", "“drill-1” is a variant of the product drill.")
    text = "concrete_sku,abstract_sku,name.en_US,attribute_key_1,value_1,gtin\n{},drill,Mine,colour,red,{}\n"
    [found] = [
        each
        for each in told(tmp_path, VARIANT, text.format("drill-2", "4006381333931"), user)
        if each[0] == "gtin"
    ]
    assert found[1:3] == ("taken", "“4006381333931” belongs to another record.")
    found = told(tmp_path, VARIANT, text.format("jacket", ""), user)
    assert ("concrete_sku", "unknown_ref", "“jacket” does not exist.") in [each[:3] for each in found]


def test_the_key_of_a_hidden_set_of_pictures_is_unknown(shop, tmp_path: Path):
    head = "image_set_name,external_url_large,external_url_small,{}product_image_key,product_image_set_key\n"
    rows = head.format("abstract_sku,") + "secret,/l.jpg,/s.jpg,jacket,a,set-of-jacket\n"
    imported(written(tmp_path, "product_image.csv", rows))
    user = limited(shop)
    text = head.format("") + "default,/x.jpg,/x.jpg,b,set-of-jacket\n"
    [found] = told(tmp_path, "product_image", text, user)
    assert found[:3] == ("product_image_set_key", "unknown_ref", "“set-of-jacket” does not exist.")
    text = head.format("") + "secret,/x.jpg,/x.jpg,b,set-of-jacket\n"
    assert [each[1] for each in told(tmp_path, "product_image", text, user)] == ["unknown_ref"]
    assert ImageSet.objects.get().places.count() == 1


def response_of(user: User, job: Job, tab: str = "changes") -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"/transfer/job/{job.token}/?tab={tab}")


def rows_page(user: User, job: Job, tab: str) -> str:
    return response_of(user, job, tab).content.decode()


def test_a_checked_file_shows_only_rows_of_records_within_the_scope(shop, tmp_path: Path):
    """Whoever checked it: a colleague, or the same user before he was limited."""
    text = HEAD + "drill,tools,Drill two\njacket,clothing,Jacket two\n,tools,\n"
    user = make.user(roles=["Category Manager"], content_locale="en_US")
    job = imported(written(tmp_path, f"{PRODUCT}.csv", text), user=user, check=True, on_error="skip")
    assert "Jacket two" not in rows_page(user, job, "errors")
    assert "two" in rows_page(user, job, "changes")
    assert "jacket" in rows_page(user, job, "changes")
    scopes.limit(user, KIND, [shop["tools"]])
    page = rows_page(user, job, "changes")
    assert "drill" in page
    assert "jacket" not in page
    assert "acket" not in page
    assert [(each.name, each.count) for each in response_of(user, job).context["tabs"]] == [
        ("changes", 1),
        ("errors", 1),
        ("warnings", 0),
        ("infos", 0),
    ]
    client = Client()
    client.force_login(user)
    answer = client.get(f"/transfer/job/{job.token}/rows/?tab=changes")
    assert b"jacket" not in b"".join(answer.streaming_content)


def test_a_colleagues_problems_are_shown_within_the_scope_only(shop, tmp_path: Path):
    text = "abstract_sku,new_from\ndrill,tomorrow\njacket,yesterday\n"
    path = written(tmp_path, f"{PRODUCT}.csv", text)
    job = imported(path, user=make.user(roles=["Category Manager"]), check=True)
    role = make.role(rights=["transfer.view_job"])
    user = limited(shop, "Category Manager", role)
    client = Client()
    client.force_login(user)
    page = rows_page(user, job, "errors")
    assert ("tomorrow" in page, "yesterday" in page) == (True, False)
    for name in ("problems", "bad-rows"):
        file = b"".join(client.get(f"/transfer/job/{job.token}/{name}/").streaming_content)
        assert (b"tomorrow" in file, b"yesterday" in file) == (True, False)


@pytest.mark.parametrize("lists", ["add", "replace"])
def test_an_export_leaves_hidden_categories_out_and_comes_back_unchanged(shop, tmp_path: Path, lists: str):
    drill = Product.objects.get(sku="drill")
    drill.category_links.create(category=shop["clothing"], product_order=4)
    user, resource = limited(shop), resource_of(PRODUCT)
    rows = visible(Product.objects.all(), user)
    with acting(user):
        text = "".join(csv_lines(resource, rows))
    assert "clothing" not in text
    assert "tools,0,drill" in text
    job = imported(written(tmp_path, f"{PRODUCT}.csv", text), user=user, lists=lists)
    assert (job.state, counts(job), [*problems_of(job.files.get())]) == ("done", (0, 0, 1, 0, 0), [])
    links = drill.category_links.order_by("category__key").values_list("category__key", "product_order")
    assert list(links) == [("clothing", 4), ("tools", 0)]
