"""The pictures of the demo catalogue: all that its files name are there, small, and served to people at work."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from PIL import Image

from tests import make

FOLDER = settings.BASE_DIR / "fixtures" / "sample-folder"
ADDRESS = "/sample-media/"
pytestmark = pytest.mark.django_db


def named_pictures() -> list[str]:
    """Every address below /sample-media/ in any file of the sample folder."""
    cells = {
        cell
        for path in FOLDER.rglob("*.csv")
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        for cell in row
        if cell.startswith(ADDRESS)
    }
    return sorted(cells)


def test_every_picture_that_the_sample_folder_names_is_drawn_and_small():
    names = [cell.removeprefix(ADDRESS) for cell in named_pictures()]

    assert len(names) == 128
    for name in names:
        path = Path(settings.SAMPLE_MEDIA, name)
        most, size = (30_000, 720) if name.startswith("large/") else (7_000, 240)
        assert path.stat().st_size <= most, name
        with Image.open(path) as picture:
            assert picture.size == (size, size), name


def test_every_drawn_picture_is_named_by_the_sample_folder():
    drawn = {
        f"{ADDRESS}{path.relative_to(settings.SAMPLE_MEDIA)}" for path in settings.SAMPLE_MEDIA.rglob("*.*")
    }

    assert drawn == set(named_pictures())


@pytest.mark.parametrize(
    ("name", "kind"), [("small/T1001-1.jpg", "image/jpeg"), ("large/T2001 drawing side.png", "image/png")]
)
def test_a_sample_picture_is_served_to_people_who_are_signed_in(client, name, kind):
    address = ADDRESS + quote(name)
    assert client.get(address).status_code == 302

    client.force_login(make.user(), "backoffice.accounts.backends.RoleBackend")
    response = client.get(address)

    assert (response.status_code, response["Content-Type"]) == (200, kind)
    assert b"".join(response.streaming_content) == Path(settings.SAMPLE_MEDIA, name).read_bytes()


@pytest.mark.parametrize("name", ["small/none.jpg", "../sample-folder/tax.csv", "small/..%2f..%2ftax.csv"])
def test_nothing_but_drawn_pictures_is_served(client, name):
    client.force_login(make.user(), "backoffice.accounts.backends.RoleBackend")

    response = client.get(ADDRESS + name)

    assert response.status_code in {302, 404}
    assert "tax" not in response.headers.get("Location", "")


def test_production_serves_no_sample_pictures():
    code = (
        "import django; django.setup(); from django.urls import NoReverseMatch, reverse\n"
        "try: print(reverse('admin:sample_media', args=['a']))\n"
        "except NoReverseMatch: print('none')"
    )
    environment = {
        **os.environ,
        "BACKOFFICE_MODE": "production",
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "SECRET_KEY": "k" * 64,
        "ALLOWED_HOSTS": "shop.example",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.strip().splitlines()[-1:] == ["none"], done.stderr
