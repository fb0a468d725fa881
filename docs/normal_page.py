"""Write docs/normal.md from the table that docs/normal.py measured."""

from generate import ROOT, table

from grokdash.views.core.normal import GROUPS, NORMAL, written

TITLES = {**GROUPS, "apart": "released, trained otherwise"}

INTRODUCTION = """\
<!-- Made by docs/normal.py. -->

# What is normal

Every range in a guide is one of these. They were measured by

    python docs/normal.py STORE… --released DIR

at the last checkpoint of networks that have grokked (test accuracy of 99 % and more),
and stand as the smallest and the largest value: over networks, and over heads, keys or
classes where one network has several. A range of few networks is not a bound. It says
what to expect; what lies outside is another network, not a fault.
"""

DEFINITIONS = """\
## What the quantities mean

- Keys are those of the last epoch, by the cross-split rule. Frequencies, offsets and
  a − b are those of the frame in which the operation is an addition; in a
  multiplicative frame pairs with a 0 are left out.
- Logits are gauge-fixed: without their mean over classes, and without the mean of each
  class over the pairs. Centring over classes alone changes shares in the third digit.
- A head's variance is that about its mean over the pairs. Nanda et al. 2023 give 98 to
  99 % for their heads, which counts the mean attention of ½ as explained
  ([measured](measured.md)).
- ‖W_L‖² outside the key rows is a share of the squared norm; the paper's bound of
  0.55 % fits that, not the norm.
- The part of the logits that changes sign when operands are swapped is ‖(L − Lᵀ)/2‖², a
  quarter of ‖L − Lᵀ‖².
- Distance irrelevance is taken of the right answer's logit above the mean over classes.
- Dates and losses of released networks are left out, as their courses were trained in
  other ways. Excluded losses of those whose training pairs are not known are taken with
  a split of ours of the same size.
"""

OWN = """\
Our own runs are of the presets with seeds 0 to 4 and one thread, for addition,
subtraction and multiplication; of `nanda` two seeds each, to epoch 15,000 (seed 0 of
addition and its rounding twins) or 12,000, and of `quick` to epoch 2,500, but one
subtraction that had not grokked by then, which was trained again to 6,000."""

RELEASED = """\
The released networks are from the repositories of Chughtai et al. 2023 (C113: addition
mod 113 with weight decay 1) and of Nanda et al. 2023 (weight decay 0.1). Two more of
the latter stand apart: one was trained without weight decay, for 5,000 epochs; one
with a float32 loss, and its file ends in one of its spikes. No guide counts these two.
The files have no licence and are no part of grokdash; docs/networks.py names them.
"""


def page() -> str:
    """Lay out the page."""
    groups = {name: NORMAL["sources"][name] for name in TITLES}
    counts = {g: f"{TITLES[g]} ({len(found)})" for g, found in groups.items()}
    head = ["quantity", *counts.values()]
    rows: list[list[object]] = []
    for quantity in NORMAL["quantities"].values():
        unit = quantity.get("unit", "")
        unit = f", {unit}" if unit and quantity["form"] != "epoch" else ""
        cells = [written(quantity, g) if g in quantity else "" for g in groups]
        rows.append([quantity["title"] + unit, *cells])
    return "\n".join(
        [
            INTRODUCTION,
            table(head, rows),
            "",
            DEFINITIONS,
            "## Which networks",
            "",
            *(f"- {TITLES[g]}: {', '.join(found)}" for g, found in groups.items()),
            *(f"- left out: {text}" for text in NORMAL["left_out"]),
            "",
            OWN,
            "",
            RELEASED,
        ]
    )


if __name__ == "__main__":
    (ROOT / "docs" / "normal.md").write_text(page(), encoding="utf-8")
