"""The fast exact forward pass: only what the last position needs, once per token.

Only the last position is read out, so the last layer is computed there alone. Before
anything mixes the operands, a position's residual stream depends on one token alone, so
its keys, values and scores are rows of a table with one row per token; under a causal
mask this holds for the first position at every layer. The numbers are those of the
textbook pass.

Shapes are those of one run. Several runs of equal shape are computed at once with one
more axis, the runs, in front of all of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.model.mlp import with_mlp
from grokdash.model.parameters import unembedding
from grokdash.model.textbook import LAYER_NORM_EPS, layer_norm
from grokdash.model.tokens import (
    Lookup,
    Mixture,
    look_up,
    make_lookup,
    make_mixture,
    mix,
)

Block = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """A position's vectors ``[r, d]``: one per token, or per example, or only one."""

    values: Tensor
    lookup: Lookup | None

    def spread(self) -> Tensor:
        """Give one row per example, or the only row there is."""
        return look_up(self.values, self.lookup) if self.lookup else self.values

    @property
    def constant(self) -> bool:
        return self.lookup is None and self.values.shape[-2] == 1


class FastForward:
    """The fast forward pass for one fixed set of examples.

    Parameters
    ----------
    config
        The configuration that gives the architecture.
    pairs
        Operands ``[n, 2]``, int64, on the device of the parameters; for several runs
        ``[R, n, 2]``, and every parameter then has the runs as its first axis.
    dtype
        Precision of the parameters.
    """

    def __init__(
        self, config: RunConfig, pairs: Tensor, dtype: torch.dtype = torch.float32
    ) -> None:
        self.config = config
        self._shape = (*pairs.shape[:-1], config.n_heads)
        self._lookups = (
            make_lookup(pairs[..., 0].contiguous(), config.p, dtype),
            make_lookup(pairs[..., 1].contiguous(), config.p, dtype),
        )
        self._mixtures: dict[tuple[int, ...], Mixture] = {
            positions: make_mixture(
                tuple(self._lookups[i] for i in positions), config.n_heads
            )
            for positions in ((0,), (1,), (0, 1))
        }

    def __call__(self, params: Mapping[str, Tensor]) -> Tensor:
        """Compute the logits ``[n, n_classes]`` at the last position."""
        config = self.config
        W_E, W_pos = params["W_E"], params["W_pos"]
        tokens = W_E[..., : config.p, :]
        x = [
            _Rows(values=tokens + W_pos[..., :1, :], lookup=self._lookups[0]),
            _Rows(values=tokens + W_pos[..., 1:2, :], lookup=self._lookups[1]),
            _Rows(values=W_E[..., config.p :, :] + W_pos[..., 2:, :], lookup=None),
        ]
        blocks = [_block(params, layer) for layer in range(config.n_layers)]
        W_U = unembedding(params, config)
        for block in blocks[:-1]:
            x = [self._layer(x, block, query) for query in range(3)]
        logits = self._layer(x, blocks[-1], 2).spread() @ W_U
        return logits + _row(params["b_U"]) if config.unembedding_bias else logits

    def _layer(self, x: list[_Rows], block: Block, query: int) -> _Rows:
        """Apply one block at one position."""
        attended = self._attention(x, block, query)
        if self.config.attention_bias:
            moved = attended.values + _row(block["b_O"])
            attended = _Rows(values=moved, lookup=attended.lookup)
        if attended.lookup is x[query].lookup:
            values, lookup = x[query].values + attended.values, attended.lookup
        else:
            values, lookup = x[query].spread() + attended.spread(), None
        values = self._normalise(values, block, "ln1")
        mlp = block["W_in"], block["b_in"], block["W_out"], block["b_out"]
        values = with_mlp(values, mlp, self.config)
        return _Rows(values=self._normalise(values, block, "ln2"), lookup=lookup)

    def _normalise(self, x: Tensor, block: Block, name: str) -> Tensor:
        """Apply the LayerNorm called ``name``, if the model has any."""
        if x.ndim == 2 or not self.config.layer_norm:
            return layer_norm(x, block, name, self.config)
        plain = torch.nn.functional.layer_norm(x, x.shape[-1:], eps=LAYER_NORM_EPS)
        return plain * _row(block[f"{name}_w"]) + _row(block[f"{name}_b"])

    def _attention(self, x: list[_Rows], block: Block, query: int) -> _Rows:
        """Give what attention adds at one position."""
        W_O = block["W_O"]
        visible = list(range(query + 1 if self.config.causal_mask else 3))
        values = [_project(x[j].values, block, "V") for j in visible]
        if len(visible) == 1:
            out = values[0].flatten(-2) @ W_O.flatten(-3, -2)
            return _Rows(values=out, lookup=x[0].lookup)
        weights = self._pattern(x, block, query, visible)
        out = weights.new_zeros(())
        tables = [j for j in visible if x[j].lookup is not None]
        if tables:
            mapped = [values[j].transpose(-3, -2) @ W_O for j in tables]
            chosen = torch.stack([weights[j] for j in tables])
            table = torch.stack(mapped, dim=-3)
            out = out + mix(chosen, table, self._mixtures[tuple(tables)])
        for j in visible:
            if x[j].constant:
                heads = (values[j].transpose(-3, -2) @ W_O).squeeze(-2)
                out = out + weights[j] @ heads
            elif x[j].lookup is None:
                mixed = weights[j][..., None] * values[j]
                out = out + mixed.flatten(-2) @ W_O.flatten(-3, -2)
        return _Rows(values=out, lookup=None)

    def _pattern(
        self, x: list[_Rows], block: Block, query: int, visible: list[int]
    ) -> Tensor:
        """Give the attention ``[len(visible), n, n_heads]`` of one position."""
        q = _heads(x[query], block, "Q")
        scores = [_scores(q, _heads(x[j], block, "K")) for j in visible]
        stacked = torch.stack([score.expand(self._shape) for score in scores])
        return torch.softmax(stacked / self.config.d_head**0.5, dim=0)


def _project(x: Tensor, block: Block, name: str) -> Tensor:
    """Map rows ``[r, d]`` to all heads, ``[r, n_heads, d_head]``, in one product.

    ``name`` is Q, K or V.
    """
    W, bias = block[f"W_{name}"], block.get(f"b_{name}")
    together = x @ W.transpose(-3, -2).flatten(-2)
    by_head = together.unflatten(-1, (W.shape[-3], W.shape[-1]))
    return by_head if bias is None else by_head + bias.unsqueeze(-3)


def _row(bias: Tensor) -> Tensor:
    """Let a bias ``[d]`` stand for every example."""
    return bias.unsqueeze(-2)


def _heads(x: _Rows, block: Block, name: str) -> _Rows:
    return _Rows(values=_project(x.values, block, name), lookup=x.lookup)


def _scores(q: _Rows, k: _Rows) -> Tensor:
    """Multiply queries and keys ``[r, n_heads, d_head]``, on the tables if they can."""
    one_q, one_k = (x.lookup is None and x.values.shape[-3] == 1 for x in (q, k))
    if one_q or one_k or q.lookup is k.lookup:
        product = (q.values * k.values).sum(-1)
        return _Rows(values=product, lookup=q.lookup or k.lookup).spread()
    return (_spread_heads(q) * _spread_heads(k)).sum(-1)


def _spread_heads(x: _Rows) -> Tensor:
    flat = _Rows(values=x.values.flatten(-2), lookup=x.lookup).spread()
    return flat.unflatten(-1, x.values.shape[-2:])


def _block(params: Mapping[str, Tensor], layer: int) -> dict[str, Tensor]:
    start = f"blocks/{layer}/"
    return {
        name.removeprefix(start): value
        for name, value in params.items()
        if name.startswith(start)
    }
