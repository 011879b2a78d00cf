"""What tests of the files of products begin with: a shop, and files that are taken in and judged."""

from pathlib import Path

from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import ChangeSet
from backoffice.history.screens.access import gate_for
from backoffice.transfer.declaring.formats import resource_of
from backoffice.transfer.exporting.reports import problems_of
from backoffice.transfer.exporting.streams import csv_lines
from backoffice.transfer.models import Job
from catalog.products.models import CategoryProduct
from tests import make
from tests.transfer.conftest import imported, problems, written

PRODUCT, VARIANT = "product_abstract", "product_concrete"
HEAD = "abstract_sku,category_key,name.en_US\n"
VARIANTS = "abstract_sku,concrete_sku,name.en_US,"
IMAGES = (
    "image_set_name,external_url_large,external_url_small,locale,abstract_sku,concrete_sku,sort_order,"
    "product_image_key,product_image_set_key\n"
)


def open_shop() -> dict:
    """DE in two languages, the categories tools > drills and clothing, a tax set."""
    store = make.store("DE", locales=("en_US", "de_DE"))
    tools = make.category("tools", stores=[store])
    return {
        "store": store,
        "tools": tools,
        "drills": make.category("drills", tools, stores=[store]),
        "clothing": make.category("clothing", stores=[store]),
        "tax": make.tax_set("Standard"),
    }


def take(folder: Path, name: str, text: str, **options) -> Job:
    return imported(written(folder, f"{name}.csv", text), **options)


def together(folder: Path, files: dict[str, str], **options) -> Job:
    """A run over several files."""
    whole = folder / "folder"
    whole.mkdir(exist_ok=True)
    for name, text in files.items():
        written(whole, f"{name}.csv", text)
    return imported(whole, **options)


def exported(name: str) -> str:
    return "".join(csv_lines(resource_of(name)))


def warnings(job: Job) -> list[tuple[int, str, str]]:
    return [(line, column, code) for line, column, level, code in problems(job) if level == "warning"]


def said(job: Job) -> list[str]:
    """The sentences of what a run said of its rows."""
    return [problem.sentence for file in job.files.all() for _result, problem in problems_of(file)]


def undo(job: Job) -> undoing.Report:
    user = make.superuser()
    change_set = ChangeSet.objects.get(job=job.pk)
    with acting(user):
        return undoing.undo(change_set, gate_for(change_set, user))[0]


def orders(sku: str) -> dict[str, int]:
    links = CategoryProduct.objects.filter(product__sku=sku)
    return dict(links.values_list("category__key", "product_order"))
