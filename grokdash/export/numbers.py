"""The numbers behind a view at one epoch, ready for any format."""

from urllib.parse import urlencode

import numpy as np

from grokdash.contract.addresses import run_path
from grokdash.contract.pictures import Provenance
from grokdash.export.number_formats import Numbers
from grokdash.views.core.render import read_fields
from grokdash.views.core.view import Drawing, View


def view_numbers(drawing: Drawing, view: View) -> Numbers:
    """Give the numbers of a view with where they come from and which are drawn."""
    return Numbers(
        arrays={name: np.asarray(array) for name, array in drawing.arrays.items()},
        origin=provenance(drawing, view),
        drawn=tuple(dict.fromkeys(view.scrub.values())),
    )


def provenance(drawing: Drawing, view: View) -> Provenance:
    """Say where numbers come from: run, configuration, epoch, selection, link."""
    run, selection = drawing.run, drawing.selection
    picked = selection.query(read_fields(view, styles=False))
    query = urlencode({"e": drawing.step, **picked})
    return Provenance(
        run=run.id,
        config=run.config.hash(),
        view=view.id,
        epoch=drawing.step,
        selection=picked,
        permalink=f"{run_path(run.id)}?{query}",
    )
