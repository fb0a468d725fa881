"""Pairs grouped by their answer: the fibres over which logits are averaged.

Where the operation has a canonical frame the fibre of s holds the q pairs whose indices
add to s; otherwise it holds the pairs whose answer (label) is s, and fibres may differ
in size or be empty.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from grokdash.analysis.groups import canonical
from grokdash.operations import Operation, get_operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Fibres:
    """Every counted pair once, sorted by answer.

    ``order``: flat pair index a·p + b; ``bounds``: fibre s is
    ``order[bounds[s]:bounds[s + 1]]``; ``class_order``: the logit column of answer s;
    ``train``: which pairs are trained on, in this order; ``seen``: those, and under a
    commutative rule their mirror images (b, a), which a network answers long before it
    answers others; ``mirrored``: which pairs have another of the same answer as their
    mirror image; ``is_group``: whether the frame is canonical (else s is the
    bare label).
    """

    order: Int[np.ndarray, " n"]
    bounds: Int[np.ndarray, " q1"]
    class_order: Int[np.ndarray, " q"]
    train: Bool[np.ndarray, " n"]
    seen: Bool[np.ndarray, " n"]
    mirrored: Bool[np.ndarray, " n"]
    is_group: bool

    @property
    def q(self) -> int:
        """Number of answers."""
        return len(self.class_order)

    @property
    def sizes(self) -> Int[np.ndarray, " q"]:
        """Pairs per answer."""
        return np.diff(self.bounds)

    @property
    def label(self) -> Int[np.ndarray, " n"]:
        """Answer index s of every pair."""
        return np.repeat(np.arange(self.q), self.sizes)

    @property
    def counts(self) -> Int[np.ndarray, "q 2"]:
        """Training and test pairs per answer: the weights of a restricted loss."""
        return self._per_answer(self.train)

    @property
    def seen_counts(self) -> Int[np.ndarray, "q 2"]:
        """Seen and unseen pairs per answer: what cross-split measures compare."""
        return self._per_answer(self.seen)

    @property
    def unseen_draws(self) -> Float[np.ndarray, " q"]:
        """Unseen pairs per answer, as many as are answered independently.

        A network that answers (a, b) and (b, a) alike answers them at once.
        """
        n = self.seen_counts[:, 1]
        twice = self._per_answer(self.mirrored & ~self.seen)[:, 0]
        return n**2 / np.maximum(n + twice, 1)

    def _per_answer(self, chosen: Bool[np.ndarray, " n"]) -> Int[np.ndarray, "q 2"]:
        """Count the chosen and the other pairs of every answer."""
        within = np.bincount(self.label[chosen], minlength=self.q)
        return np.stack([within, self.sizes - within], axis=1)

    def gather(self, logits: Float[np.ndarray, "p p p"]) -> Float[np.ndarray, "n q"]:
        """Give the logits of the grouped pairs, classes in canonical order."""
        p = logits.shape[-1]
        rows = logits.reshape(p * p, p)[self.order]
        in_order = self.q == p and np.array_equal(self.class_order, np.arange(p))
        return rows if in_order else rows[:, self.class_order]

    def mean(self, X: Float[np.ndarray, "p p d"]) -> Float[np.ndarray, "q d"]:
        """Average features over every fibre; an empty fibre gets the overall mean."""
        return self.mean_of_rows(X.reshape(-1, X.shape[-1])[self.order])

    def mean_of_rows(self, rows: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "q d"]:
        """Average rows already grouped; see :meth:`mean`."""
        if self.is_group:
            ones = np.ones(self.q)
            answers = rows.reshape(self.q, self.q, -1)
            return np.stack([ones @ own.astype(np.float64) for own in answers]) / self.q
        parts = np.split(rows, self.bounds[1:-1])
        overall = rows.mean(axis=0, dtype=np.float64)
        return np.stack(
            [
                part.mean(axis=0, dtype=np.float64) if len(part) else overall
                for part in parts
            ]
        )


def fibres(
    operation: str | Operation, p: int, train_mask: Bool[np.ndarray, "p p"]
) -> Fibres:
    """Group the pairs of an operation by answer.

    Parameters
    ----------
    operation
        Name or value of the operation.
    p
        Modulus.
    train_mask
        Which pairs are trained on.
    """
    rule = get_operation(operation) if isinstance(operation, str) else operation
    mirrored = _mirrored(rule.table(p))
    frame = canonical(rule, p)
    if frame is not None:
        q = frame.modulus
        i = np.arange(q)
        b_index = (i[:, None] - i[None, :]) % q
        order = (frame.a_order[None, :] * p + frame.b_order[b_index]).ravel()
        bounds, class_order = np.arange(q + 1) * q, frame.c_order
    else:
        table = rule.table(p).ravel()
        order = np.argsort(table, kind="stable")
        order = order[table[order] >= 0]
        sizes = np.bincount(table[order], minlength=p)
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        class_order = np.arange(p)
    return Fibres(
        order=order,
        bounds=bounds,
        class_order=class_order,
        train=train_mask.ravel()[order],
        seen=(train_mask | (train_mask.T & mirrored)).ravel()[order],
        mirrored=mirrored.ravel()[order],
        is_group=frame is not None,
    )


def _mirrored(table: Int[np.ndarray, "p p"]) -> Bool[np.ndarray, "p p"]:
    """Mark the pairs (a, b) with a ≠ b of a rule for which a ∘ b is always b ∘ a."""
    commutative = np.array_equal(table, table.T)
    return ~np.eye(len(table), dtype=bool) & commutative
