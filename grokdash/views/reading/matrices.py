"""Any matrix of a network as a picture: its rows and columns, their order, their names.

Heads lie side by side, tokens and classes in the order of the run's frame (the = row is
left out), neurons in the order of the selection at the reference epoch.
"""

from dataclasses import replace

import numpy as np

from grokdash.analysis import fourier
from grokdash.analysis.forward import neuron_logit_map, unembedding
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.reading.frames import token_line_title, token_title, tokens_of
from grokdash.views.reading.neurons import ORDERED, sorted_neurons


def matrix_layer(selection: Selection) -> int:
    """Give the layer the chosen matrix belongs to."""
    if selection.matrix.startswith("blocks/"):
        return int(selection.matrix.split("/")[1])
    return selection.layer


def short_name(matrix: str) -> str:
    """Write a matrix name without its path: ``W_in`` or ``W_in of layer 1``."""
    if not matrix.startswith("blocks/"):
        return matrix
    _, layer, name = matrix.split("/")
    return name if layer == "0" else f"{name} of layer {layer}"


def _flat_heads(W: np.ndarray, name: str) -> np.ndarray:
    if name == "W_O":
        return W.reshape(-1, W.shape[-1])
    return np.moveaxis(W, 0, 1).reshape(W.shape[1], -1)


def plain_matrix(snapshot: Snapshot, selection: Selection) -> np.ndarray:
    """Give the chosen matrix as stored, with two axes and in no special order."""
    run, matrix = snapshot.run, selection.matrix
    if matrix == "W_L":
        return neuron_logit_map(snapshot.params(), run.config, selection.layer)
    if matrix == "W_E":
        return snapshot.W_E
    W = snapshot.param(matrix)
    if matrix == "W_U":
        return W[:, : run.p]
    return _flat_heads(W, matrix.split("/")[-1]) if W.ndim == 3 else W


def chosen_matrix(snapshot: Snapshot, selection: Selection) -> np.ndarray:
    """Give the chosen matrix in the order in which it is drawn, float32."""
    run = snapshot.run
    W = plain_matrix(snapshot, selection)
    kind = selection.matrix.split("/")[-1]
    if kind in ("W_in", "W_out", "W_L"):
        order = _neurons(run, selection)
        W = W[:, order] if kind == "W_in" else W[order]
    if kind == "W_E":
        W = W[tokens_of(run, selection, "a")]
    if kind in ("W_U", "W_L"):
        W = W[:, tokens_of(run, selection, "c")]
    return W.astype(np.float32)


def _neurons(run: RunView, selection: Selection) -> np.ndarray:
    return sorted_neurons(run, replace(selection, layer=matrix_layer(selection))).order


def matrix_titles(run: RunView, selection: Selection) -> tuple[str, str]:
    """Name the rows and the columns of the chosen matrix."""
    kind = selection.matrix.split("/")[-1]
    stream, head = "residual dimension", "head dimension, heads side by side"
    neuron = f"neurons, {ORDERED[selection.order]}"
    token = token_line_title(run, selection)
    classes = token_title(run, selection, "c")
    return {
        "W_E": (token, stream),
        "W_pos": ("position", stream),
        "W_U": (stream, classes),
        "W_L": (neuron, classes),
        "W_O": (head, stream),
        "W_in": (stream, neuron),
        "W_out": (neuron, stream),
    }.get(kind, (stream, head))


def fourier_matrix(snapshot: Snapshot, selection: Selection) -> np.ndarray:
    """Give the chosen matrix with a Fourier transform over tokens or classes as rows.

    A matrix without such an axis is read through the embedding (what reads the residual
    stream) or through the unembedding (what writes to it), along the direct path.
    """
    run, config, params = snapshot.run, snapshot.run.config, snapshot.params()
    kind = selection.matrix.split("/")[-1]
    W = plain_matrix(snapshot, selection).astype(np.float64)
    if kind in ("W_in", "W_out", "W_L"):
        order = _neurons(run, selection)
        W = W[:, order] if kind == "W_in" else W[order]
    if kind in ("W_U", "W_L"):
        over = W.T
    elif kind == "W_E":
        over = W
    elif kind in _WRITES:
        over = (W @ unembedding(params, config)).T
    else:
        over = snapshot.W_E.astype(np.float64) @ W
    reads = kind in ("W_E", "W_Q", "W_K", "W_V", "W_in")
    over = over[tokens_of(run, selection, "a" if reads else "c")]
    return fourier.transform(np.ascontiguousarray(over)).astype(np.float32)


_WRITES = ("W_O", "W_out", "W_pos")
"""What is read through the unembedding."""


def fourier_columns(run: RunView, selection: Selection) -> str:
    """Name the columns of the chosen matrix where its rows are frequencies."""
    kind = selection.matrix.split("/")[-1]
    rows, columns = matrix_titles(run, selection)
    return rows if kind in ("W_U", "W_L", *_WRITES) else columns


def fourier_name(matrix: str) -> str:
    """Say which product the Fourier picture of a matrix shows."""
    kind, name = matrix.rsplit("/", maxsplit=1)[-1], short_name(matrix)
    if kind == "W_E":
        return f"F {name}"
    if kind in ("W_U", "W_L"):
        return f"F {name}ᵀ"
    if kind in _WRITES:
        return f"F ({name} W_U)ᵀ"
    return f"F W_E {name}"
