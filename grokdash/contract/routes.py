"""Which route answers what, and what it wants to be sent; refusals are a Failure."""

from typing import Any

from grokdash.contract.compare import Missing, MixedFigure, TimelineAnswer
from grokdash.contract.listing import (
    Changes,
    DeleteBody,
    Deleted,
    Done,
    Failure,
    NoBody,
    NotesBody,
    Placed,
    RunRow,
)
from grokdash.contract.pictures import Figure, FigureAnswer, GuideAnswer
from grokdash.contract.report import (
    AddBody,
    Added,
    CopyBody,
    DeleteReport,
    ExportBody,
    ItemSheet,
    Named,
    NewReport,
    ReportBody,
    ReportsAnswer,
    ShownReport,
)
from grokdash.contract.run import Live, Manifest, Moment
from grokdash.contract.sweep import SweepFigure
from grokdash.contract.sweep_start import (
    SweepDriver,
    SweepErrors,
    SweepForm,
    SweepStart,
    SweepStarted,
    SweepVerdict,
)
from grokdash.contract.training import (
    Form,
    FormErrors,
    FormVerdict,
    Log,
    ResumeBody,
    StartBody,
    Started,
)

ANSWERS: dict[str, Any] = {
    "/api/runs": list[RunRow],
    "/api/runs/changes": Changes,
    "/api/launches": list[RunRow],
    "/api/run/<run_id>/manifest": Manifest,
    "/api/run/<run_id>/live": Live,
    "/api/run/<run_id>/moments": list[Moment],
    "/api/run/<run_id>/log": Log,
    "/api/run/<run_id>/figure/<view_id>": FigureAnswer,
    "/api/guide/<view_id>": GuideAnswer,
    "/api/form": Form,
    "/api/form/check": FormErrors | FormVerdict,
    "/api/compare/timeline": TimelineAnswer,
    "/api/compare/figure/<view_id>": FigureAnswer,
    "/api/compare/difference/<view_id>": MixedFigure | Missing,
    "/api/compare/overlay/<view_id>": MixedFigure | Missing,
    "/api/sweep/<sweep_id>/figure/<name>": SweepFigure,
    "/api/sweep/<sweep_id>/driver": SweepDriver,
    "/api/sweeps/form": SweepForm,
    "/api/sweeps/check": SweepErrors | SweepVerdict,
    "/api/run/<run_id>/notes": Done,
    "/api/run/<run_id>/delete": Deleted,
    "/api/run/<run_id>/stop": Done,
    "/api/run/<run_id>/dismiss": Done,
    "/api/run/<run_id>/resume": Started,
    "/api/train": Started,
    "/api/example": Placed,
    "/api/sweep/<sweep_id>/stop": Done,
    "/api/sweep/<sweep_id>/resume": SweepStarted,
    "/api/sweeps/start": SweepStarted,
    "/api/reports": ReportsAnswer,
    "/api/reports/new": Named,
    "/api/report/<name>/sheets": list[ItemSheet],
    "/api/report/<name>/figure/<digest>": Figure,
    "/api/report/<name>/add": Added,
    "/api/report/<name>/copy": Named,
    "/api/report/<name>/delete": Done,
    "/api/report/<name>/save": ShownReport,
    "/api/report/<name>/export/<kind>": Failure,
    "/api/report/<name>": ShownReport,
}
"""What every route answers in JSON; a figure asked for its words is a FigureHead.

A report is exported as a file, or it is said why not.
"""

BODIES: dict[str, Any] = {
    "/api/run/<run_id>/notes": NotesBody,
    "/api/run/<run_id>/delete": DeleteBody,
    "/api/run/<run_id>/stop": NoBody,
    "/api/run/<run_id>/dismiss": NoBody,
    "/api/run/<run_id>/resume": ResumeBody,
    "/api/train": StartBody,
    "/api/example": NoBody,
    "/api/sweep/<sweep_id>/stop": NoBody,
    "/api/sweep/<sweep_id>/resume": ResumeBody,
    "/api/sweeps/start": SweepStart,
    "/api/reports/new": NewReport,
    "/api/report/<name>/add": AddBody,
    "/api/report/<name>/copy": CopyBody,
    "/api/report/<name>/delete": DeleteReport,
    "/api/report/<name>/export/<kind>": ExportBody,
    "/api/report/<name>/save": ReportBody,
}
"""What every route that changes something is sent."""

OTHERS = (
    "/api/run/<run_id>/frames/<view_id>",
    "/api/run/<run_id>/exact/<view_id>",
    "/api/run/<run_id>/figures",
    "/api/run/<run_id>/data/<view_id>.<kind>",
    "/api/compare/data/<mode>/<view_id>.<kind>",
    "/api/run/<run_id>/array/<path:name>.<kind>",
    "/api/sweep/<sweep_id>/data/<name>.<kind>",
    "/api/sweep/<sweep_id>/runs.csv",
)
"""Routes that answer with blocks, lines or files."""
