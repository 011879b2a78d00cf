"""Rules that keys and names of several models share."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule


def key_rules(label: str, column: str, taken: Any) -> list[models.BaseConstraint]:
    """A key is given, and once in the table. ``label`` is app and model: ``buyers_company``."""
    return [
        UniqueRule(
            fields=[column], name=f"{label}_{column}_unique", column=column, code="taken", message=taken
        ),
        given(label, column, _("Type a key.")),
    ]


def given(label: str, column: str, message: Any) -> CheckRule:
    """A text is not empty."""
    return CheckRule(
        condition=~models.Q(**{f"{column}__regex": r"^\s*$"}),
        name=f"{label}_{column}_given",
        column=column,
        code="required",
        message=message,
    )


def known(label: str, column: str, words: Sequence[str], message: Any) -> CheckRule:
    """A value is one of a few words."""
    return CheckRule(
        condition=models.Q(**{f"{column}__in": words}),
        name=f"{label}_{column}_known",
        column=column,
        code="bad_choice",
        message=message,
    )
