"""Facts reported below are followed above, in layer order, in the same transaction (architecture 2)."""

import pytest
from django.db import transaction

from backoffice import reactions


@pytest.fixture
def heard(monkeypatch) -> list[tuple[str, set[int]]]:
    """What reactions were told, in order; registered from two rooms in the wrong order."""
    monkeypatch.setattr(reactions, "_reactions", reactions.defaultdict(list))
    told: list[tuple[str, set[int]]] = []

    def high(ids: set[int]) -> None:
        told.append(("packaging", ids))

    def low(ids: set[int]) -> None:
        told.append(("accounts", ids))

    high.__module__, low.__module__ = "catalog.packaging.following", "backoffice.accounts.following"
    reactions.reacts_to("things.renamed")(high)
    reactions.reacts_to("things.renamed")(low)
    return told


def test_each_reaction_hears_of_all_ids_once_lower_rooms_first(db, heard):
    with transaction.atomic():
        reactions.report("things.renamed", [3, 1, 3])
    assert heard == [("accounts", {1, 3}), ("packaging", {1, 3})]


def test_nothing_changed_tells_nobody(db, heard):
    reactions.report("things.renamed", [])
    assert heard == []


def test_a_report_outside_of_a_transaction_is_refused(live_database, heard):
    with pytest.raises(RuntimeError, match=r"things\.renamed was reported outside of a transaction"):
        reactions.report("things.renamed", [1])
    assert heard == []
