"""Files to begin with, made from the declaration of a format (spec: import-export 1.10): an empty one with its header,
and one with a few invented rows."""

from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.exporting.sheets import Cell, typed
from backoffice.transfer.exporting.streams import Shape, Written, columns_of

ROWS = 3
TEMPLATE, SAMPLE, GUIDE = "template", "sample", "guide"


def columns(resource: FileResource) -> list[Written]:
    """All columns, also the ones that are ours; one per content locale for a text of several."""
    return columns_of(resource, Shape(extra_columns=True))


def header(resource: FileResource) -> list[str]:
    return [written.name for written in columns(resource)]


def has_sample(resource: FileResource) -> bool:
    return any(column.samples for column in resource.columns)


def sample(resource: FileResource) -> list[list[Cell]]:
    """The header and the invented rows; a quantity or an amount is a number."""
    found = columns(resource)
    rows: list[list[Cell]] = [[written.name for written in found]]
    for row in range(ROWS):
        cells = [
            typed(written.column.sample(row, written.locale, written.number), written.column.widget)
            for written in found
        ]
        if any(cells):
            rows.append(cells)
    return rows


def text_places(resource: FileResource) -> list[int]:
    """The columns in which a spreadsheet must not make numbers of what is typed, counted from 0."""
    return [place for place, written in enumerate(columns(resource)) if written.column.widget.is_text]
