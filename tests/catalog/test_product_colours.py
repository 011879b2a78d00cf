"""The colour of a product, in files and in the form: #RRGGBB or a colour name of CSS (import-export 4.5.1)."""

from pathlib import Path

import pytest

from backoffice.transfer.exporting.reports import problems_of
from catalog.products.models import Product
from tests import make
from tests.transfer.conftest import imported, written

pytestmark = pytest.mark.django_db
NO_COLOUR = "Write #RRGGBB or a colour name of CSS such as navy."


@pytest.fixture(autouse=True)
def products(db: None) -> None:
    make.store("DE", locales=("en_US",))
    make.product("saw")


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


def taken(folder: Path, colour: str):
    return imported(written(folder, "product_abstract.csv", f"abstract_sku,color_code\nsaw,{colour}\n"))


@pytest.mark.parametrize("colour", ["cornflowerblue", "LightGoldenrodYellow", "rebeccapurple", "#A1b2C3"])
def test_any_colour_name_of_css_is_stored(tmp_path: Path, colour: str):
    assert taken(tmp_path, colour).state == "done"
    assert Product.objects.get(sku="saw").color_code == colour


@pytest.mark.parametrize("colour", ["#12345", "notacolor", "transparent"])
def test_what_is_no_colour_is_one_error_that_says_what_to_write(tmp_path: Path, colour: str):
    [file] = taken(tmp_path, colour).files.all()
    found = [(p.column, p.value, p.code, p.sentence, p.repair) for _row, p in problems_of(file)]
    assert found == [("color_code", colour, "bad_choice", NO_COLOUR, "Correct the value.")]
    assert Product.objects.get(sku="saw").color_code == ""
