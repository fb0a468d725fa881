"""What a file says of where it comes from, and what it is called.

It is the same whether a page or a command has written the file.
"""

from collections.abc import Sequence
from importlib.metadata import version
from urllib.parse import urlencode

from grokdash.contract.addresses import run_path, sweep_path
from grokdash.contract.pictures import Provenance
from grokdash.contract.sweep import SweepOrigin, SweptRun
from grokdash.views.core.render import read_fields
from grokdash.views.core.view import Drawing, View
from grokdash.views.sweep.choice import choice_query
from grokdash.views.sweep.chosen import Chosen

VERSION = version("grokdash")
"""Of what writes the files."""

_LONGEST = 120
"""Characters that the names of runs may take of the name of a file."""


def provenance(drawing: Drawing, view: View) -> Provenance:
    """Say where numbers come from: run, configuration, epoch, selection, link."""
    run, selection = drawing.run, drawing.selection
    picked = selection.query(read_fields(view, styles=False))
    query = urlencode({"e": drawing.step, **picked})
    return Provenance(
        run=run.id,
        title=run.title,
        config=run.config.hash(),
        view=view.id,
        epoch=drawing.step,
        selection=picked,
        permalink=f"{run_path(run.id)}?{query}",
        version=VERSION,
    )


def stem(run: str, view: str, epoch: int) -> str:
    """Give the name of a file without its ending, as the browser gives it."""
    return f"{run}__{view}__e{epoch:06d}"


def sweep_origin(chosen: Chosen, picture: str = "") -> SweepOrigin:
    """Say where a picture of a sweep comes from; without one, the table of its runs."""
    data = chosen.data
    choice = choice_query(data, chosen.choice)
    return SweepOrigin(
        sweep=data.record.id,
        picture=picture,
        choice=choice,
        runs=[
            SweptRun(
                run=run.id,
                config=run.config.hash(),
                epoch=int(run.steps[-1]) if len(run.steps) else 0,
            )
            for run in chosen.runs
        ],
        planned=data.progress.total,
        permalink=f"{sweep_path(data.record.id)}?{urlencode(choice)}",
        version=VERSION,
    )


def sweep_stem(sweep_id: str, picture: str) -> str:
    """Name what is saved of a sweep, without the ending."""
    return f"{sweep_id}__{picture}"


def mixed_stem(
    runs: Sequence[str], view: str, steps: Sequence[int], joined: str
) -> str:
    """Name what is saved of several runs, without the ending.

    Parameters
    ----------
    runs, steps
        Ids and epochs, in the order of the letters; what several share is said once.
    joined
        What stands between two of them.
    """
    names = list(dict.fromkeys(runs))
    who = joined.join(names)
    if len(who) > _LONGEST:
        who = f"{names[0]}{joined}{len(names) - 1}-others"
    when = joined.join(f"e{step:06d}" for step in dict.fromkeys(steps))
    return f"{who}__{view}__{when}"
