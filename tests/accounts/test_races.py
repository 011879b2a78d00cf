"""Two superusers who take each other away at the same moment (users-and-roles 7.6), with real transactions."""

import threading

from django.db import connection, transaction

from backoffice.accounts import people
from backoffice.accounts.models import User
from tests import make


def test_one_of_two_superusers_stays_when_each_deactivates_the_other(live_database):
    users = [make.superuser(), make.superuser()]
    both_started, outcomes = threading.Barrier(2), []

    def deactivate(user: User) -> None:
        try:
            with transaction.atomic():
                held = User.objects.select_for_update().get(pk=user.pk)
                both_started.wait(10)
                people.deactivate(held)
            outcomes.append("deactivated")
        except people.LastSuperuser:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=deactivate, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["deactivated", "refused"]
    assert User.objects.active_superusers().count() == 1
