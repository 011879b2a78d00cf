"""Files whose rows refer to rows of the same file: a row is planned after the one it refers to, wherever they stand."""

from collections.abc import Callable, Iterator
from functools import partial

from backoffice.transfer.declaring.columns import Header
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.limits import limit
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.keys import key_of, parent_space
from backoffice.transfer.planning.spool import Spool
from backoffice.transfer.staging.trees import RunTree

Levels = Callable[[list[Planned]], list[int]]
"""For the rows of a batch, on which pass over the file each is planned."""


def tree_of(resource: FileResource, header: Header) -> RunTree | None:
    """The tree that the rows of the run form, if the format is one of a tree and the file states it."""
    column = resource.parent_column
    if column is None or not header.has(column):
        return None
    key = resource.key_columns[0].attribute
    tree = RunTree(parent_space(resource), resource.model, key=key, parent=column.attribute)
    tree.build(last_wins=resource._meta.last_wins)
    return tree


def ordered(spool: Spool, resource: FileResource, tree: RunTree | None) -> Iterator[list[Planned]]:
    """The batches of a file. The rows of a tree come level by level, the highest first; rows that come late after all
    others."""
    if tree is not None:
        yield from _by_level(spool, partial(_depths, resource, tree), tree.depth + 1)
    elif type(resource).comes_late is not FileResource.comes_late:
        yield from _by_level(spool, lambda rows: [int(resource.comes_late(row.values)) for row in rows], 2)
    else:
        yield from spool.batches()


def _depths(resource: FileResource, tree: RunTree, rows: list[Planned]) -> list[int]:
    keys = [key_of(resource, row) for row in rows]
    nodes = tree.nodes(keys)
    return [nodes[key].depth if key in nodes else 0 for key in keys]


def _by_level(spool: Spool, levels: Levels, count: int) -> Iterator[list[Planned]]:
    deepest = 0
    for level in range(count):
        if level > deepest:
            return
        waiting: list[Planned] = []
        for rows in spool.batches():
            found = levels(rows)
            deepest = max([deepest, *found])
            waiting += [row for row, at in zip(rows, found, strict=True) if at == level]
            if len(waiting) >= limit("BATCH"):
                yield waiting
                waiting = []
        if waiting:
            yield waiting
