"""Buttons of rows and heads."""

from typing import Any, NamedTuple


class Action(NamedTuple):
    """A button of a row or a head. With ``post`` it is a form; ``css`` is ``is-main``, ``is-bad`` or nothing."""

    label: Any
    url: str
    icon: str = ""
    css: str = ""
    post: bool = False
