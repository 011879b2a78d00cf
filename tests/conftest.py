"""The environment of all tests: test mode, a PostgreSQL, and databases cloned from a migrated template.

``db`` (pytest-django) runs a test inside a transaction that is rolled back. ``live_database`` gives a test a
database of its own, for real commits, several connections and threads. Tables are never emptied in between:
history and the security log refuse that.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no fault of the code; in CI the same examples are tried every time.
settings.register_profile(
    "suite",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("full", settings.get_profile("suite"), derandomize=False, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

os.environ["BACKOFFICE_MODE"] = "test"
os.environ["DJANGO_SETTINGS_MODULE"] = "backoffice.settings"
for name in ("SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "EMAIL_HOST", "IMAGE_HOSTS"):
    os.environ.pop(name, None)

import django  # noqa: E402 - reads the environment set above

from tests import databases  # noqa: E402

databases.start_server()
"""Once, in the process that controls the run; its workers inherit the address."""
django.setup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse what would empty tables, and mark everything that speaks SQL without a browser."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        fixtures = set(getattr(item, "fixturenames", ()))
        if "transactional_db" in fixtures or (marker and marker.kwargs.get("transaction")):
            raise pytest.UsageError(f"{item.nodeid}: use live_database, tables cannot be emptied.")
        if (marker or fixtures & {"db", "live_database"}) and "browser" not in fixtures:
            item.add_marker(pytest.mark.sql)


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """A request leaves its language active in its thread; the next test begins with the default one."""
    yield
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(scope="session")
def template_database(django_test_environment: None, django_db_blocker) -> str:
    with django_db_blocker.unblock():
        name = databases.ensure_template()
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        databases.sweep(name)
    return name


@pytest.fixture(scope="session")
def django_db_setup(template_database: str, django_db_blocker) -> Iterator[None]:
    """The database of this worker. Its second connection is the first: both see a test's transaction."""
    name = databases.clone(template_database)
    with django_db_blocker.unblock():
        before = databases.point_at(name)
        databases.one_connection()
    yield
    with django_db_blocker.unblock():
        databases.two_connections()
        databases.point_at(before)
    databases.drop(name)


@pytest.fixture
def live_database(request: pytest.FixtureRequest, template_database: str, django_db_blocker) -> Iterator[str]:
    """A database for this test alone; gives its address. Both connections of the settings lead to it."""
    from django.contrib.contenttypes.models import ContentType
    from django.db import connections

    if "db" in request.fixturenames:
        pytest.fail("A test takes db or live_database, not both.")
    name = databases.clone(template_database)
    shared = "progress" not in connections.settings
    with django_db_blocker.unblock():
        if shared:
            databases.two_connections()
        before = databases.point_at(name)
        yield databases.url_of(name)
        ContentType.objects.clear_cache()
        databases.point_at(before)
        if shared:
            databases.one_connection()
    databases.drop(name)
