"""The numbers behind a view at one epoch, ready for any format."""

import numpy as np

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
    parameters = "&".join(f"{name}={value}" for name, value in picked.items())
    link = f"/run/{run.id}?e={drawing.step}" + (f"&{parameters}" if parameters else "")
    return Provenance(
        run=run.id,
        config=run.config.hash(),
        view=view.id,
        epoch=drawing.step,
        selection=picked,
        permalink=link,
    )
