"""Files whose rows refer to rows of the same file: a row is planned after the one it refers to, wherever they stand."""

from collections.abc import Iterator

from backoffice.transfer.declaring.columns import Header
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.limits import limit
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.keys import key_of, parent_space
from backoffice.transfer.planning.spool import Spool
from backoffice.transfer.staging.trees import RunTree


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
    """The batches of a file. The rows of a tree come level by level, the highest first."""
    if tree is None:
        yield from spool.batches()
        return
    for depth in range(tree.depth + 1):
        waiting: list[Planned] = []
        for rows in spool.batches():
            nodes = tree.nodes([key_of(resource, row) for row in rows])
            for row in rows:
                node = nodes.get(key_of(resource, row))
                if (node.depth if node else 0) == depth:
                    waiting.append(row)
            if len(waiting) >= limit("BATCH"):
                yield waiting
                waiting = []
        if waiting:
            yield waiting
