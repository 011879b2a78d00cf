"""Our list of products beside the one of django-oscar's dashboard, both with as many products and variants.

Oscar lives in a virtual environment of its own below the folder of the benchmarks and is no requirement of ours.
"""

import secrets
import subprocess
import venv

from benchmarks import catalogue, lists, measure, store
from benchmarks.figures import beside, show

PACKAGES = ("django-oscar>=4.2,<5", "sorl-thumbnail", "psycopg[binary]>=3.3", "gunicorn")
HOME = store.FOLDER / "oscar"
PYTHON = str(HOME / "bin" / "python")
SETTINGS = {"DJANGO_SETTINGS_MODULE": "benchmarks.oscar_settings"}
LIST = "/dashboard/catalogue/"
OURS = "/products/product/"
PAGES = {
    "first page": ("", ""),
    "last page": ("?last=1", "?page={last}"),
    "sorted by name": ("?o=shown_name", "?sort=title"),
    "searched, a seventh matches": ("?q=hammer", "?title=hammer"),
    "searched by a variant's SKU": ("?q=p0000123-2", "?upc=p0000123-2"),
}
FILL = """
INSERT INTO catalogue_productclass (name, slug, requires_shipping, track_stock)
VALUES ('Goods', 'goods', true, true);
INSERT INTO partner_partner (code, name) VALUES ('p', 'Partner');
INSERT INTO catalogue_product (structure, is_public, upc, title, slug, description, meta_title, meta_description,
    product_class_id, is_discountable, date_created, date_updated, priority)
SELECT 'parent', true, 'P' || lpad(n::text, 7, '0'), kind || ' ' || n, 'p-' || n,
    '<p>' || repeat(kind || ' for every day. ', 12) || '</p>', '', '', 1, true,
    now() - n * interval '1 second', now() - n * interval '1 second', 0
FROM (
    SELECT n, (ARRAY['Hammer', 'Ladder', 'Lamp', 'Desk', 'Tent', 'Drill', 'Chair'])[1 + n % 7] AS kind
    FROM generate_series(1, :rows) AS n
) AS made ORDER BY n;
INSERT INTO catalogue_product (structure, is_public, upc, title, slug, description, meta_title, meta_description,
    parent_id, is_discountable, date_created, date_updated, priority)
SELECT 'child', true, p.upc || '-' || v, p.title, p.slug || '-' || v, '', '', '', p.id, true,
    p.date_created, p.date_updated, 0
FROM catalogue_product p, generate_series(1, 5) AS v WHERE p.structure = 'parent' ORDER BY p.id, v;
INSERT INTO partner_stockrecord (product_id, partner_id, partner_sku, price_currency, price, num_in_stock,
    date_created, date_updated)
SELECT id, 1, upc, 'EUR', 9.9, 10, now(), now() FROM catalogue_product WHERE structure = 'child' ORDER BY id;
"""
MAKE_USER = """
import django
django.setup()
from django.contrib.auth.models import User
User.objects.filter(email="{email}").delete()
User.objects.create_superuser("bench", "{email}", "{password}")
"""


def report(rows: int, rounds: int) -> None:
    """The same pages of both, in turns."""
    if not _is_installed():
        print("django-oscar: skipped, it could not be installed here (pip found no package).")
        return
    program = store.Program((PYTHON, "-m", "django", "migrate", "--verbosity", "0"), (), SETTINGS)
    oscar_url, _server = store.prepare(rows, FILL, "oscar", program)
    url, server = store.prepare(rows, catalogue.FILL, "catalogue")
    environment = {**store.environment(oscar_url), **SETTINGS}
    password = secrets.token_urlsafe(16)
    make_user = [PYTHON, "-c", MAKE_USER.format(email=lists.EMAIL, password=password)]
    subprocess.run(make_user, cwd=store.ROOT, env=environment, check=True)
    with (
        lists.served(url) as (ours, _peer),
        measure.served("benchmarks.oscar_urls", environment, PYTHON) as oscar,
    ):
        oscar.sign_in(lists.EMAIL, password, "/dashboard/login/")
        pages = {}
        for name, (query, oscar_query) in PAGES.items():
            theirs = LIST + oscar_query.format(last=-(-rows // 100))
            pages |= {name: (ours, OURS + query), f"oscar: {name}": (oscar, theirs)}
        taken = measure.medians(pages, rounds)
    figures = [
        beside(f"{name}: against django-oscar", taken[name], taken[f"oscar: {name}"], 1) for name in PAGES
    ]
    show(f"products, 100 rows out of {rows:,}, {server}, medians of {rounds} rounds", figures)


def _is_installed() -> bool:
    """Whether oscar stands in its environment, which is made when it is missing."""
    probe = [PYTHON, "-c", "import oscar, psycopg, gunicorn, sorl"]
    if HOME.exists() and subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0:
        return True
    venv.create(HOME, with_pip=True, clear=True)
    install = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
    return subprocess.run(install).returncode == 0
