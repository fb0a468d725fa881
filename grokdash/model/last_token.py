"""The fast exact forward pass: only what the last position needs, once per token.

Only the last position is read out, so the last layer is computed there alone. Before
anything mixes the operands, a position's residual stream depends on one token alone, so
its keys, values and scores are rows of a table with one row per token; under a causal
mask this holds for the first position at every layer. In a one-layer model without
LayerNorm everything up to the non-linearity is linear in the attention weights, so the
tables are pushed through W_O and W_in (and W_O and W_U) before any example is looked
at, and W_out W_U is one matrix. The numbers are those of the textbook pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.model.parameters import unembedding
from grokdash.model.textbook import activate, layer_norm
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
        return self.lookup is None and self.values.shape[0] == 1


class FastForward:
    """The fast forward pass for one fixed set of examples.

    Parameters
    ----------
    config
        The configuration that gives the architecture.
    pairs
        Operands ``[n, 2]``, int64, on the device of the parameters.
    dtype
        Precision of the parameters.
    """

    def __init__(
        self, config: RunConfig, pairs: Tensor, dtype: torch.dtype = torch.float32
    ) -> None:
        self.config = config
        self.n = len(pairs)
        self._lookups = (
            make_lookup(pairs[:, 0].contiguous(), config.p, dtype),
            make_lookup(pairs[:, 1].contiguous(), config.p, dtype),
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
        x = [
            _Rows(values=W_E[: config.p] + W_pos[0], lookup=self._lookups[0]),
            _Rows(values=W_E[: config.p] + W_pos[1], lookup=self._lookups[1]),
            _Rows(values=(W_E[config.p] + W_pos[2])[None], lookup=None),
        ]
        blocks = [_block(params, layer) for layer in range(config.n_layers)]
        W_U = unembedding(params, config)
        if config.n_layers == 1 and not config.layer_norm:
            return self._one_layer(x, blocks[0], W_U)
        for block in blocks[:-1]:
            x = [self._layer(x, block, query) for query in range(3)]
        return self._layer(x, blocks[-1], 2).spread() @ W_U

    def _one_layer(self, x: list[_Rows], block: Block, W_U: Tensor) -> Tensor:
        """Fold the tables through W_O W_in and W_O W_U: [a − "=", b − "="] rows.

        The weight on "=" is one minus the other two, which leaves two table rows per
        head and example and one constant row.
        """
        weights = self._pattern(x, block, 2, [0, 1, 2])[:2]
        W_O, last = block["W_O"], x[2].values
        vectors = torch.cat([position.values for position in x])
        values = torch.matmul(vectors, block["W_V"])
        hidden = self._fold(weights, values, W_O @ block["W_in"])
        hidden = hidden + (last @ block["W_in"] + block["b_in"])
        direct = self._fold(weights, values, W_O @ W_U)
        direct = direct + (last + block["b_out"]) @ W_U
        return torch.addmm(direct, activate(hidden, self.config), block["W_out"] @ W_U)

    def _fold(self, weights: Tensor, values: Tensor, out: Tensor) -> Tensor:
        """Mix values ``[n_heads, 2p+1, d_head]`` mapped by ``[n_heads, d_head, d]``."""
        table = values @ out
        equals = table[:, -1:]
        table = (table[:, :-1] - equals).unflatten(1, (2, self.config.p))
        return mix(weights, table, self._mixtures[0, 1]) + equals.sum(0)

    def _layer(self, x: list[_Rows], block: Block, query: int) -> _Rows:
        """Apply one block at one position."""
        attended = self._attention(x, block, query)
        if attended.lookup is x[query].lookup:
            values, lookup = x[query].values + attended.values, attended.lookup
        else:
            values, lookup = x[query].spread() + attended.spread(), None
        values = layer_norm(values, block, "ln1", self.config)
        neurons = activate(values @ block["W_in"] + block["b_in"], self.config)
        values = values + (neurons @ block["W_out"] + block["b_out"])
        return _Rows(
            values=layer_norm(values, block, "ln2", self.config), lookup=lookup
        )

    def _attention(self, x: list[_Rows], block: Block, query: int) -> _Rows:
        """Give what attention adds at one position."""
        W_O = block["W_O"]
        visible = list(range(query + 1 if self.config.causal_mask else 3))
        values = [x[j].values @ block["W_V"] for j in visible]
        if len(visible) == 1:
            return _Rows(values=(values[0] @ W_O).sum(0), lookup=x[0].lookup)
        weights = self._pattern(x, block, query, visible)
        out = weights.new_zeros(())
        tables = [j for j in visible if x[j].lookup is not None]
        if tables:
            table = torch.stack([values[j] @ W_O for j in tables], dim=1)
            chosen = torch.stack([weights[j] for j in tables])
            out = out + mix(chosen, table, self._mixtures[tuple(tables)])
        for j in visible:
            if x[j].constant:
                out = out + weights[j] @ (values[j] @ W_O)[:, 0]
            elif x[j].lookup is None:
                mixed = weights[j][:, :, None] * values[j].transpose(0, 1)
                out = out + mixed.flatten(1) @ W_O.flatten(0, 1)
        return _Rows(values=out, lookup=None)

    def _pattern(
        self, x: list[_Rows], block: Block, query: int, visible: list[int]
    ) -> Tensor:
        """Give the attention ``[len(visible), n, n_heads]`` of one position."""
        q = self._heads(x[query], block["W_Q"])
        scores = [_scores(q, self._heads(x[j], block["W_K"])) for j in visible]
        shape = (self.n, self.config.n_heads)
        stacked = torch.stack([score.expand(shape) for score in scores])
        return torch.softmax(stacked / self.config.d_head**0.5, dim=0)

    def _heads(self, x: _Rows, W: Tensor) -> _Rows:
        """Project to all heads: ``[r, n_heads * d_head]``."""
        values = (x.values @ W).transpose(0, 1)
        return _Rows(values=values, lookup=x.lookup)


def _scores(q: _Rows, k: _Rows) -> Tensor:
    """Multiply queries and keys, on the tables where one table has both."""
    if q.constant or k.constant or q.lookup is k.lookup:
        product = (q.values * k.values).sum(-1)
        return _Rows(values=product, lookup=q.lookup or k.lookup).spread()
    return (_spread_heads(q) * _spread_heads(k)).sum(-1)


def _spread_heads(x: _Rows) -> Tensor:
    flat = _Rows(values=x.values.flatten(1), lookup=x.lookup).spread()
    return flat.unflatten(1, x.values.shape[1:])


def _block(params: Mapping[str, Tensor], layer: int) -> dict[str, Tensor]:
    start = f"blocks/{layer}/"
    return {
        name.removeprefix(start): value
        for name, value in params.items()
        if name.startswith(start)
    }
