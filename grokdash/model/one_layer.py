"""The model of one layer without LayerNorm: values and gradients, written out.

Up to the non-linearity everything is linear in the attention weights, so what depends
on one token alone is a table with a row per token, pushed through W_O and then W_in and
W_U side by side before any example is looked at; W_out W_U is one matrix. The weight on
"=" is one minus the other two, which leaves two table rows per head and example and one
row for all. Scores need no keys: x W_K · q is x · (W_K q). An update of a small network
is spent on the way from one operation to the next, so there are as few as possible, and
no autograd. The numbers are those of the textbook pass.

Shapes are those of one run. Several runs of equal shape are computed at once with one
more axis, the runs, in front of all of these. ``w`` is d_mlp + n_classes, and tables
have 2p + 1 rows: a at its place, b at its place, and "=".
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.model.mlp import activated, through_activation
from grokdash.model.parameters import trained_names, unembedding
from grokdash.model.tokens import Lookup, make_lookup

_BLOCK = "blocks/0/"


@dataclass(slots=True, kw_only=True)
class _Kept:
    """What the gradients need of one forward pass."""

    params: Mapping[str, Tensor]
    x: Tensor  # [2p + 1, d_model]
    query: Tensor  # [n_heads, d_head], over √d_head
    folded: Tensor  # [n_heads, d_model]: W_K q
    values: Tensor  # [n_heads, 2p + 1, d_head]
    W_V: Tensor  # [d_model, n_heads · d_head]
    W_U: Tensor  # [d_model, n_classes]
    wide: Tensor  # [d_model, w]
    out: Tensor  # [n_heads, d_head, w]: W_O wide
    table: Tensor  # [n_heads, 2p + 1, w], less its last row
    weights: Tensor  # [n, 3, n_heads]
    before: Tensor  # [n, d_mlp], the non-linearity's input; of ReLU its output
    hidden: Tensor  # [n, d_mlp]
    readout: Tensor  # [d_mlp, n_classes]: W_out W_U


class OneLayer:
    """Logits and gradients for one fixed set of examples.

    Parameters
    ----------
    config
        A model of one layer without LayerNorm and biases of attention and logits.
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
        self._runs = pairs.shape[:-2]
        self._lookups = tuple(
            make_lookup(pairs[..., j].contiguous(), config.p, dtype) for j in (0, 1)
        )
        places = (pairs[..., 0], pairs[..., 1] + config.p)
        equals = torch.full_like(places[0], 2 * config.p)
        rows = torch.stack([*places, equals], dim=-1)
        self._score_rows = self._of_runs(rows, 1).flatten()
        heads = torch.arange(config.n_heads, device=pairs.device) * self._n_rows
        by_head = rows[..., :2, None] + heads
        self._table_rows = self._of_runs(by_head, config.n_heads).flatten(-2)
        self._table_rows = self._table_rows.flatten(0, -2)
        self._kept: _Kept | None = None

    @property
    def _n_rows(self) -> int:
        return 2 * self.config.p + 1

    def _of_runs(self, rows: Tensor, parts: int) -> Tensor:
        """Let every run look into its own part of one long table."""
        if not self._runs:
            return rows
        start = torch.arange(self._runs[0], device=rows.device) * parts * self._n_rows
        return rows + start.view(-1, *(1 for _ in rows.shape[1:]))

    @torch.no_grad()
    def forward(self, params: Mapping[str, Tensor]) -> Tensor:
        """Compute the logits ``[n, n_classes]``, and keep what their gradients need."""
        config, m = self.config, self.config.d_mlp
        x, W_U = self._embed(params), unembedding(params, config)
        block = {name: params[_BLOCK + name] for name in ("W_K", "W_Q", "W_V", "W_O")}
        query = (x[..., None, -1:, :] @ block["W_Q"]).squeeze(-2) / config.d_head**0.5
        folded = (block["W_K"] @ query[..., None]).squeeze(-1)
        weights = self._attend(x @ folded.mT)
        W_V = block["W_V"].transpose(-3, -2).flatten(-2)
        values = (x @ W_V).unflatten(-1, query.shape[-2:]).transpose(-3, -2)
        wide = torch.cat([params[_BLOCK + "W_in"], W_U], dim=-1)
        out = (block["W_O"].flatten(-3, -2) @ wide).unflatten(-2, query.shape[-2:])
        table = values @ out
        constant = table[..., -1, :].sum(-2) + self._own(params, x, wide)
        table[..., :-1, :] -= table[..., -1:, :]
        mixed = self._mix(weights, table)
        mixed += constant.unsqueeze(-2)
        before = mixed[..., :m]
        hidden = activated(before, relu=config.activation == "relu")
        readout = params[_BLOCK + "W_out"] @ W_U
        self._kept = _Kept(
            params=params,
            x=x,
            query=query,
            folded=folded,
            values=values,
            W_V=W_V,
            W_U=W_U,
            wide=wide,
            out=out,
            table=table,
            weights=weights,
            before=before,
            hidden=hidden,
            readout=readout,
        )
        add_product = torch.baddbmm if self._runs else torch.addmm
        return add_product(mixed[..., m:], hidden, readout)

    @torch.no_grad()
    def backward(self, gradient: Tensor) -> list[Tensor]:
        """Give the gradient of every trained parameter, once for each forward pass.

        Parameters
        ----------
        gradient
            That of the logits, ``[n, n_classes]``, in any precision.
        """
        kept = self._kept
        if kept is None:
            raise RuntimeError("gradients were asked for before the values")
        self._kept = None
        d_mixed, d_readout = self._through_readout(kept, gradient)
        d_weights, d_table, d_row = self._unmix(kept, d_mixed)
        found = self._of_readout(kept, d_readout, d_row)
        d_x = self._through_values(kept, d_table, d_row, found)
        d_x += self._through_scores(kept, d_weights, found)
        self._of_embedding(d_x, found)
        if self.config.tied_unembedding:
            d_W_U = found.pop("W_U").mT
            found["W_E"][..., : d_W_U.shape[-2], :] += d_W_U
        found = {name.removeprefix(_BLOCK): value for name, value in found.items()}
        names = trained_names(self.config)
        return [found[name.removeprefix(_BLOCK)] for name in names]

    def _embed(self, params: Mapping[str, Tensor]) -> Tensor:
        W_E, W_pos, p = params["W_E"], params["W_pos"], self.config.p
        x = W_E.new_empty(*self._runs, self._n_rows, W_E.shape[-1])
        torch.add(W_E[..., :p, :], W_pos[..., :1, :], out=x[..., :p, :])
        torch.add(W_E[..., :p, :], W_pos[..., 1:2, :], out=x[..., p:-1, :])
        torch.add(W_E[..., p:, :], W_pos[..., 2:, :], out=x[..., -1:, :])
        return x

    def _attend(self, scores: Tensor) -> Tensor:
        """Give the attention ``[n, 3, n_heads]`` by scores ``[2p + 1, n_heads]``."""
        chosen = scores.flatten(0, -2).index_select(0, self._score_rows)
        return torch.softmax(chosen.view(-1, 3, self.config.n_heads), dim=1)

    def _own(self, params: Mapping[str, Tensor], x: Tensor, wide: Tensor) -> Tensor:
        """Give what the position itself adds: ``[w]``, biases included."""
        m = self.config.d_mlp
        row = (x[..., -1:, :] @ wide).squeeze(-2)
        row[..., :m] += params[_BLOCK + "b_in"]
        b_out = params[_BLOCK + "b_out"].unsqueeze(-2)
        row[..., m:] += (b_out @ wide[..., m:]).squeeze(-2)
        return row

    def _mix(self, weights: Tensor, table: Tensor) -> Tensor:
        """Add up the rows of the operands: ``[n, w]``."""
        width = table.shape[-1]
        if _has_fused_sum(table.device):
            # One fused kernel that reads every row once.
            mixed = torch.nn.functional.embedding_bag(
                self._table_rows,
                table.view(-1, width),
                mode="sum",
                per_sample_weights=weights[:, :2].flatten(1),
            )
        else:
            first, second = (
                own.ungroup(own.groups(weights[:, j]) @ self._by_token(table, j))
                for j, own in enumerate(self._lookups)
            )
            mixed = first + second
        return mixed.view(*self._runs, -1, width)

    def _by_token(self, table: Tensor, j: int) -> Tensor:
        """Give the rows of an operand, a matrix of heads per token: ``[p, h, w]``."""
        p = self.config.p
        rows = table[..., j * p : (j + 1) * p, :].transpose(-3, -2)
        return rows.reshape(-1, *rows.shape[-2:])

    def _through_readout(self, kept: _Kept, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """Give the gradients of the mixed rows ``[n, w]`` and of W_out W_U."""
        m = self.config.d_mlp
        d_mixed = kept.hidden.new_empty(*gradient.shape[:-1], kept.wide.shape[-1])
        d_logits, d_hidden = d_mixed[..., m:], d_mixed[..., :m]
        d_logits.copy_(gradient)
        d_readout = kept.hidden.mT @ d_logits
        torch.matmul(d_logits, kept.readout.mT, out=d_hidden)
        relu = self.config.activation == "relu"
        through_activation(d_hidden, kept.before, relu=relu)
        return d_mixed, d_readout

    def _unmix(self, kept: _Kept, d_mixed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Give the gradients of the weights, of the table and of the row for all."""
        flat, p = d_mixed.flatten(0, -2), self.config.p
        d_weights = torch.zeros_like(kept.weights)
        d_table = torch.empty_like(kept.table)
        d_row = d_mixed.new_empty(())
        for j, own in enumerate(self._lookups):
            grouped = own.groups(flat)
            products = self._by_token(kept.table, j) @ grouped.mT
            d_weights[:, j] = own.ungroup(products.mT.contiguous())
            sums = _weighted(own, kept.weights[:, j]).mT @ grouped
            sums = sums.view(*self._runs, p, *sums.shape[1:])
            heads = sums[..., :-1, :].transpose(-3, -2)
            d_table[..., j * p : (j + 1) * p, :] = heads
            # Every example stands in both sums: the last decides.
            d_row = sums[..., -1, :].sum(-2)
        d_table[..., -1, :] = d_row.unsqueeze(-2) - d_table[..., :-1, :].sum(-2)
        return d_weights, d_table, d_row

    def _of_readout(
        self, kept: _Kept, d_readout: Tensor, d_row: Tensor
    ) -> dict[str, Tensor]:
        """Give what is known so far; of W_U, what W_out and b_out have in it."""
        m, W_U = self.config.d_mlp, kept.W_U
        W_out, b_out = (kept.params[_BLOCK + name] for name in ("W_out", "b_out"))
        d_direct = d_row[..., m:]
        d_W_U = W_out.mT @ d_readout
        d_W_U += b_out[..., None] * d_direct[..., None, :]
        return {
            "W_U": d_W_U,
            "b_in": d_row[..., :m],
            "b_out": (W_U @ d_direct[..., None]).squeeze(-1),
            "W_out": d_readout @ W_U.mT,
        }

    def _through_values(
        self, kept: _Kept, d_table: Tensor, d_row: Tensor, found: dict[str, Tensor]
    ) -> Tensor:
        """Give the gradient of x by what attention moves and the position's own."""
        heads, m = kept.query.shape[-2:], self.config.d_mlp
        W_O = kept.params[_BLOCK + "W_O"].flatten(-3, -2)
        d_out = (kept.values.mT @ d_table).flatten(-3, -2)
        d_wide = W_O.mT @ d_out
        d_wide += kept.x[..., -1, :, None] * d_row[..., None, :]
        d_values = (d_table @ kept.out.mT).transpose(-3, -2).flatten(-2)
        d_W_V = (kept.x.mT @ d_values).unflatten(-1, heads)
        found["W_V"] = d_W_V.transpose(-3, -2)
        found["W_O"] = (d_out @ kept.wide.mT).unflatten(-2, heads)
        found["W_in"] = d_wide[..., :m]
        found["W_U"] += d_wide[..., m:]
        d_x = d_values @ kept.W_V.mT
        d_x[..., -1, :] += (kept.wide @ d_row[..., None]).squeeze(-1)
        return d_x

    def _through_scores(
        self, kept: _Kept, d_weights: Tensor, found: dict[str, Tensor]
    ) -> Tensor:
        """Give the gradient of x by how much attention moves."""
        W_K, W_Q = (kept.params[_BLOCK + name] for name in ("W_K", "W_Q"))
        weights = kept.weights
        d_each = weights * d_weights
        d_each -= weights * d_each.sum(1, keepdim=True)
        d_scores = self._sum_scores(d_each)
        d_folded = d_scores.mT @ kept.x
        d_query = (d_folded[..., None, :] @ W_K).squeeze(-2) / self.config.d_head**0.5
        found["W_K"] = d_folded[..., None] * kept.query[..., None, :]
        found["W_Q"] = kept.x[..., -1, None, :, None] * d_query[..., None, :]
        d_x = d_scores @ kept.folded
        d_x[..., -1, :] += (W_Q @ d_query[..., None]).squeeze(-1).sum(-2)
        return d_x

    def _sum_scores(self, d_each: Tensor) -> Tensor:
        """Add up ``[n, 3, n_heads]`` by table row: ``[2p + 1, n_heads]``."""
        heads = self.config.n_heads
        parts = [
            (own.groups(d_each[:, j]) * own.valid).sum(1).view(*self._runs, -1, heads)
            for j, own in enumerate(self._lookups)
        ]
        equals = d_each[:, 2].view(*self._runs, -1, heads).sum(-2, keepdim=True)
        return torch.cat([*parts, equals], dim=-2)

    def _of_embedding(self, d_x: Tensor, found: dict[str, Tensor]) -> None:
        first, second, equals = d_x.split([self.config.p, self.config.p, 1], dim=-2)
        found["W_E"] = torch.cat([first + second, equals], dim=-2)
        sums = [first.sum(-2, keepdim=True), second.sum(-2, keepdim=True), equals]
        found["W_pos"] = torch.cat(sums, dim=-2)


def _has_fused_sum(device: torch.device) -> bool:
    return device.type == "cpu"


def _weighted(lookup: Lookup, weights: Tensor) -> Tensor:
    """Sort weights ``[n, h]`` by token and add one for each: ``[p, most, h + 1]``."""
    grouped = lookup.groups(weights) * lookup.valid
    return torch.cat([grouped, lookup.valid], dim=-1)
