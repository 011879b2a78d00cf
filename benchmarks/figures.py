"""A line per figure, ending with ``holds`` or ``short`` where it has a target."""

from collections.abc import Iterable
from typing import NamedTuple

TITLE = ("what", "ours", "peer", "floor", "ratio", "target")


class Figure(NamedTuple):
    what: str
    ours: float
    peer: float | None
    floor: float | None
    ratio: float
    target: float | None

    def line(self) -> str:
        times = [f"{ms:.1f} ms" if ms else "-" for ms in (self.ours, self.peer, self.floor)]
        if self.target is None:
            return row(self.what, *times, f"{self.ratio:.2f}", "-")
        verdict = "holds" if self.ratio <= self.target else "short"
        return row(self.what, *times, f"{self.ratio:.2f}", f"<= {self.target:g}") + verdict


def row(*cells: str) -> str:
    first, *rest = cells
    return f"{first:<66}" + "".join(f"{cell:>11}" for cell in rest) + "  "


def against(what: str, ours: float, floor: float, target: float | None) -> Figure:
    """A figure against a floor: as little as could be done."""
    return Figure(what, ours, None, floor, ours / floor, target)


def beside(what: str, ours: float, peer: float, target: float) -> Figure:
    """A figure against a peer: what others do."""
    return Figure(what, ours, peer, None, ours / peer, target)


def show(title: str, figures: Iterable[Figure]) -> None:
    print(title)
    print(row(*TITLE))
    for figure in figures:
        print(figure.line())
