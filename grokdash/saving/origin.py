"""Where a saved file comes from, and what it is called."""

from importlib.metadata import version
from urllib.parse import urlencode

from grokdash.contract.addresses import run_path
from grokdash.contract.pictures import Provenance
from grokdash.views.core.render import read_fields
from grokdash.views.core.view import Drawing, View


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
        version=version("grokdash"),
    )


def stem(run: str, view: str, epoch: int) -> str:
    """Give the name of a file without its ending, as the browser gives it."""
    return f"{run}__{view}__e{epoch:06d}"
