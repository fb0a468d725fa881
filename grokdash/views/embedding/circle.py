"""View of the token embeddings as points at one frequency."""

import numpy as np

from grokdash.analysis.embedding import chance_share
from grokdash.cache import Arrays
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.pictures import TokenPoints
from grokdash.views.reading.frequencies import alternates, parities
from grokdash.written import number, percent

_CLEAN, _RING = 0.15, 0.35
"""How much the radius of a clean circle and of a ring may vary, as a share of it."""


def _circle(snapshot: Snapshot, selection: Selection) -> Arrays:
    circle = snapshot.circle(selection.k)
    return {
        "x": circle.x,
        "y": circle.y,
        "share": np.array([circle.share]),
        "eccentricity": np.array([circle.eccentricity]),
        "residual": np.array([circle.residual]),
    }


def _cosine_title(drawing: Drawing) -> str:
    k = drawing.selection.k
    wave = "alternating wave" if alternates(drawing.run, k) else "cos"
    return f"W_E along {wave} {k}"


def _sine_title(drawing: Drawing) -> str:
    k = drawing.selection.k
    return "no sine" if alternates(drawing.run, k) else f"W_E along sin {k}"


def _describe_circle(drawing: Drawing) -> str:
    x, y = drawing.arrays["x"], drawing.arrays["y"]
    share = float(drawing.arrays["share"][0])
    k = drawing.selection.k
    radius = np.hypot(x - x.mean(), y - y.mean())
    if not radius.any() or not np.isfinite(share):
        return f"W_E has no part at frequency {k}."
    if alternates(drawing.run, k):
        return _describe_line(drawing)
    carries = f"Frequency {k} carries {percent(share)} of the variance of W_E"
    if share <= chance_share(len(x), drawing.run.config.d_model):
        return (
            f"{carries}, no more than in random embeddings: what is round here is the "
            "projection's own doing."
        )
    spread = float(radius.std() / radius.mean())
    if spread < _CLEAN:
        shape = "a clean circle"
    else:
        shape = "a ring" if spread < _RING else "no circle"
    return f"{carries}; the radius varies by {percent(spread, 0)}: {shape}."


def _describe_line(drawing: Drawing) -> str:
    """Describe the alternating wave: two values on a line."""
    arrays, k = drawing.arrays, drawing.selection.k
    plus, minus = (float(arrays["x"][start::2].mean()) for start in (0, 1))
    even, odd = parities(drawing.run)
    explained = percent(1 - float(arrays["residual"][0]), 0)
    return (
        f"Frequency {k} alternates: it has two values and no sine, so there is a line "
        f"and no circle. On it the {even} lie around {number(plus)} and the {odd} "
        f"around {number(minus)}, which makes {explained} of the spread along it. It "
        f"carries {percent(float(arrays['share'][0]))} of the variance of W_E."
    )


EMBEDDING_CIRCLE = View(
    id="embedding-circle",
    title="Embedding circle",
    question="Do the tokens lie on a circle at the chosen frequency?",
    reads=("step", "k"),
    arrays=_circle,
    picture=TokenPoints(
        x=_cosine_title,
        y=_sine_title,
    ),
    describe=_describe_circle,
    version=2,
    frequency_shares=True,
    replaces=(11,),
    guide=Guide(
        what="Every number token's real embedding, projected on the two directions in "
        "which W_E varies as the cosine and the sine of the chosen frequency. Colours "
        "go once round the circle: neighbours in k·$a mod $q have neighbouring "
        "colours. Half of an even modulus is a frequency of its own kind: its wave "
        "alternates and has no sine, so its points lie on a line, around two values.",
        formula="u = F[cos k] W_E / ‖·‖, v likewise with sin, made orthogonal; token t "
        "is at (W_E[t]·u, W_E[t]·v); F over $a",
        before="A cloud: the token's place has little to do with k·$a.",
        after="At a key frequency an even ring in the order of the colours; at other "
        "frequencies still a small cloud.",
        normal=f"A key frequency carries {span('embed_key')} of the variance of W_E. "
        f"Its radius varies by {span('radius')}.",
        wrong="A ring that carries no more than in random embeddings, 2/($q − 1) and "
        "four standard deviations: projecting noise on its own directions gives some "
        "roundness, the more the smaller $q is beside d_model. An ellipse: cosine and "
        "sine directions have different norms.",
        reference="Nanda et al. 2023, section 4.1; Liu et al. 2022",
    ),
)

VIEWS: tuple[View, ...] = (EMBEDDING_CIRCLE,)
