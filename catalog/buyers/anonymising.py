"""Anonymising a customer: his personal fields go for ever (spec: reviews 1.4).

Rooms above that hold something of a customer, such as reviews or waiting lists, register a step.
"""

from collections.abc import Callable

from django.utils import timezone

from backoffice.history.recording import Recorder, snapshot
from catalog.buyers.models import Customer
from catalog.buyers.models.customers import PERSONAL

Step = Callable[[str, Recorder], None]
_steps: list[Step] = []


def also(step: Step) -> Step:
    """Decorator: ``step(customer_reference, recorder)`` runs in the same transaction."""
    _steps.append(step)
    return step


def anonymise(customer: Customer, *, recorder: Recorder) -> None:
    """Clear the personal fields, in the caller's transaction. The reference stays; who has it is a guest."""
    before = snapshot(customer)
    for name in PERSONAL:
        setattr(customer, name, Customer._meta.get_field(name).get_default())
    customer.anonymised_at = timezone.now()
    customer.version += 1
    customer.save()
    recorder.changed(customer, before)
    for step in _steps:
        step(customer.customer_reference, recorder)
