"""Columns read and spelled at once give what cell by cell gives."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.fields import LocalizedField
from backoffice.transfer.declaring.numbers import Int
from backoffice.transfer.declaring.widgets import Bool, Choice, Code, Listed, Locale, Text, Words
from backoffice.transfer.problems import CellError
from backoffice.transfer.staging.copying import speller, speller_of_all

WIDGETS = [Text(4), Text(), Code(6), Code(6, "[a-z]+"), Listed(), Bool(), Int(), Locale(), Words(["a", "b"])]
WIDGETS.append(Choice(["one", "two"]))
CELLS = st.text(st.sampled_from("aB1eE5.,;='\"+- \\äb"), max_size=7) | st.sampled_from(
    ["one", "yes", "de_DE", "a,b"]
)


def one_by_one(widget: Any, cells: list[str]) -> Any:
    try:
        return [widget.clean(cell) for cell in cells]
    except CellError:
        return CellError


def at_once(widget: Any, cells: list[str]) -> Any:
    try:
        return list(widget.clean_all(cells))
    except CellError:
        return CellError


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@given(cells=st.lists(CELLS, min_size=1, max_size=4))
def test_many_cells_are_read_as_each_would_be(widget: Any, cells: list[str]):
    assert at_once(widget, cells) == one_by_one(widget, cells)


@given(
    st.lists(
        st.none() | st.dictionaries(st.sampled_from(["en_US", "de_DE"]), st.text(max_size=5)), min_size=1
    )
)
def test_many_texts_are_spelled_as_each_would_be(texts: list[dict[str, str] | None]):
    field = LocalizedField()
    assert list(speller_of_all(field)(texts)) == [speller(field)(each) for each in texts]
