"""What a screen states about its deeds over many rows."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django import forms
from django.db.models import Model
from django.http import HttpRequest

from backoffice.history.recording import Recorder

Values = Mapping[str, Any]


class Done(Protocol):
    """What a deed answers: ids that changed, that were so already, that were refused with the reason."""

    changed: Collection[int]
    unchanged: Collection[int]
    refused: Mapping[int, Any]


class Question(forms.Form):
    """What a deed asks before its preview, such as the tax set to give. ``scripts`` are static files of its boxes."""

    scripts: tuple[str, ...] = ()

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        self.request = request
        super().__init__(*args, **options)


@dataclass(frozen=True)
class Bulk:
    """One deed. ``run(request, ids, values, recorder)`` is a verb of the room: it writes, and gives what it did.

    ``counted`` is the model whose ids the answer holds, when it is not the list's own. ``right`` is an action of the
    screen. ``falls(request, ids, values)`` gives lines about what else goes down, for the preview. ``is_joint(ids)``
    tells whether what happens to one of these rows may depend on what happens to others of them: a preview by a job
    is then one transaction, which holds the locks of all rows until its end; else it gives them back part by part.
    ``notes(ids)`` gives sentences about what was changed, told after the run.
    """

    name: str
    label: Any
    run: Callable[[HttpRequest, list[int], Values, Recorder], Done]
    right: str = "change"
    icon: str = ""
    question: type[Question] | None = None
    counted: type[Model] | None = None
    is_main: bool = False
    is_shown: Callable[[HttpRequest], bool] = lambda request: True
    falls: Callable[[HttpRequest, list[int], Values], Collection[Any]] | None = None
    is_joint: Callable[[list[int]], bool] = lambda ids: True
    notes: Callable[[Collection[int]], Collection[str]] | None = None


class Button(NamedTuple):
    """A deed in the bar below a list."""

    label: Any
    icon: str
    url: str
    is_main: bool


def offered(request: HttpRequest, screen: Any) -> list[Bulk]:
    """The deeds this user may do."""
    return [each for each in screen.bulk if each.is_shown(request) and screen.may(request, each.right)]


def buttons(request: HttpRequest, screen: Any) -> list[Button]:
    return [
        Button(each.label, each.icon, screen.url(f"bulk_{each.name}"), each.is_main)
        for each in offered(request, screen)
    ]
