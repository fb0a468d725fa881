"""One run as a row of the list: plain values that any browser reads, and its words."""

import math

from grokdash.analysis import cross_split
from grokdash.analysis.outcomes import Thresholds
from grokdash.config import run_title
from grokdash.contract.codes import RunOutcome
from grokdash.contract.listing import RunRow
from grokdash.operations import OPERATIONS
from grokdash.store import RunSummary
from grokdash.written import whole

_MEMORISED = Thresholds().train


def run_row(summary: RunSummary) -> RunRow:
    """Give one run as a row; what is not a number, or not known, becomes None."""
    broken = bool(summary.problem)
    return RunRow(
        id=summary.id,
        title=called(summary),
        name=summary.title,
        problem=summary.problem,
        notice=summary.notice,
        tags=list(summary.tags),
        notes=summary.notes,
        state="broken" if broken else summary.state,
        message=summary.message,
        operation=summary.operation,
        p=summary.p or None,
        seed=None if broken else summary.seed,
        train_fraction=_finite(summary.train_fraction) or None,
        weight_decay=None if broken else _finite(summary.weight_decay),
        lr=_finite(summary.lr) or None,
        n_layers=summary.n_layers,
        n_heads=summary.n_heads,
        d_model=summary.d_model,
        d_mlp=summary.d_mlp,
        step=summary.step,
        epochs=summary.epochs,
        progress=summary.step / summary.epochs if summary.epochs else 0.0,
        eta_s=_finite(summary.eta_s),
        train_loss=_finite(summary.train_loss),
        test_loss=_finite(summary.test_loss),
        train_accuracy=_finite(summary.train_accuracy),
        test_accuracy=_finite(summary.test_accuracy),
        grok_start=_finite(summary.grok_start),
        grok_end=_finite(summary.grok_end),
        grok_text=_grok_text(summary),
        grok_hint=_grok_hint(summary),
        key_frequencies=list(summary.key_frequencies),
        keys_text=_keys_text(summary),
        keys_hint=keys_told(summary),
        outcome=_outcome(summary),
        sparkline=list(summary.sparkline),
        packed=summary.packed,
        size_bytes=summary.size_bytes,
        created=summary.created,
        updated=summary.updated,
    )


def called(summary: RunSummary) -> str:
    """Give what a run is called: as somebody named it, else by what it is."""
    if summary.title or summary.operation not in OPERATIONS:
        return summary.title or summary.id
    if summary.weight_decay is None or summary.seed is None:
        return summary.id
    return run_title(summary.operation, summary.p, summary.weight_decay, summary.seed)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _outcome(run: RunSummary) -> RunOutcome:
    known: dict[RunOutcome, bool] = {
        "broken": bool(run.problem),
        "diverged": run.state == "diverged",
        "collapses": run.grok_state == "collapsed",
        "generalises": run.grok_end is not None,
        "not yet": run.state != "finished",
        "unknown": run.train_fraction is None,
        "memorises only": (run.train_accuracy or 0) >= _MEMORISED,
    }
    for outcome, holds in known.items():
        if holds:
            return outcome
    return "neither"


def keys_told(run: RunSummary) -> str:
    """List the key frequencies, and say what must be said of them."""
    if not run.key_rule:
        return ""
    return cross_split.keys_text(
        run.key_frequencies, run.key_rule, memorising=run.memorising
    )


def _keys_text(run: RunSummary) -> str:
    """Count the key frequencies that say something; a star marks the published rule."""
    if not run.key_rule:
        return ""
    count = 0 if run.memorising else len(run.key_frequencies)
    star = "*" if run.key_rule == cross_split.PUBLISHED else ""
    return f"{count or 'none'}{star}"


def _grok_text(run: RunSummary) -> str:
    """Write the interval as short as it can be."""
    if run.grok_end is None:
        return "collapsed" if run.grok_state == "collapsed" else ""
    known = run.grok_start is not None and run.grok_start != run.grok_end
    start = f"{whole(run.grok_start)}–" if known else ""
    return f"{start}{whole(run.grok_end)}"


def _grok_hint(run: RunSummary) -> str:
    """Say what the interval means, or why there is none."""
    if run.grok_end is None:
        if run.grok_state == "collapsed":
            return "test accuracy reached 99 % and fell again"
        over = "not within" if run.step >= run.epochs else "not yet at epoch"
        return f"{over} {run.step:,}" if run.grok_state else ""
    if run.grok_start is None or run.grok_start == run.grok_end:
        return f"at the evaluated epoch {whole(run.grok_end)}"
    start, end = whole(run.grok_start), whole(run.grok_end)
    return f"between the evaluated epochs {start} and {end}"
