"""Tables on the screen: drawn on a terminal; otherwise tab-separated lines, for other programs."""

import sys
from collections.abc import Iterable, Sequence


def print_table(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table to standard output."""
    texts = [[_cell(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in (header, *texts):
            sys.stdout.write("\t".join(line) + "\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title)
    for place, name in enumerate(header):
        table.add_column(name, overflow="fold", no_wrap=place == 0)
    for line in texts:
        table.add_row(*(Text(text) for text in line))
    Console().print(table)


def _cell(cell: object) -> str:
    text = f"{cell:g}" if isinstance(cell, float) else "" if cell is None else str(cell)
    return " ".join(text.split())
