"""Look-ups in tables that have one row per token, with fast exact gradients.

A quantity that depends on one operand alone is computed once per token and looked up
for each example. Autograd's own backward of a look-up adds row after row; here the
examples are sorted by token once, and every sum over the examples of a token is one
batched matrix product (deterministic on every device).
"""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Which token each of n examples has, and the examples of each token.

    ``padded [p, most]`` lists the examples of every token, filled up with example 0;
    ``valid [p, most, 1]`` is 1.0 where an entry is real; ``position [n]`` says where
    in ``padded`` (flattened) each example stands.
    """

    tokens: Tensor
    padded: Tensor
    valid: Tensor
    position: Tensor
    scratch: dict[tuple[int, torch.dtype], Tensor] = field(default_factory=dict)

    @property
    def n_tokens(self) -> int:
        """Number of rows of the tables."""
        return self.padded.shape[0]

    def groups(self, values: Tensor) -> Tensor:
        """Sort rows ``[n, d]`` by token: ``[p, most, d]``, not masked.

        The next call with the same d overwrites the result: fresh memory of this size
        costs more than the sorting.
        """
        key = (values.shape[1], values.dtype)
        if key not in self.scratch:
            rows = self.padded.numel()
            self.scratch[key] = values.new_empty(rows, values.shape[1])
        flat = self.scratch[key]
        torch.index_select(values, 0, self.padded.flatten(), out=flat)
        return flat.view(*self.padded.shape, values.shape[1])

    def ungroup(self, values: Tensor) -> Tensor:
        """Undo :meth:`groups`: ``[p, most, d]`` to ``[n, d]``."""
        return values.flatten(0, 1).index_select(0, self.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Look-ups at one or more positions, ready to mix rows of per-head tables.

    ``rows [n, n_heads * n_positions]`` is the row of the flattened table that each
    weight of each example belongs to.
    """

    lookups: tuple[Lookup, ...]
    rows: Tensor


def make_mixture(lookups: tuple[Lookup, ...], n_heads: int) -> Mixture:
    """Find the table rows that every example mixes."""
    tokens = torch.stack([lookup.tokens for lookup in lookups], dim=1)
    n_tokens = lookups[0].n_tokens
    first = torch.arange(n_heads * len(lookups), device=tokens.device) * n_tokens
    rows = first.view(1, n_heads, len(lookups)) + tokens[:, None, :]
    return Mixture(lookups=lookups, rows=rows.flatten(1))


def make_lookup(tokens: Tensor, n_tokens: int, dtype: torch.dtype) -> Lookup:
    """Sort the examples by token once."""
    order = torch.argsort(tokens, stable=True)
    counts = torch.bincount(tokens, minlength=n_tokens)
    starts = counts.cumsum(0) - counts
    most = int(counts.max())
    column = torch.arange(most, device=tokens.device)
    real = column < counts[:, None]
    where = (starts[:, None] + column).clamp(max=len(tokens) - 1)
    padded = torch.where(real, order[where], 0)
    position = torch.empty_like(tokens)
    rank = torch.arange(len(tokens), device=tokens.device) - starts[tokens[order]]
    position[order] = tokens[order] * most + rank
    return Lookup(
        tokens=tokens,
        padded=padded,
        valid=real[:, :, None].to(dtype),
        position=position,
    )


def look_up(table: Tensor, lookup: Lookup) -> Tensor:
    """Give row ``tokens[i]`` of a table ``[p, d]`` for every example: ``[n, d]``."""
    return _LookUp.apply(table, lookup)


def mix(weights: Tensor, table: Tensor, mixture: Mixture) -> Tensor:
    """Add up weighted table rows: Σ_h Σ_j weights[j, i, h] · table[h, j, token_j(i)].

    Parameters
    ----------
    weights
        ``[n_positions, n, n_heads]``.
    table
        ``[n_heads, n_positions, p, d]``.
    mixture
        The tokens at each position.

    Returns
    -------
    Tensor
        ``[n, d]``.
    """
    return _Mix.apply(weights, table, mixture)


class _LookUp(Function):
    @staticmethod
    def forward(ctx: Any, table: Tensor, lookup: Lookup) -> Tensor:
        ctx.lookup = lookup
        return table.index_select(0, lookup.tokens)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        lookup: Lookup = ctx.lookup
        return (lookup.groups(grads[0]) * lookup.valid).sum(1), None


class _Mix(Function):
    @staticmethod
    def forward(ctx: Any, weights: Tensor, table: Tensor, mixture: Mixture) -> Tensor:
        ctx.save_for_backward(weights, table)
        ctx.mixture = mixture
        if weights.device.type == "cpu":
            # One fused kernel that reads every row once.
            return torch.nn.functional.embedding_bag(
                mixture.rows,
                table.reshape(-1, table.shape[-1]),
                mode="sum",
                per_sample_weights=weights.permute(1, 2, 0).flatten(1),
            )
        parts = [
            lookup.ungroup(lookup.groups(weights[j]) @ table[:, j].transpose(0, 1))
            for j, lookup in enumerate(mixture.lookups)
        ]
        return parts[0] if len(parts) == 1 else parts[0] + parts[1]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        weights, table = ctx.saved_tensors
        d_weights, d_table = torch.empty_like(weights), torch.empty_like(table)
        for j, lookup in enumerate(ctx.mixture.lookups):
            grouped = lookup.groups(weights[j]) * lookup.valid
            grad = lookup.groups(grads[0])
            d_weights[j] = lookup.ungroup(grad @ table[:, j].permute(1, 2, 0))
            d_table[:, j] = (grouped.transpose(1, 2) @ grad).transpose(0, 1)
        return d_weights, d_table, None
