"""Tables on a terminal of any width."""

from rich.table import Table

from grokdash.cli.options import out

_GAP = 2


def fitted(table: Table) -> Table:
    """Let a table lose nothing where it is wider than the terminal.

    rich cuts what is wider than its column and puts an ellipsis there; here cells go
    on in another line, between words where all columns have room for their words.
    """
    table.box, table.padding = None, (0, _GAP, 0, 0)
    longest = [_longest(str(one.header), *map(str, one.cells)) for one in table.columns]
    narrow = sum(longest) + _GAP * len(longest) > out.width
    for column, letters in zip(table.columns, longest, strict=True):
        column.overflow = "fold"
        column.min_width = None if narrow else letters
        column.no_wrap = column.no_wrap and not narrow
    return table


def _longest(*texts: str) -> int:
    return max((len(word) for text in texts for word in text.split()), default=1)
