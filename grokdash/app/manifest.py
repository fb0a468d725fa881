"""What the player must know of a run before it can draw."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import cast

from grokdash.app.answers import current_version
from grokdash.contract.codes import (
    NumberField,
    SelectionField,
    ViewField,
    WordField,
)
from grokdash.contract.run import (
    Dated,
    Grok,
    Live,
    Manifest,
    Marker,
    Phase,
    Picks,
    Progress,
    SelectionValues,
    Status,
    ViewAbout,
)
from grokdash.contract.words import MARKS, MISFITS, STATES, controls
from grokdash.errors import NotStoredError
from grokdash.figures.colours import key_property
from grokdash.snapshot import RunView
from grokdash.views import View, get_view
from grokdash.views.core.misfits import between, no_number, outside
from grokdash.views.core.selection import (
    CHOICES,
    default_selection,
    limits,
    matrices,
    parse_selection,
)
from grokdash.views.core.view import NO_SPLIT
from grokdash.views.reading.epochs import marks, phases_of
from grokdash.views.reading.phases import PHASE_WORDS, about_phase
from grokdash.views.reading.trouble import divergence
from grokdash.written import number, whole


def progress(run: RunView, fingerprint: str | None = None) -> Progress:
    """Say what changes while a run grows: status, keys, phases, marks, limits.

    ``fingerprint`` is its version for who makes no request.
    """
    status = run.stored.status
    return Progress(
        fingerprint=fingerprint or current_version(run),
        status=Status(
            state=status.state,
            label=STATES[status.state],
            step=status.step,
            epochs=status.epochs,
            message=status.message,
            trouble=divergence(run),
            eta_s=status.eta_s,
            heartbeat=status.heartbeat,
        ),
        limits={cast(NumberField, name): bound for name, bound in limits(run).items()},
        keys=list(run.keys),
        keys_final=run.keys_final,
        key_colours={
            str(k): f"var({key_property(place)})"
            for place, k in enumerate(sorted(run.keys))
        },
        **_dated(run),
    )


def _dated(run: RunView) -> Dated:
    if not len(run.steps) or not run.split_known:
        stand = "" if run.split_known else f"{NO_SPLIT}."
        return Dated(phases=[], stand=stand, markers=[], grok=None)
    found = phases_of(run)
    grok = run.grok()
    diverged = run.stored.status.state == "diverged"
    return Dated(
        phases=[
            Phase(
                name=name,
                start=start,
                end=end,
                title=PHASE_WORDS[name].title,
                short=PHASE_WORDS[name].short,
                about=about_phase(name, start, end),
            )
            for name, start, end in found.spans
        ],
        stand="" if diverged else found.text,
        markers=[
            Marker(code=code, label=MARKS[code], step=step)
            for code, step in marks(run).items()
            if step is not None
        ],
        grok=Grok(**asdict(grok), text=grok.text),
    )


def live(run: RunView, have: int) -> Live:
    """Say what changed since the browser had ``have`` checkpoints."""
    return Live(steps=[int(step) for step in run.steps[have:]], **progress(run))


def manifest(
    run: RunView,
    view_ids: Sequence[str],
    query: Mapping[str, str],
    fingerprint: str | None = None,
) -> Manifest:
    """Describe the run, the selection and the views of one page.

    ``fingerprint`` is the version of the run for who makes no request.
    """
    selection, notices = parse_selection(query, run)
    notices += _epoch_notices(query, run)
    if run.stored.notice:
        notices.append(f"{run.id}: {run.stored.notice}")
    choices: dict[WordField, list[str]] = {
        cast(WordField, name): list(words) for name, words in CHOICES.items()
    }
    choices["matrix"] = list(matrices(run))
    return Manifest(
        run=run.id,
        title=run.title,
        p=run.p,
        config=run.fields,
        config_hash=run.config.hash(),
        steps=[int(step) for step in run.steps],
        selection=cast(SelectionValues, asdict(selection)),
        defaults=cast(SelectionValues, asdict(default_selection(run))),
        misfits=MISFITS,
        choices=choices,
        controls=controls(choices),
        notices=notices,
        views={view_id: _describe(get_view(view_id), run) for view_id in view_ids},
        version=version("grokdash"),
        **progress(run, fingerprint),
    )


def _describe(view: View, run: RunView) -> ViewAbout:
    missing = view.missing(run) if len(run.steps) else "No checkpoint is stored yet."
    return ViewAbout(
        id=view.id,
        title=view.title,
        question=view.question,
        kind=view.kind,
        reads=cast(list[ViewField], list(view.reads)),
        styles=cast(list[SelectionField], list(view.styles)),
        scrub=dict(view.scrub),
        texts=view.picture.traits.texts,
        picks=cast(Picks, dict(view.picks)),
        cursor=view.cursor,
        cost=view.cost,
        missing=missing,
    )


def _epoch_notices(query: Mapping[str, str], run: RunView) -> list[str]:
    if "e" not in query or not len(run.steps):
        return []
    text = str(query["e"])[:40]
    try:
        wanted = float(text)
    except ValueError:
        wanted = math.nan
    if not math.isfinite(wanted):
        return [no_number("Epoch", text)]
    asked = f"Epoch {whole(wanted) if wanted.is_integer() else number(wanted, 6)}"
    bounds = (int(run.steps[0]), run.last)
    if not bounds[0] <= wanted <= bounds[1]:
        return [outside(asked, min(max(int(wanted), bounds[0]), bounds[1]), bounds)]
    shown = run.stored.nearest_step(round(wanted))
    return [] if shown == wanted else [between(asked, shown)]


def checked_step(query: Mapping[str, str], run: RunView) -> int:
    """Read the epoch asked for and give the stored one that is shown for it.

    Raises
    ------
    NotStoredError
        If the run has no checkpoint yet.
    """
    if not len(run.steps):
        raise NotStoredError(f"{run.id}: no checkpoint is stored yet")
    try:
        wanted = float(str(query.get("e", run.last))[:40])
    except ValueError:
        wanted = float(run.last)
    if not math.isfinite(wanted):
        wanted = float(run.last)
    return run.stored.nearest_step(int(min(max(wanted, 0), run.last)))
