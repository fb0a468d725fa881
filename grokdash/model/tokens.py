"""Look-ups in tables that have one row per token, with fast exact gradients.

A quantity that depends on one operand alone is computed once per token and looked up
for each example. Autograd's own backward of a look-up adds row after row; here the
examples are sorted by token once, and every sum over the examples of a token is one
batched matrix product (deterministic on every device).

Shapes are those of one run. Several runs of equal shape are looked up at once with one
more axis in front of all of these, ``R`` below: token t of run r is row r · p + t of
one long table, so runs that hold other examples need nothing else.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Which token each of R · n examples has, and the examples of each token.

    ``shape`` is ``(n,)`` or ``(R, n)``; the tensors are flat over runs. ``tokens
    [R · n]`` are rows of the long table. ``padded [R · p, most]`` lists the examples of
    every token, filled up with the first example of its run (never with another run's,
    whose numbers may be NaN); ``valid [R · p, most, 1]`` is 1.0 where an entry is real;
    ``position [R · n]`` says where in ``padded`` (flattened) each example stands.
    """

    shape: tuple[int, ...]
    tokens: Tensor
    padded: Tensor
    valid: Tensor
    position: Tensor
    scratch: dict[tuple[int, torch.dtype], Tensor] = field(default_factory=dict)

    @property
    def runs(self) -> tuple[int, ...]:
        """Shape in front of that of one run: empty, or the number of runs."""
        return self.shape[:-1]

    @property
    def n_tokens(self) -> int:
        """Number of tokens p of one run."""
        return self.padded.shape[0] // math.prod(self.runs)

    def groups(self, values: Tensor) -> Tensor:
        """Sort rows ``[R · n, d]`` by token: ``[R · p, most, d]``, not masked.

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
        """Undo :meth:`groups`: ``[R · p, most, d]`` to ``[R · n, d]``."""
        return values.flatten(0, 1).index_select(0, self.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Look-ups at one or more positions, ready to mix rows of per-head tables.

    ``rows [R · n, n_heads * n_positions]`` is the row of the flattened table that each
    weight of each example belongs to.
    """

    lookups: tuple[Lookup, ...]
    rows: Tensor


def make_mixture(lookups: tuple[Lookup, ...], n_heads: int) -> Mixture:
    """Find the table rows that every example mixes."""
    first = lookups[0]
    n_tokens, n_runs = first.n_tokens, math.prod(first.runs)
    tokens = torch.stack([lookup.tokens for lookup in lookups], dim=1) % n_tokens
    parts = torch.arange(n_runs * n_heads * len(lookups), device=tokens.device)
    starts = (parts * n_tokens).view(n_runs, 1, n_heads, len(lookups))
    rows = starts + tokens.view(n_runs, first.shape[-1], 1, len(lookups))
    return Mixture(lookups=lookups, rows=rows.flatten(0, 1).flatten(1))


def make_lookup(tokens: Tensor, n_tokens: int, dtype: torch.dtype) -> Lookup:
    """Sort the examples ``[n]`` or ``[R, n]`` by token once."""
    shape = tuple(tokens.shape)
    n_runs = math.prod(shape[:-1])
    run = torch.arange(n_runs, device=tokens.device)[:, None]
    tokens = (tokens.view(n_runs, -1) + run * n_tokens).flatten()
    order = torch.argsort(tokens, stable=True)
    counts = torch.bincount(tokens, minlength=n_runs * n_tokens)
    starts = counts.cumsum(0) - counts
    most = int(counts.max())
    column = torch.arange(most, device=tokens.device)
    real = column < counts[:, None]
    where = (starts[:, None] + column).clamp(max=len(tokens) - 1)
    own = (run * shape[-1]).expand(n_runs, n_tokens).reshape(-1, 1)
    padded = torch.where(real, order[where], own)
    position = torch.empty_like(tokens)
    rank = torch.arange(len(tokens), device=tokens.device) - starts[tokens[order]]
    position[order] = tokens[order] * most + rank
    return Lookup(
        shape=shape,
        tokens=tokens,
        padded=padded,
        valid=real[:, :, None].to(dtype),
        position=position,
    )


def look_up(table: Tensor, lookup: Lookup) -> Tensor:
    """Give row ``tokens[i]`` of a table ``[p, d]`` for every example: ``[n, d]``."""
    rows = _LookUp.apply(table.flatten(0, -2), lookup)
    return rows.view(*lookup.shape, table.shape[-1])


def mix(weights: Tensor, table: Tensor, mixture: Mixture) -> Tensor:
    """Add up weighted table rows: Σ_h Σ_j weights[j, i, h] · table[h, j, token_j(i)].

    Parameters
    ----------
    weights
        ``[n_positions, n, n_heads]``; runs stand after the positions.
    table
        ``[n_heads, n_positions, p, d]``.
    mixture
        The tokens at each position.

    Returns
    -------
    Tensor
        ``[n, d]``.
    """
    flat = weights.flatten(1, -2) if weights.ndim > 3 else weights
    rows = _Mix.apply(flat, table, mixture)
    return rows.view(*mixture.lookups[0].shape, table.shape[-1])


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
    """The sum of :func:`mix`; weights and result are flat over runs."""

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
            lookup.ungroup(lookup.groups(weights[j]) @ _by_token(table, j))
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
            d_weights[j] = lookup.ungroup(grad @ _by_token(table, j).transpose(1, 2))
            sums = (grouped.transpose(1, 2) @ grad).view(
                *lookup.runs, lookup.n_tokens, *table.shape[-4:-3], table.shape[-1]
            )
            d_table[..., j, :, :] = sums.transpose(-3, -2)
        return d_weights, d_table, None


def _by_token(table: Tensor, j: int) -> Tensor:
    """Give the rows of position j, one matrix of heads per token: [R · p, h, d]."""
    return table[..., j, :, :].transpose(-3, -2).reshape(-1, *table.shape[-4::3])
