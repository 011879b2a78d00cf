"""The file of products (spec: import-export 4.5.1, products 22.7 and 26, attributes 7)."""

from pathlib import Path

import pytest

from backoffice.accounts import scopes
from catalog.attributes.models import AttributeKey
from catalog.categories.scope import KIND
from catalog.products.models import (
    Product,
    ProductStore,
    Variant,
)
from catalog.urls.models import Url
from tests import make
from tests.catalog.taking import (
    HEAD,
    PRODUCT,
    VARIANT,
    VARIANTS,
    exported,
    open_shop,
    orders,
    said,
    take,
    together,
    undo,
    warnings,
)
from tests.transfer.conftest import counts, errors, notes, problems

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def shop(db: None) -> dict:
    return open_shop()


def test_a_shorter_list_of_places_leaves_the_rest_at_zero(shop, tmp_path: Path):
    """Products 26, 25."""
    text = (
        'abstract_sku,category_key,category_product_order,name.en_US\nhammer,"tools, drills",5,Hammer\n'
        "saw,nope,1,Saw\n"
    )
    job = take(tmp_path, PRODUCT, text, on_error="skip")
    assert (counts(job), errors(job)) == ((1, 0, 0, 0, 1), [(3, "category_key", "unknown_ref")])
    assert orders("hammer") == {"tools": 5, "drills": 0}

    again = 'abstract_sku,category_key,category_product_order\nhammer,"drills,clothing",",3"\n'
    take(tmp_path, PRODUCT, again)
    assert orders("hammer") == {"tools": 5, "drills": 0, "clothing": 3}


def test_a_list_that_replaces_is_the_whole_one(shop, tmp_path: Path):
    take(tmp_path, PRODUCT, HEAD + 'hammer,"tools,drills",Hammer\n')
    job = take(tmp_path, PRODUCT, "abstract_sku,category_key\nhammer,clothing\n", lists="replace")
    assert counts(job) == (0, 1, 0, 0, 0)
    assert orders("hammer") == {"clothing": 0}
    assert undo(job).counts["restored"] == 1
    assert orders("hammer") == {"tools": 0, "drills": 0}


def test_what_a_file_does_not_hold_stays(shop, tmp_path: Path):
    """Products 26, 26."""
    product = make.product(
        "hammer",
        name={"en_US": "Hammer", "de_DE": "Hammer"},
        categories=[shop["tools"]],
        attributes={"brand": "Brundalin", "weight": "2"},
        attributes_localized={"de_DE": {"weight": "2 kg"}},
        meta_title={"de_DE": "Bleibt"},
        tax_set=shop["tax"],
    )
    make.variant("hammer-1", product=product, is_active=True, is_searchable={"de_DE": False})
    ProductStore.objects.create(product=product, store=shop["store"])
    make.attribute("brand"), make.attribute("weight")

    job = take(tmp_path, PRODUCT, "abstract_sku,meta_title.en_US\nhammer,Best hammer\n")
    assert (counts(job), notes(job)) == ((0, 1, 0, 0, 0), ["missing_locale_column"])
    product.refresh_from_db()
    assert product.meta_title == {"de_DE": "Bleibt", "en_US": "Best hammer"}
    assert (product.attributes, product.tax_set) == ({"brand": "Brundalin", "weight": "2"}, shop["tax"])
    assert orders("hammer") == {"tools": 0}
    assert product.store_links.count() == 1

    take(tmp_path, PRODUCT, "abstract_sku,attribute_key_1,value_1\nhammer,brand,\n")
    product.refresh_from_db()
    assert product.attributes == {"weight": "2"}
    assert product.attributes_localized == {"de_DE": {"weight": "2 kg"}}

    job = take(tmp_path, VARIANT, "concrete_sku,is_searchable.en_US\nhammer-1,1\n")
    assert notes(job) == ["missing_locale_column"]
    assert Variant.objects.get().is_searchable == {"de_DE": False, "en_US": True}


def test_an_empty_cell_clears_and_with_keep_it_changes_nothing(shop, tmp_path: Path):
    make.product("hammer", categories=[shop["tools"]], color_code="#000000", tax_set=shop["tax"])
    text = "abstract_sku,color_code,tax_set_name\nhammer,{},\n"
    assert counts(take(tmp_path, PRODUCT, text.format(""), empty_cells="keep")) == (0, 0, 1, 0, 0)
    assert counts(take(tmp_path, PRODUCT, text.format("[[clear]]"), empty_cells="keep")) == (0, 1, 0, 0, 0)
    product = Product.objects.get()
    assert (product.color_code, product.tax_set) == ("", shop["tax"])
    take(tmp_path, PRODUCT, text.format(""))
    assert Product.objects.get().tax_set is None


def test_slots_that_replace_are_the_whole_map(shop, tmp_path: Path):
    make.product(
        "hammer", attributes={"brand": "B", "weight": "2"}, attributes_localized={"de_DE": {"a": "b"}}
    )
    make.attribute("brand")
    text = "abstract_sku,attribute_key_1,value_1\nhammer,brand,C\n"
    take(tmp_path, PRODUCT, text, lists="replace")
    product = Product.objects.get()
    assert (product.attributes, product.attributes_localized) == ({"brand": "C"}, {"de_DE": {"a": "b"}})


def test_lists_are_read_and_texts_with_commas_stay_one(shop, tmp_path: Path):
    """Attributes 7, 10."""
    make.attribute("theme"), make.attribute("material")
    make.product("BAG-7")
    text = (
        "abstract_sku,attribute_key_3,value_3,attribute_key_5,value_5\n"
        "BAG-7,theme,\"['Alpine', 'Coast']\",material,\"steel, galvanised\"\n"
    )
    job = take(tmp_path, PRODUCT, text)
    assert problems(job) == []
    assert Product.objects.get().attributes == {
        "theme": ["Alpine", "Coast"],
        "material": "steel, galvanised",
    }
    assert counts(take(tmp_path, PRODUCT, text)) == (0, 0, 1, 0, 0)
    assert counts(take(tmp_path, PRODUCT, exported(PRODUCT))) == (0, 0, 1, 0, 0)


def test_a_value_that_was_removed_stays_on_the_products(shop, tmp_path: Path):
    """Attributes 7, 7."""
    make.attribute("grip", values={"soft": {}, "hard": {}})
    make.product("saw", attributes={"grip": "hard"})
    head = "key,input_type,values,value_translations.de_DE\n"
    take(tmp_path, "product_management_attribute", head + "grip,select,soft,weich\n")
    assert Product.objects.get().attributes == {"grip": "hard"}
    job = take(tmp_path, PRODUCT, "abstract_sku,color_code,attribute_key_1,value_1\nsaw,#112233,grip,hard\n")
    assert (counts(job), warnings(job)) == ((0, 1, 0, 0, 0), [(2, "value_1", "value_not_listed")])


def test_translations_that_do_not_fit_refuse_their_row(shop, tmp_path: Path):
    """Attributes 7, 8."""
    make.attribute("grip")
    head = "key,input_type,values,value_translations.de_DE\n"
    job = take(tmp_path, "product_management_attribute", head + 'grip,select,"soft, hard",weich\n')
    assert errors(job) == [(2, "value_translations.de_DE", "bad_list")]
    assert said(job) == ["The numbers differ: values 2, translations 1."]


def test_blank_values_are_left_out_with_a_notice(shop, tmp_path: Path):
    """Attributes 7, 9."""
    attribute = make.attribute("cell")
    text = 'key,input_type,values\ncell,select,"AA,,AAA,"\n'
    job = take(tmp_path, "product_management_attribute", text)
    assert [code for *_rest, code in problems(job)] == ["blank_removed"]
    assert [each.value for each in attribute.values.order_by("position")] == ["AA", "AAA"]
    assert counts(take(tmp_path, "product_management_attribute", text)) == (0, 0, 1, 0, 0)
    take(tmp_path, "product_management_attribute", "key,input_type,values\ncell,select,\n")
    assert attribute.values.count() == 0


def test_keys_that_nobody_declared_are_stored_with_a_warning(shop, tmp_path: Path):
    text = "abstract_sku,category_key,name.en_US,attribute_key_1,value_1\nsaw,tools,Saw,legacy,7\n"
    job = take(tmp_path, PRODUCT, text)
    assert warnings(job) == [(2, "attribute_key_1", "undeclared_key")]
    assert AttributeKey.objects.get().key == "legacy"
    assert counts(take(tmp_path, PRODUCT, text, warnings="error")) == (0, 0, 0, 0, 1)


DECLARING = {
    "product_attribute_key": "attribute_key,is_super\ngrip,0\nnoise,0\n",
    "product_management_attribute": (
        "key,input_type,allow_input,values,value_translations.de_DE\n"
        'grip,select,no,"soft,hard","weich,hart"\nnoise,number,yes,,\n'
    ),
    PRODUCT: (
        "abstract_sku,category_key,name.en_US,attribute_key_1,value_1,attribute_key_1.de_DE,value_1.de_DE,"
        "attribute_key_2,value_2\n"
        "one,tools,One,grip,soft,grip,weich,noise,80\n"
        "two,tools,Two,grip,rough,grip,soft,noise,loud\n"
        "three,tools,Three,grip,weich,grip,rau,other,x\n"
    ),
}


@pytest.mark.parametrize("is_known", [False, True])
def test_values_are_judged_by_what_the_same_run_declares(shop, tmp_path: Path, is_known):
    if is_known:
        make.attribute("grip", values={"rough": {}, "rau": {}, "weich": {}})
        make.attribute("noise", values={"loud": {}})
    found = [
        (3, "value_1", "value_not_listed"),
        (3, "value_2", "value_not_listed"),
        (4, "value_1", "value_not_listed"),
        (4, "value_1.de_DE", "value_not_listed"),
        (4, "attribute_key_2", "undeclared_key"),
    ]
    checked = together(tmp_path, DECLARING, check=True)
    assert sorted(warnings(checked)) == sorted(found)
    assert sorted(warnings(together(tmp_path, DECLARING))) == sorted(found)


def test_a_text_that_cleaning_would_cut_is_kept_and_told(shop, tmp_path: Path):
    text = (
        "abstract_sku,category_key,name.en_US,description.en_US,meta_description.en_US\n"
        'saw,tools,Saw,"<p>Good<script>bad()</script><b>sharp",<i>Fine</i>\n'
    )
    job = take(tmp_path, PRODUCT, text)
    assert problems(job) == [(2, "description.en_US", "info", "html_cleaned")]
    assert said(job) == ["The text is kept as it is; when it is shown, this is left out: <script>."]
    assert Product.objects.get().description == {"en_US": "<p>Good<script>bad()</script><b>sharp"}
    assert problems(take(tmp_path, PRODUCT, text)) == []


@pytest.mark.parametrize(
    ("head", "row", "found"),
    [
        ("", "kit-1,tools,Kit", (2, "abstract_sku", "taken")),
        ("", "bad sku,tools,Kit", (2, "abstract_sku", "bad_key")),
        ("", "kit,,Kit", (2, "category_key", "required")),
        ("", "kit,tools,", (2, "name", "required")),
        ("", "HAMMER,tools,Kit", (2, "abstract_sku", "similar_key")),
        (",tax_set_name", "kit,tools,Kit,Luxury", (2, "tax_set_name", "unknown_ref")),
        (",url.en_US", "kit,tools,Kit,/en/HAMMER", (2, "url.en_US", "taken")),
        (",url.en_US", "kit,tools,Kit,hammer", (2, "url.en_US", "bad_url")),
        (",url.en_US", "kit,tools,Kit,/en/%2e%2e", (2, "url.en_US", "bad_url")),
        (",url.en_US,url.de_DE", "kit,tools,Kit,/x,/X", (2, "url.en_US", "conflict")),
        (",color_code", "kit,tools,Kit,#12", (2, "color_code", "bad_choice")),
        (",new_from,new_to", "kit,tools,Kit,2031-01-10,2031-01-09", (2, "new_to", "conflict")),
        (",category_product_order", "kit,tools,Kit,first", (2, "category_product_order", "bad_int")),
        (",attribute_key_1,value_1", "kit,tools,Kit,ean,9.5E+12", (2, "value_1", "sci_notation")),
    ],
)
def test_what_a_product_cannot_be(shop, tmp_path: Path, head, row, found):
    hammer = make.product("hammer", variants=1)
    make.variant("kit-1", product=hammer)
    Url.objects.create(path="/en/hammer", locale="en_US", owner_type="product", owner_id=hammer.pk)
    for check in (True, False):
        job = take(tmp_path, PRODUCT, f"{HEAD.strip()}{head}\n{row}\n", check=check)
        assert [each[:1] + each[2:] for each in errors(job)] == [found[:1] + found[2:]], said(job)
        assert errors(job)[0][1].partition(".")[0] == found[1].partition(".")[0]
    assert Product.objects.count() == 1


def test_a_sku_of_an_own_variant_may_be_the_one_of_the_product(shop, tmp_path: Path):
    files = {PRODUCT: HEAD + "mug,tools,Mug\n", VARIANT: VARIANTS + "gtin\nmug,mug,Mug,\n"}
    assert counts(together(tmp_path, files)) == (2, 0, 0, 0, 0)
    assert counts(together(tmp_path, files)) == (0, 0, 2, 0, 0)
    job = take(tmp_path, VARIANT, VARIANTS + "gtin\nmug,cup,Cup,\n")
    assert counts(job) == (0, 0, 0, 0, 1)  # equal attributes, none
    make.product("cup")
    job = take(tmp_path, VARIANT, VARIANTS + "attribute_key_1,value_1\nmug,cup,Cup,ean,1\n")
    assert errors(job) == [(2, "concrete_sku", "taken")]


def test_new_products_get_addresses_and_given_ones_stay(shop, tmp_path: Path):
    text = "abstract_sku,category_key,name.en_US,name.de_DE,url.en_US\nsaw,tools,Saw,Säge,/en/our-saw\n"
    take(tmp_path, PRODUCT, text)
    product = Product.objects.get()
    urls = Url.objects.filter(owner_type="product").values_list("locale", "path", "is_custom")
    assert sorted(urls) == [
        ("de_DE", f"/de/saege-{product.pk}", False),
        ("en_US", "/en/our-saw", True),
    ]
    assert counts(take(tmp_path, PRODUCT, text)) == (0, 0, 1, 0, 0)
    job = take(tmp_path, PRODUCT, "abstract_sku,url.en_US\nsaw,\n")
    assert counts(job) == (0, 0, 1, 0, 0)


def test_who_is_limited_meets_unknown_skus_outside(shop, tmp_path: Path):
    """Products 26, 29: the same text as for a SKU that does not exist."""
    jacket = make.product("jacket", categories=[shop["clothing"]], variants=1)
    make.product("drill", categories=[shop["drills"], shop["clothing"]], variants=1)
    user = make.user(roles=["Category Manager"])
    scopes.limit(user, KIND, [shop["tools"]])

    def told(name: str, text: str, **options) -> list[tuple[str, str]]:
        job = take(tmp_path, name, text, user=user, **options)
        return [(code, sentence) for (_l, _c, code), sentence in zip(errors(job), said(job), strict=True)]

    unknown = [("unknown_ref", "“jacket” does not exist.")]
    assert told(PRODUCT, "abstract_sku,color_code\njacket,red\n") == unknown
    assert told("product_abstract_store", "abstract_sku,store_name\njacket,DE\n") == unknown
    assert told("product_abstract_approval_status", "sku,approval_status\njacket,approved\n") == unknown
    assert told("product_group", "group_key,abstract_sku\ng,jacket\n") == unknown
    image = "image_set_name,external_url_large,external_url_small,abstract_sku,product_image_key\n"
    assert told("product_image", image + "default,/l.jpg,/s.jpg,jacket,k\n") == unknown
    [(code, sentence)] = told(VARIANT, "concrete_sku,is_active\njacket-1,0\n")
    assert (code, sentence) == ("unknown_ref", "“jacket-1” does not exist.")
    assert told("product_discontinued", "sku_concrete\njacket-1\n")[0][0] == "unknown_ref"
    jacket.refresh_from_db()
    assert (jacket.color_code, jacket.approval_status, jacket.version) == ("", "", 1)

    assert told(PRODUCT, HEAD + "cap,clothing,Cap\n")[0][0] == "unknown_ref"
    assert told(PRODUCT, "abstract_sku,category_key\ndrill,tools\n", lists="replace") == []
    assert orders("drill") == {"clothing": 0, "tools": 0}


def test_everything_that_is_wrong_with_a_row_is_told_at_once(shop, tmp_path: Path):
    """Import-export 1.3.3: a cell that cannot be read hides no unknown reference."""
    text = "abstract_sku,category_key,tax_set_name,name.en_US,url.en_US\nsaw,nope,none,Saw,no path\n"
    job = take(tmp_path, PRODUCT, text, on_error="skip")
    assert sorted(errors(job)) == [
        (2, "category_key", "unknown_ref"),
        (2, "tax_set_name", "unknown_ref"),
        (2, "url.en_US", "bad_url"),
    ]


def test_an_address_that_stands_twice_in_a_file_is_told_in_its_column(shop, tmp_path: Path):
    text = (
        "abstract_sku,category_key,name.en_US,url.de_DE,url.en_US\nhammer,tools,Hammer,,/en/tool\n"
        "saw,tools,Saw,/de/saege,/en/Tool\n"
    )
    job = take(tmp_path, PRODUCT, text, on_error="skip")
    assert errors(job) == [(3, "url.en_US", "taken")]
    assert job.files.get().results.get(line=3).problems[0]["value"] == "/en/Tool"
