"""The choices of a run, the same on the screen and on the command line (spec: import-export 1.1.4)."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.models import Job
from backoffice.transfer.problems import Sentence


@dataclass(frozen=True)
class Options:
    on_error: str = "stop"
    warnings: str = "accept"
    empty_cells: str = "apply"
    lists: str = "add"
    stock: str = "set"
    rows: str = "all"
    similar_keys: str = "refuse"
    stores: str = ""
    """Names parted by commas; the folders and rows of other stores are left out."""

    @classmethod
    def of(cls, job: Job) -> "Options":
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in job.options.items() if name in known})

    @property
    def store_names(self) -> list[str]:
        return names_in(self.stores)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def names_in(text: str) -> list[str]:
    """The names of a list parted by commas."""
    return [name for part in text.split(",") if (name := part.strip())]


CHOICES: dict[str, tuple[Sentence, Sentence, tuple[tuple[str, Sentence], ...]]] = {
    "on_error": (
        _("On errors"),
        _("With all or nothing a single row in error means that nothing is written."),
        (("stop", _("All or nothing")), ("skip", _("Skip bad rows"))),
    ),
    "warnings": (
        _("Warnings"),
        _("A warning does not stop a row, unless you treat warnings as errors."),
        (("accept", _("Accept")), ("error", _("Treat as errors"))),
    ),
    "empty_cells": (
        _("Empty cells"),
        _("Apply empties the field or sets its default; with keep an empty cell changes nothing."),
        (("apply", _("Apply")), ("keep", _("Keep; [[clear]] empties the field"))),
    ),
    "lists": (
        _("Lists inside one cell"),
        _(
            "Add keeps what is stored and adds the items of the cell; columns that always replace do so anyway."
        ),
        (("add", _("Add")), ("replace", _("Replace"))),
    ),
    "stock": (
        _("Stock quantities"),
        _("Set counts anew; add books what was received on top."),
        (("set", _("Set: counted totals")), ("add", _("Add: received amounts"))),
    ),
    "rows": (
        _("Rows"),
        _("Rows that are left out are counted as skipped."),
        (
            ("all", _("Create and update")),
            ("new", _("Only records that do not exist yet")),
            ("existing", _("Only records that exist")),
        ),
    ),
    "similar_keys": (
        _("Similar keys"),
        _("A key that differs from a known one only by letter case or leading zeros is mostly a slip."),
        (("refuse", _("Refuse")), ("allow", _("Allow"))),
    ),
}

PARTICULAR = ("lists", "stock")
"""Choices that mean something for some formats only: those that name them in ``Meta.run_options``."""
