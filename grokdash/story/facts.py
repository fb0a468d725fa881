"""What the story needs to know of one run: moments, and numbers at any of them."""

from functools import cached_property

import numpy as np

from grokdash.analysis import embedding
from grokdash.analysis.parts import pair_logits
from grokdash.snapshot import RunView
from grokdash.store.schema import n_weights
from grokdash.story.moments import Moments, moments
from grokdash.views import get_view
from grokdash.views.core.render import view_arrays
from grokdash.views.core.selection import Selection
from grokdash.views.reading.neurons import frequencies_at

ROUND = 0.1
"""Share of the points' spread that may be something else than the ring."""

EVEN = 1.25
"""By how much a ring may be longer one way than the other."""


class Facts:
    """The numbers of one run that the story states, each at the epoch it names."""

    def __init__(self, run: RunView) -> None:
        self.run = run.at_this_moment()

    @cached_property
    def moments(self) -> Moments:
        """The epochs that the story turns on."""
        return moments(self.run)

    @property
    def last(self) -> int:
        """The newest epoch."""
        return self.moments.last

    @property
    def growing(self) -> bool:
        """Whether the run is still being trained."""
        return self.run.stored.status.state == "running"

    @property
    def weights(self) -> int:
        """How many numbers the network consists of."""
        return n_weights(self.run.config)

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """The key frequencies, ascending."""
        return tuple(sorted(self.run.keys))

    @cached_property
    def k(self) -> int:
        """The frequency that is followed: the strongest key in the embedding."""
        shares = np.nan_to_num(self.shares(self.last))
        among = self.keys or range(1, self.run.n_frequencies + 1)
        return max(among, key=lambda k: float(shares[k - 1]))

    @cached_property
    def other(self) -> int | None:
        """The strongest frequency of the embedding that is no key."""
        shares = np.nan_to_num(self.shares(self.last))
        others = set(range(1, self.run.n_frequencies + 1)) - set(self.keys)
        return max(others, key=lambda k: float(shares[k - 1]), default=None)

    @cached_property
    def neuron(self) -> int:
        """The neuron that follows the frequency most purely in the end."""
        frequency, fraction, dead = frequencies_at(self.run.at(self.last), 0)
        own = np.where(frequency == self.k, 1.0, 0.0) + np.nan_to_num(fraction)
        return int(np.argmax(np.where(dead, -1.0, own)))

    @cached_property
    def head(self) -> int:
        """The head that follows the frequency most purely in the end."""
        frequency, fraction = self.head_frequencies(self.last)
        own = np.where(frequency == self.k, 1.0, 0.0) + np.nan_to_num(fraction)
        return int(np.argmax(own))

    @cached_property
    def pair(self) -> tuple[int, int]:
        """A pair that the story follows: never trained on, wrong first, right now.

        It runs past the end of the clock, so that a + b is not simply the sum. Where
        no pair is all of that, one is taken that is as much of it as any.
        """
        p, learned = self.run.p, self.moments.learned or 0
        a, b = np.indices((p, p))
        merits = [
            ~self.run.train_mask,
            a + b >= p,
            self.answers(self.last) % 2 == 1,
            self.answers(learned) % 2 == 0,
            (a != b) & (b > 0),
        ]
        score = np.sum(merits, axis=0)
        best = np.flatnonzero(score == score.max())
        chosen = int(best[len(best) // 2])
        return chosen // p, chosen % p

    def shares(self, epoch: int) -> np.ndarray:
        """Give each frequency's share of the embedding's variation, ``[nf]``."""
        return embedding.frequency_share(self.run.at(epoch).W_E_canonical)

    def keys_share(self, epoch: int) -> float:
        """Give what the key frequencies hold of the embedding's variation."""
        shares = self.shares(epoch)
        return float(sum(shares[k - 1] for k in self.keys))

    def circle(self, k: int, epoch: int) -> embedding.Circle:
        """Project the numbers on the two directions of a frequency."""
        return self.run.at(epoch).circle(k)

    def is_round(self, k: int, epoch: int) -> bool:
        """Say whether the numbers lie on a ring there, an even one and no chance."""
        found = self.circle(k, epoch)
        even = 1 / EVEN <= found.eccentricity <= EVEN
        return bool(found.residual <= ROUND and even and found.share > self.by_chance)

    @property
    def by_chance(self) -> float:
        """The share that random embeddings seldom have at a frequency."""
        return embedding.chance_share(len(self.run.order), self.run.config.d_model)

    @cached_property
    def round_since(self) -> dict[int, int]:
        """The epoch since which each key's circle has been round; others are left out.

        Known at the checkpoints at which the view of the circles' quality is.
        """
        at, view = self.run.at(self.last), get_view("circle-quality")
        if view.missing(self.run) is not None:
            return {}
        found = view_arrays(at, view, Selection())
        epochs = found["residual_epochs"].astype(int)
        places = np.searchsorted(found["epochs"], epochs)
        ratio = found["eccentricity"][places]
        whole = (found["residual"] <= ROUND) & (ratio <= EVEN) & (ratio >= 1 / EVEN)
        whole &= found["share"][places] > self.by_chance
        since = {}
        for index, k in enumerate(found["k"].astype(int).tolist()):
            gaps = np.flatnonzero(~whole[:, index])
            start = int(gaps[-1]) + 1 if len(gaps) else 0
            if start < len(epochs):
                since[k] = int(epochs[start])
        return since

    def head_frequencies(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Give frequency and its share of the variation for every head."""
        at = self.run.at(epoch)
        return at.measure("attention/freq"), at.measure("attention/frac").astype(float)

    def neuron_share(self, epoch: int) -> tuple[int, float]:
        """Give the best frequency of the followed neuron and its share."""
        frequency, fraction, _ = frequencies_at(self.run.at(epoch), 0)
        return int(frequency[self.neuron]), float(fraction[self.neuron])

    def following(self, epoch: int) -> tuple[int, int]:
        """Count the neurons that follow a key frequency, and those that do anything."""
        frequency, _, dead = frequencies_at(self.run.at(epoch), 0)
        return int(np.isin(frequency, self.keys).sum()), int((~dead).sum())

    def value(self, measure: str, epoch: int) -> float:
        """Give a stored measure that is one number."""
        return float(self.run.at(epoch).measure(measure))

    def heaviest(self) -> int:
        """Give the epoch at which the sum of all squared weights is largest."""
        total = self.run.series("weights/sumsq_total")
        return int(self.run.steps[int(np.nanargmax(total))])

    def answers(self, epoch: int) -> np.ndarray:
        """Give for every pair 2 if it was trained on, and 1 more if it is right."""
        view = get_view("answers")
        return view_arrays(self.run.at(epoch), view, Selection())["answer"]

    def favourite(self, epoch: int) -> tuple[int, float]:
        """Give the answer that comes most often, and to what share of all pairs."""
        answers = self.run.at(epoch).logits.argmax(axis=-1)
        counts = np.bincount(answers.ravel())
        return int(counts.argmax()), float(counts.max() / answers.size)

    def said(self, a: int, b: int, epoch: int) -> int:
        """Give what the network answers to one pair."""
        run = self.run
        logits = pair_logits(run.at(epoch).params(), run.config, a, b)
        return int(np.argmax(logits[: run.p]))
