"""Undo beside others who write the same records at the same time."""

import threading

from django.db import connections, transaction

from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import ChangeSet
from backoffice.history.screens.access import gate_for
from tests import make
from tests.history.test_undo import rename
from tests.history.test_undo_screen import address, client_of


def test_a_preview_does_not_wait_for_a_long_import(live_database, django_db_blocker):
    with django_db_blocker.unblock():
        root = make.superuser()
        carton = make.packaging_type("Carton")
        change_set = rename(carton, by=root, en_US="Box")
        client = client_of(root)
        other = connections["progress"]
        with transaction.atomic(using="progress"), other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM packaging_packagingtype WHERE id = %s FOR UPDATE", [carton.pk])
            response = client.get(address(change_set), follow=True)
        connections.close_all()
    assert "being written at this moment" in response.content.decode()


def test_two_at_once_undo_a_set_once(live_database, django_db_blocker):
    outcomes = []

    def press() -> None:
        try:
            with acting(root):
                outcomes.append(undoing.undo(change_set, gate_for(change_set, root))[0].counts["restored"])
        except undoing.AlreadyUndone:
            outcomes.append("refused")
        finally:
            connections.close_all()

    with django_db_blocker.unblock():
        root = make.superuser()
        change_set = rename(make.packaging_type("Carton"), by=root, en_US="Box")
        threads = [threading.Thread(target=press) for _time in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        undone = ChangeSet.objects.filter(undoes=change_set).count()
        connections.close_all()
    assert sorted(map(str, outcomes)) == ["1", "refused"]
    assert undone == 1
