"""``grokdash views``: what there is to be seen."""

import json
from typing import Annotated

import typer
from rich.table import Table

from grokdash.cli.options import out
from grokdash.cli.tables import fitted
from grokdash.terminal import say

app = typer.Typer()


@app.command()
def views(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the views: what each shows and which question it answers."""
    from grokdash.views.catalogue import catalogue

    rows = catalogue()
    if as_json:
        say(json.dumps(rows, indent=2))
        return
    table = Table("view", "title", "question")
    for row in rows:
        table.add_row(row["id"], row["title"], row["question"])
    out.print(fitted(table))
