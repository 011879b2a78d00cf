"""What the fixtures promise: one transaction per test, or a database of its own."""

import threading

import pytest
from django.db import connection, connections, transaction

from catalog.packaging.models import PackagingType
from tests import databases, make


@pytest.mark.django_db
def test_what_goes_over_the_second_connection_is_part_of_the_tests_transaction():
    made = make.packaging_type("Crate")

    assert PackagingType.objects.using("progress").get(pk=made.pk).key == "packaging_unit_type.crate.name"
    assert connections["progress"] is connections["default"]


def test_a_live_database_shows_commits_to_other_connections_and_threads(live_database: str):
    with transaction.atomic():
        made = make.packaging_type("Crate")
        assert not PackagingType.objects.using("progress").filter(pk=made.pk).exists()
    assert PackagingType.objects.using("progress").filter(pk=made.pk).exists()

    found = []

    def look() -> None:
        found.extend(PackagingType.objects.filter(pk=made.pk))
        connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [made]


def test_a_live_database_is_as_fresh_as_the_first_one(live_database: str):
    assert [each.key for each in PackagingType.objects.all()] == ["packaging_unit_type.item.name"]
    assert live_database.startswith("postgresql://")


@pytest.mark.django_db
def test_after_a_live_database_the_workers_own_one_is_back():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0] == connections.settings["default"]["NAME"]
    assert connections["progress"] is connections["default"]


def test_the_template_changes_its_name_with_a_migration(tmp_path, monkeypatch):
    before = databases.template_name()
    for name in ("pyproject.toml", "backoffice/accounts/migrations/0001_initial.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.setattr(databases, "ROOT", tmp_path)
    first = databases.template_name()
    (tmp_path / "backoffice/accounts/migrations/0002_more.py").write_text("")

    assert len({before, first, databases.template_name()}) == 3
