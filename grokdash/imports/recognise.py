"""What is not said of a network from elsewhere: its layout, its sizes, its operation.

Shapes are read in the order of the network; the first that does not fit is named with
the one that would.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from grokdash.analysis.forward import logits
from grokdash.analysis.losses import correct_grid
from grokdash.config import MAX_P, RunConfig, check_fields
from grokdash.errors import ConfigError
from grokdash.imports.names import (
    BRIDGE,
    CHUGHTAI,
    NANDA,
    PLAIN,
    TRANSFORMER_LENS,
    ZHONG,
    Layout,
)
from grokdash.operations import OPERATIONS, UNDEFINED, get_operation
from grokdash.store.schema import param_shapes
from grokdash.written import percent

LAYOUTS = {
    one.name: one for one in (PLAIN, TRANSFORMER_LENS, BRIDGE, NANDA, ZHONG, CHUGHTAI)
}
LEAST_ACCURACY = 0.2
"""Share of all pairs that the last checkpoint must get right to be recognised by it."""
AHEAD = 2.0
"""How many times as many as by any other operation."""
_POSITIONS = 3

Arrays = Mapping[str, np.ndarray]


def recognise_layout(
    state: Arrays, asked: str | None, said: Mapping[str, Any]
) -> Layout:
    """Tell by which names and shapes a state is kept.

    Parameters
    ----------
    state
        Arrays by their names.
    asked
        The layout that the user names.
    said
        The configuration that was saved beside the weights.

    Raises
    ------
    ConfigError
        If by none that is known; the message says what is there and what fits.
    """
    if asked is not None:
        layout = LAYOUTS[asked]
        if layout.top["W_E"] not in state:
            raise ConfigError(
                f"--layout {asked}: expected {layout.top['W_E']}; there is "
                f"{_names(state)}"
            )
        return layout
    if PLAIN.top["W_E"] in state:
        return PLAIN
    if BRIDGE.top["W_E"] in state:
        return BRIDGE
    if TRANSFORMER_LENS.top["W_E"] in state:
        flat = state.get(NANDA.block["W_O"].format(layer=0), np.empty(0)).ndim == 2
        if flat:
            return ZHONG if "attn_coeff" in said else NANDA
        return CHUGHTAI if "group" in said else TRANSFORMER_LENS
    fitting = "; ".join(
        f"{one.name} ({one.title}) with {one.top['W_E']}" for one in LAYOUTS.values()
    )
    raise ConfigError(
        f"these weights are in none of the layouts that can be read: there is "
        f"{_names(state)}; expected {fitting}"
    )


def _names(state: Arrays) -> str:
    names = [f"{name} {list(array.shape)}" for name, array in state.items()]
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more


def translated(
    states: Mapping[int, Arrays], layout: Layout, heads: int | None
) -> dict[int, dict[str, np.ndarray]]:
    """Translate every state; biases that are zero throughout are left out.

    Raises
    ------
    ConfigError
        If something belongs to no network of ours, or lies otherwise.
    """
    found = {}
    for epoch, state in states.items():
        _check_names(state, layout, epoch)
        count = heads or _shown_heads(state, layout)
        try:
            ours = layout.ours(state, count)
        except ValueError as error:
            raise ConfigError(
                f"epoch {epoch:,}: lies otherwise than {layout.name} says: {error}; "
                "name the heads with --n-heads, or another --layout"
            ) from None
        if "W_pos" in ours:  # positions that no pair reaches
            ours["W_pos"] = ours["W_pos"][:_POSITIONS]
        found[epoch] = ours
    _drop_zero_biases(found)
    return found


def _check_names(state: Arrays, layout: Layout, epoch: int) -> None:
    names = layout.theirs(max(1, layout.layers(state)))
    optional = {"b_U", "W_U", *(f"b_{x}" for x in ("Q", "K", "V", "O", "in", "out"))}
    lacking = [
        theirs
        for name, theirs in names.items()
        if theirs not in state and name.rsplit("/", 1)[-1] not in optional
    ]
    left = layout.left_over(state)
    if not lacking and not left:
        return
    told = [f"lacks {', '.join(lacking[:5])}"] if lacking else []
    if left:
        told.append(f"has {', '.join(left[:5])}, which no network of grokdash has")
        if any(".ln" in name or "norm" in name.lower() for name in left):
            told.append("LayerNorm stands after each block's parts here, not before")
    raise ConfigError(
        f"epoch {epoch:,} ({layout.name}): {'; '.join(told)}. What fits: token and "
        "position embedding, blocks of attention and an MLP of one hidden layer, "
        "unembedding"
    )


def _shown_heads(state: Arrays, layout: Layout) -> int:
    if layout.heads_shown:
        return len(state[layout.block["W_Q"].format(layer=0)])
    raise ConfigError(
        f"n_heads: cannot be told from the shapes of {layout.name}; name it with "
        "--n-heads"
    )


def _drop_zero_biases(found: Mapping[int, dict[str, np.ndarray]]) -> None:
    """Leave out b_Q, b_K, b_V and b_O, or b_U, where all of a kind are zero."""
    for kinds in (("b_Q", "b_K", "b_V", "b_O"), ("b_U",)):
        names = {
            name
            for params in found.values()
            for name in params
            if name.rsplit("/", 1)[-1] in kinds
        }
        if any(np.any(params.get(n, 0)) for params in found.values() for n in names):
            continue
        for params in found.values():
            for name in names:
                params.pop(name, None)


def architecture(params: Arrays) -> dict[str, Any]:
    """Give the fields of a configuration that shapes tell.

    Raises
    ------
    ConfigError
        If they are those of no network of ours.
    """
    W_E, W_Q = params["W_E"], params["blocks/0/W_Q"]
    d_model, heads = W_E.shape[-1], len(W_Q)
    p, classes = len(W_E) - 1, params["W_U"].shape[-1] if "W_U" in params else None
    if not 2 <= p <= MAX_P:
        raise ConfigError(
            f"W_E has {len(W_E)} tokens: expected p + 1, the numbers 0 to p − 1 and "
            f"=, with p from 2 to {MAX_P}"
        )
    if classes not in (p, p + 1, None):
        raise ConfigError(
            f"W_U has {classes} classes and W_E {p + 1} tokens: expected p = {p} or "
            f"p + 1 = {p + 1} classes"
        )
    if len(params["W_pos"]) != _POSITIONS:
        raise ConfigError(
            f"W_pos has {len(params['W_pos'])} positions: expected 3, a, b and =; a "
            "network without = that is read at b does not fit"
        )
    if heads * W_Q.shape[-1] != d_model:
        raise ConfigError(
            f"blocks/0/W_Q has {heads} heads of width {W_Q.shape[-1]}: expected widths "
            f"that add up to d_model = {d_model}"
        )
    return {
        "p": p,
        "n_layers": sum(name.endswith("/W_in") for name in params),
        "n_heads": heads,
        "d_model": d_model,
        "d_mlp": params["blocks/0/W_in"].shape[-1],
        "attention_bias": "blocks/0/b_Q" in params,
        "unembedding_bias": "b_U" in params,
        "tied_unembedding": classes is None,
        "equals_class": classes == p + 1,
    }


def completed(params: Arrays, config: RunConfig, epoch: int) -> dict[str, np.ndarray]:
    """Give every parameter that a configuration has, missing biases as zero.

    Raises
    ------
    ConfigError
        Naming the first array of another shape.
    """
    found = {}
    for name, shape in param_shapes(config).items():
        array = params.get(name)
        if array is None:
            array = np.zeros(shape)
        if array.shape != shape:
            raise ConfigError(
                f"epoch {epoch:,}: {name} has the shape {list(array.shape)}; expected "
                f"{list(shape)}, as p = {config.p}, d_model = {config.d_model}, "
                f"{config.n_heads} heads and d_mlp = {config.d_mlp} say"
            )
        if not np.isfinite(array).all():
            raise ConfigError(f"epoch {epoch:,}: {name} holds what is no number")
        found[name] = np.ascontiguousarray(array, dtype=np.float32)
    return found


def recognise_operation(params: Arrays, fields: Mapping[str, Any]) -> str:
    """Tell by which operation a network answers.

    Raises
    ------
    ConfigError
        If it answers by none, or by several alike; the message says how often.
    """
    scores: dict[str, float] = {}
    for name in OPERATIONS:
        config, _ = check_fields({**fields, "operation": name})
        if config is not None:
            scores[name] = accuracy(params, config)
    best, second = (*sorted(scores, key=lambda one: -scores[one]), "")[:2]
    ahead = second and scores[best] < AHEAD * scores[second]
    if scores[best] < LEAST_ACCURACY or ahead:
        told = ", ".join(f"{name} {percent(scores[name])}" for name in scores)
        raise ConfigError(
            "operation: the last checkpoint does not tell by which one it answers; of "
            f"all pairs it has right by {told}. Name it with --operation"
        )
    return best


def accuracy(params: Arrays, config: RunConfig) -> float:
    """Give the share of the pairs with an answer that a network has right."""
    table = get_operation(config.operation).table(config.p)
    right = correct_grid(logits(params, config), table)
    return float(right[table != UNDEFINED].mean())
