"""View of the token embeddings as points at one frequency."""

import numpy as np

from grokdash.cache import Arrays
from grokdash.snapshot import Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.pictures import TokenPoints


def _circle(snapshot: Snapshot, selection: Selection) -> Arrays:
    circle = snapshot.circle(selection.k)
    return {
        "x": circle.x,
        "y": circle.y,
        "share": np.array([circle.share]),
        "eccentricity": np.array([circle.eccentricity]),
    }


def _describe_circle(drawing: Drawing) -> str:
    x, y = drawing.arrays["x"], drawing.arrays["y"]
    share = float(drawing.arrays["share"][0])
    k = drawing.selection.k
    radius = np.hypot(x - x.mean(), y - y.mean())
    if not radius.any() or not np.isfinite(share):
        return f"W_E has no part at frequency {k}."
    spread = float(radius.std() / radius.mean())
    if share < 0.03:
        shape = "too little of W_E for a circle to mean anything"
    elif spread < 0.15:
        shape = "a clean circle"
    else:
        shape = "a ring" if spread < 0.35 else "no circle"
    return (
        f"Frequency {k} carries {share:.1%} of the variance of W_E; the radius varies "
        f"by {spread:.0%}: {shape}."
    )


EMBEDDING_CIRCLE = View(
    id="embedding-circle",
    title="Embedding circle",
    question="Do the tokens lie on a circle at the chosen frequency?",
    reads=("step", "k"),
    arrays=_circle,
    picture=TokenPoints(
        x=lambda drawing: f"W_E along cos {drawing.selection.k}",
        y=lambda drawing: f"W_E along sin {drawing.selection.k}",
    ),
    describe=_describe_circle,
    replaces=(11,),
    guide=Guide(
        what="Every number token's real embedding, projected on the two directions in "
        "which W_E varies as the cosine and the sine of the chosen frequency. Colours "
        "go once round the circle: neighbours in k·a mod p have neighbouring colours.",
        formula="u = F[cos k] W_E / ‖·‖, v likewise with sin, made orthogonal; token t "
        "is at (W_E[t]·u, W_E[t]·v)",
        before="A cloud: the token's place has little to do with k·t.",
        after="At a key frequency an even ring in the order of the colours; at other "
        "frequencies still a small cloud.",
        normal="A key frequency carries 5 to 40 % of the variance of W_E and its "
        "radius varies by less than 15 %.",
        wrong="A clean ring with a tiny share: projecting noise on its own direction "
        "gives some roundness; read the share. An ellipse: cosine and sine directions "
        "have different norms.",
        reference="Nanda et al. 2023, section 4.1; Liu et al. 2022",
    ),
)

VIEWS: tuple[View, ...] = (EMBEDDING_CIRCLE,)
