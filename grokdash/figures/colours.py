"""The one table of colours: what each thing is drawn in, on light and on dark paper.

A colour belongs to a name and to nothing else, so that it can be read without a legend:
train is blue on every page, and only a key frequency wears a key's colour. Figures ask
the theme for a name; style sheets and scripts have the same table as custom properties
(:func:`style_sheet`). What has no colour of its own is ``text``, ``quiet``, ``muted``.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

ThemeName = Literal["light", "dark"]

Pair: TypeAlias = tuple[str, str]
"""A colour on light paper, and the same on dark paper."""

FRAME: Mapping[str, Pair] = {
    "page": ("#f6f7f9", "#0c0f14"),
    "surface": ("#ffffff", "#12161d"),
    "text": ("#1c2430", "#dfe5ee"),
    "quiet": ("#596476", "#98a3b3"),
    "muted": ("#7b8594", "#7d8899"),
    "line": ("#e1e5eb", "#262d38"),
    "line-strong": ("#c3cad4", "#3d4757"),
    "hover": ("#eef1f5", "#1c222c"),
    "accent": ("#0b62a8", "#6cb6f5"),
    "on-accent": ("#ffffff", "#0c0f14"),
    "accent-soft": ("#e3eef8", "#16293b"),
    "bad": ("#b3261e", "#ff8a80"),
    "good": ("#1a7343", "#6fd39b"),
    "warn": ("#8a5a00", "#e7b75a"),
    "mark": ("#1c2430", "#dfe5ee"),
    "halo": ("#ffffff", "#12161d"),
    "phase-a": ("#5964761a", "#98a3b31f"),
    "phase-b": ("#59647638", "#98a3b342"),
}
"""Paper, ink and what the app is built of; ``muted`` is for marks and lines alone."""

PRINT: Mapping[str, str] = {"text": "#000000", "quiet": "#333333", "muted": "#666666"}
"""Ink on a printed page, where it is darker than on the light one of the app."""

SPLITS: Mapping[str, Pair] = {
    "train": ("#0072b2", "#4aa8e0"),
    "test": ("#d55e00", "#ff8a3d"),
    "all pairs": ("#a28577", "#bfcfb6"),
}

KEYS: tuple[Pair, ...] = (
    ("#5c9d67", "#17b799"),
    ("#a44daf", "#e393ea"),
    ("#06a0b5", "#9ae6ff"),
    ("#6d0f36", "#e95d7d"),
    ("#586b27", "#8b9e4f"),
    ("#65328e", "#8b5db5"),
    ("#e1726c", "#ffc4a8"),
    ("#e61d88", "#fb5fc7"),
    ("#328c00", "#7bcb62"),
    ("#892600", "#bb705b"),
    ("#2a49cd", "#698dff"),
)
"""Key frequencies in ascending order; from the twelfth on colours come again. All are
told apart by those who see two cones, the first six more easily."""

MATRICES: Mapping[str, Pair] = {
    "W_E": ("#5471a9", "#a0b5e2"),
    "W_pos": ("#268f99", "#30b5bd"),
    "W_Q": ("#2ea850", "#96f0a8"),
    "W_K": ("#485e00", "#798f2d"),
    "W_V": ("#9c8a20", "#c7bf51"),
    "W_O": ("#ba623a", "#fecc84"),
    "W_in": ("#d54863", "#e3735b"),
    "W_out": ("#ac3476", "#e36fac"),
    "W_U": ("#7855cd", "#9887f4"),
    "W_L": ("#4a297e", "#7b75c0"),
}
"""One colour per kind of matrix; blocks are told apart by dashes."""

OPERANDS: Mapping[str, Pair] = {
    "a": ("#7153a0", "#ae90da"),
    "b": ("#8a6d20", "#c6aa69"),
    "=": ("#3c6b6a", "#7aa6a5"),
}
"""The three positions, as what is attended to and as what is read."""

WAVES: Mapping[str, Pair] = {
    "sum": ("#287a4a", "#70b688"),
    "difference": ("#962e69", "#d272a4"),
    "linear": ("#907d0a", "#ccbb66"),
    "cross": ("#5c6586", "#9aa0c1"),
    "constant": ("#3087a6", "#88c6dd"),
}
"""Kinds of waves in two operands."""

MEASURES: Mapping[str, Pair] = {
    "restricted": ("#0a8069", "#69bca4"),
    "cross-split": ("#1c4f6e", "#4389b0"),
    "excluded": ("#8a5fd2", "#c59efe"),
    "fit": ("#b84469", "#f787a6"),
    "symmetricity": ("#238dc3", "#55d1ff"),
    "irrelevance": ("#b08008", "#eec06c"),
    "circularity": ("#248a5e", "#75c89d"),
    "equivariance": ("#446d91", "#81a8c5"),
    "commutativity defect": ("#a04a8a", "#de8ac5"),
    "slingshot": ("#c51b18", "#ff676c"),
    "collapsed": ("#943d16", "#d3733b"),
    "zero gradient": ("#604030", "#9e7e6f"),
    "turning": ("#4e83e2", "#a8beff"),
    "homing": ("#b54844", "#f4818d"),
    "stable rank": ("#495e77", "#699e95"),
    "dead": ("#856664", "#c2a2a1"),
    "always on": ("#4f8050", "#8cbb8c"),
    "b_in": ("#6f8a86", "#a3bdb6"),
    "b_out": ("#7a5c7a", "#b08fb0"),
    "b_Q": ("#5f8a6a", "#9bc4a5"),
    "b_K": ("#6b7350", "#969773"),
    "b_V": ("#857c4d", "#d6cc8e"),
    "b_O": ("#93705d", "#c9a892"),
    "b_U": ("#77699e", "#aca0cf"),
    "biases": ("#8a8f6e", "#b9b99a"),
    "ln1_w": ("#534165", "#e1cdf9"),
    "ln1_b": ("#727a64", "#a1a992"),
    "ln2_w": ("#375420", "#bcdea5"),
    "ln2_b": ("#b65e6a", "#fb9ca8"),
    "training pairs": ("#b400ff", "#d65cff"),
}
"""What is measured, drawn or marked beside the splits. ``fit`` is a wave fitted to a
curve; ``training pairs`` are the dots that mark them on a map."""

RUNS: tuple[Pair, ...] = (
    ("#684db3", "#a18fed"),
    ("#845900", "#f3a254"),
    ("#007d7d", "#55bec6"),
    ("#c33679", "#ff80bc"),
    ("#5b8038", "#89b76f"),
    ("#5a5358", "#958d98"),
)
"""Runs A … F of a comparison."""

OUTCOMES: Mapping[str, Pair] = {
    "groks": ("#0e7732", "#63b371"),
    "generalises at once": ("#3f80b6", "#aab1f0"),
    "memorises only": ("#a46802", "#e1a760"),
    "never groks": ("#848f98", "#c5cedb"),
    "collapses": ("#b1182c", "#ec6e68"),
    "unfinished": ("#93779c", "#cba7d6"),
}
"""What became of a run."""

NAMED: Mapping[str, Pair] = {
    **FRAME,
    **SPLITS,
    **MATRICES,
    **OPERANDS,
    **WAVES,
    **MEASURES,
    **OUTCOMES,
}
"""Every colour that is asked for by name."""


def key_property(place: int) -> str:
    """Name the custom property of the key frequency at this place."""
    return f"--gd-key-{place % len(KEYS)}"


def style_sheet() -> str:
    """Write the table as custom properties of the page, ``--gd-train`` and so on."""
    table = {
        **FRAME,
        **SPLITS,
        **{f"key-{place}": pair for place, pair in enumerate(KEYS)},
        **{f"run-{place}": pair for place, pair in enumerate(RUNS)},
    }
    modes = (':root,\n[data-bs-theme="light"]', '[data-bs-theme="dark"]')
    parts = ["/* Made by `make docs` from grokdash/figures/colours.py; edit that. */"]
    for place, mode in enumerate(modes):
        lines = [
            f"  --gd-{name.replace(' ', '-')}: {pair[place]};\n"
            for name, pair in table.items()
        ]
        scheme = ("light", "dark")[place]
        parts.append(f"{mode} {{\n  color-scheme: {scheme};\n{''.join(lines)}}}")
    return "\n\n".join(parts) + "\n"
