"""The published numbers of the mainline run beside those of a run of ours.

    python benchmarks/published.py STORE [RUN [EPOCH]]

Reads a one-layer addition run without LayerNorm, as the nanda preset trains, and prints
Markdown tables of its last checkpoint: about a minute on one core, nothing is written.
docs/measured.md holds such tables with what there is to say about them. Without a
store there is nothing to measure: the script says so and succeeds.

"Paper" is Nanda et al. 2023 (arXiv:2301.05217), "notebook" its authors' public one.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np

from grokdash.analysis import (
    ablations,
    attention,
    cross_split,
    fibres,
    fourier,
    keys,
    logits,
    neurons,
    phases,
    progress,
    weights,
)
from grokdash.analysis.dead import dead_neurons
from grokdash.analysis.forward import Edits, forward, neuron_logit_map
from grokdash.config import RunConfig
from grokdash.errors import GrokdashError
from grokdash.store import Run, open_store
from grokdash.written import percent

HEADER = ("quantity", "published", "ours", "remark")
BOUNDS = {"0.1": 0.1, "1e-4": 1e-4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; ``ours`` is a number already written out."""

    quantity: str
    published: str
    ours: str
    remark: str = ""


class Checkpoint:
    """The analysed network, its key frequencies and what is shared between rows."""

    def __init__(self, run: Run, step: int) -> None:
        self.run, self.step = run, step
        self.config: RunConfig = run.config
        self.params = run.params(step)
        self.mask = run.train_mask()
        self.fibres = fibres.fibres(run.config.rule, run.config.p, self.mask)
        self.activations = forward(self.params, run.config)
        rows = self.fibres.gather(self.activations.logits)
        self.means = self.fibres.mean_of_rows(rows)
        spectrum = logits.spectrum(self.activations.logits)
        self.sum_share, self.energy = spectrum.sum_share, spectrum.energy
        unseen = cross_split.unseen_means(rows, self.fibres)
        means = cross_split.split_means(self.means, unseen, self.fibres.seen_counts)
        share = cross_split.shares(means, spectrum.energy)
        self.keys = cross_split.key_frequencies(share, self.sum_share, self.fibres)

    @property
    def p(self) -> int:
        return self.config.p

    @property
    def N(self) -> np.ndarray:
        return self.activations.neurons[0]

    @property
    def pattern(self) -> np.ndarray:
        return self.activations.patterns[0]

    @cached_property
    def W_L(self) -> np.ndarray:
        return neuron_logit_map(self.params, self.config)

    @cached_property
    def read_directions(self) -> np.ndarray:
        rows = [r for k in self.keys for r in fourier.frequency_rows(k, self.p)]
        return (fourier.basis(self.p) @ self.W_L.T)[rows]

    @cached_property
    def found(self) -> neurons.NeuronFrequencies:
        return neurons.frequencies(self.N)

    @cached_property
    def dead(self) -> np.ndarray:
        defined = np.ones((self.p, self.p), bool)
        return dead_neurons(self.params, self.config, self.activations, 0, defined)

    @cached_property
    def loss(self) -> float:
        return self.edited()

    def edited(self, edits: Edits | None = None) -> float:
        """Give the loss on all pairs with something replaced."""
        scores = ablations.score(self.params, self.config, self.mask, edits)
        return float(scores.loss[2])

    def versus(self, loss: float) -> str:
        """Write a loss and how it compares to the whole network's."""
        change = loss / self.loss - 1
        if change > 100:
            return number(loss)
        sign = "+" if change >= 0 else "−"
        return f"{number(loss)} ({sign}{abs(100 * change):.0f} %)"


def number(x: float) -> str:
    """Write three digits, small and large ones as 1.23e-7."""
    if x == 0 or 99.95 <= abs(x) < 1e5:
        return f"{x:.0f}"
    if 1e-2 <= abs(x) < 100:
        return f"{x:#.3g}"
    mantissa, exponent = f"{x:.2e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def listed(values: dict[int, str]) -> str:
    return ", ".join(f"{k}: {text}" for k, text in values.items())


def joined(values: tuple[int, ...]) -> str:
    return ", ".join(map(str, values)) or "none"


def frequency_rows(c: Checkpoint) -> Iterator[Row]:
    sizes = neurons.cluster_sizes(c.found.frequency)
    unexplained = sizes.pop(-1, 0)
    clustered, m = sum(sizes.values()), c.config.d_mlp
    silent = neurons.cluster_sizes(c.found.best[c.found.frequency < 0])
    f = logits.offset_profile(c.means)
    rules = keys.compare_rules(
        c.sum_share,
        fourier.component_power(c.params["W_E"][: c.p]),
        fourier.component_power(c.W_L.T),
        c.found.best,
        keys.cosine_similarities(f, c.energy),
        cross_split=c.keys,
    )
    yield Row(
        quantity="key frequencies",
        published="5: 14, 35, 41, 42, 52",
        ours=f"{len(c.keys)}: {joined(c.keys)}",
        remark="seen and unseen pairs share more than 1 % of the logit variance at "
        "each; shares " + listed({k: percent(c.sum_share[k - 1]) for k in c.keys}),
    )
    yield Row(
        quantity="visible in W_E",
        published="6: the keys and 31",
        ours=f"{len(rules.embedding)}: {joined(rules.embedding)}",
        remark="folded norm above a quarter of the largest",
    )
    yield Row(
        quantity="key frequencies by other rules",
        published="the same 5",
        ours=f"W_L {joined(rules.neuron_logit)}; cosine {joined(rules.cosine)}; "
        f"neurons {joined(rules.neurons)}",
        remark="W_L: norm above a quarter; cosine: similarity above 0.005; neurons: "
        "best frequency of any neuron, no threshold",
    )
    yield Row(
        quantity="neurons of one frequency",
        published="433 of 512 (84.6 %)",
        ours=f"{clustered} of {m} ({percent(clustered / m)})",
        remark="more than 85 % of the variance on 8 terms of one frequency; median "
        f"over all neurons {percent(float(np.nanmedian(c.found.fraction)))}",
    )
    yield Row(
        quantity="neurons per frequency",
        published="14: 44, 35: 93, 41: 145, 42: 87, 52: 64",
        ours=listed({k: str(n) for k, n in sizes.items()}),
        remark=f"unexplained: {unexplained} (published 79), by best frequency "
        + listed({k: str(n) for k, n in silent.items()})
        + f"; always firing {np.count_nonzero(c.found.active == 1)}, "
        f"dead {np.count_nonzero(c.dead)}",
    )


def logit_rows(c: Checkpoint) -> Iterator[Row]:
    f = logits.offset_profile(c.means)
    counts = c.fibres.counts
    L = c.activations.logits
    blocks = progress.keep_blocks(L, c.keys, "block3")
    wide = progress.cube_scores(blocks, c.mask).loss[2]
    narrow = progress.restricted_losses(c.means, counts, c.keys)
    outside = progress.excluded_losses(L, c.fibres, c.keys)
    outside3 = progress.excluded3d_losses(L, c.fibres, c.keys)
    train, test = (float(c.run.measure(f"loss/{s}", c.step)) for s in ("train", "test"))
    yield Row(
        quantity="loss, all pairs",
        published="2.41e-7",
        ours=number(c.loss),
        remark=f"train {number(train)}, test {number(test)}",
    )
    yield Row(
        quantity="logit variance on Σα_k cos(w_k(a+b−c))",
        published="95 %",
        ours=percent(logits.fve(f, c.keys, c.energy)),
        remark="gauge-fixed logits; cosines of all frequencies "
        + percent(logits.fve(f, tuple(range(1, c.p // 2 + 1)), c.energy)),
    )
    yield Row(
        quantity="loss of that fit alone",
        published="4.7e-8",
        ours=c.versus(progress.cosine_fit_loss(f, c.keys)),
        remark=f"{len(c.keys)} numbers",
    )
    yield Row(
        quantity="restricted loss, all pairs",
        published="5.54e-8 (−77 %)",
        ours=c.versus(float(narrow[2])),
        remark="keep the mean and cos, sin of w_k(a+b)",
    )
    yield Row(
        quantity="keep the mean and the 8 terms of every key",
        published="7.24e-8 (−70 %)",
        ours=c.versus(float(wide)),
        remark="{1, cos, sin}² blocks",
    )
    yield Row(
        quantity="excluded loss, training pairs",
        published="a curve only",
        ours=number(float(outside[0])),
        remark=f"test {number(float(outside[1]))}; removing cosines of a+b−c only "
        f"(3D): {number(float(outside3[0]))} on training pairs",
    )


def read_out_rows(c: Checkpoint) -> Iterator[Row]:
    residual = weights.key_residual(fourier.component_power(c.W_L.T), c.keys)
    rank = len(c.read_directions)
    single, both = wave_fits(c)
    yield Row(
        quantity="W_L outside the key rows",
        published="< 0.55 %",
        ours=f"{percent(residual**2, 2)} of ‖W_L‖²",
        remark=f"of the norm: {percent(residual, 2)}; outside the best approximation "
        f"of rank {rank} (SVD): {percent(outside_rank(c.W_L, rank), 2)} of the norm",
    )
    yield Row(
        quantity="u_k·N, v_k·N on one cos, sin of w_k(a+b)",
        published="14: 93.2 93.5, 35: 96.8 96.5, 41: 97.0 97.0, 42: 96.4 96.4, "
        "52: 97.4 98.2 %",
        ours=_pairs(c.keys, single),
        remark="u_k on the cosine, v_k on the sine; on both waves of the frequency: "
        + _pairs(c.keys, both),
    )
    waves = progress.restricted_neuron_scores(
        c.fibres.mean(c.N), c.W_L, c.means, c.fibres.counts, c.keys
    )
    read = ablations.projected_neurons(0, c.read_directions)
    rest = ablations.projected_neurons(0, c.read_directions, complement=True)
    around = ablations.without_mlp_skip(c.activations, 0)
    yield Row(
        quantity="neurons projected on those directions",
        published="1.19e-7 (−50 %)",
        ours=c.versus(c.edited(read)),
        remark=f"{rank} of {c.config.d_mlp} dimensions, and the path around the "
        f"neurons; without that path: {c.versus(c.edited(around | read))}; only the "
        "waves in a+b of the neurons, and the mean logits: "
        + c.versus(float(waves.loss[2])),
    )
    yield Row(
        quantity="neurons projected on the complement",
        published="5.27",
        ours=number(c.edited(rest)),
        remark=f"without the path around: {number(c.edited(around | rest))}; chance "
        f"is {number(np.log(c.p))}",
    )


def outside_rank(W: np.ndarray, rank: int) -> float:
    """Give the share of ‖W‖ outside its largest singular directions."""
    energy = np.square(np.linalg.svd(W, compute_uv=False))
    return float(np.sqrt(energy[rank:].sum() / energy.sum()))


def wave_fits(c: Checkpoint) -> tuple[np.ndarray, np.ndarray]:
    """Give the variance of u_k·N and v_k·N on one wave and on both, ``[keys, 2]``.

    The one wave is the cosine of w_k(a+b) for u_k and the sine for v_k.
    """
    both = neurons.read_direction_fve(c.N, c.W_L, c.keys)
    single = np.full_like(both, np.nan)
    F = fourier.basis(c.p)
    for i, k in enumerate(c.keys):
        for j, row in enumerate(fourier.frequency_rows(k, c.p)):
            X = c.N @ (c.W_L @ F[row])
            total = np.square(X - X.mean()).sum()
            wave = F[row] @ c.fibres.mean(X[:, :, None])[:, 0]
            single[i, j] = c.p * wave**2 / total
    return single, both


def _pairs(key_set: tuple[int, ...], shares: np.ndarray) -> str:
    cells = {
        k: " ".join(f"{100 * x:.1f}" for x in row)
        for k, row in zip(key_set, shares, strict=True)
    }
    return listed(cells) + " %"


def neuron_rows(c: Checkpoint) -> Iterator[Row]:
    clustered = np.count_nonzero(c.found.frequency > 0)
    fitted = ablations.fitted_neurons(c.config, 0, c.found.frequency)
    everyone = ablations.fitted_neurons(c.config, 0, c.found.best)
    yield Row(
        quantity="neurons replaced by degree-2 fits",
        published="433: 2.48e-7 (+3 %)",
        ours=f"{clustered}: {c.versus(c.edited(fitted))}",
        remark=f"all of them: {c.versus(c.edited(everyone))}",
    )
    variants = {
        "": without_waves,
        "its 8 terms removed from all neurons: ": without_terms,
    }
    written = []
    for label, edit in variants.items():
        values = {k: number(c.edited(edit(c, k))) for k in c.keys}
        written.append(label + listed(values))
    clusters = {
        k: number(c.edited(ablations.without_neurons(0, c.found.frequency == k)))
        for k in c.keys
    }
    yield Row(
        quantity="one key removed from the neurons",
        published="14: 2.0e-4, 35: 4.6e-4, 41: 1.9e-3, 42: 5.2e-3, 52: 2.4e-2",
        ours=written[0],
        remark="cos, sin of w_k(a+b) of every neuron; "
        + "; ".join([*written[1:], "its cluster zeroed: " + listed(clusters)]),
    )


def without_waves(c: Checkpoint, k: int) -> Edits:
    """Remove the waves of one frequency in a + b from every neuron."""

    def edit(N: np.ndarray) -> np.ndarray:
        waves = logits.band(c.fibres.mean(N), (k,)).astype(N.dtype)
        return N - waves[c.config.rule.table(c.p)]

    return {"blocks/0/neurons": edit}


def without_terms(_: Checkpoint, k: int) -> Edits:
    """Remove the 8 terms of one frequency from every neuron, keep the mean."""

    def edit(N: np.ndarray) -> np.ndarray:
        fit = neurons.single_frequency_fit(N, k)
        return (N - fit + N.mean(axis=(0, 1))).astype(N.dtype)

    return {"blocks/0/neurons": edit}


def path_rows(c: Checkpoint) -> Iterator[Row]:
    heads = list(range(c.config.n_heads))
    skip = {
        mode: c.edited(ablations.without_mlp_skip(c.activations, 0, mode))
        for mode in ("zero", "mean")
    }
    fixed = c.edited(ablations.fixed_attention(0, heads))
    one = {h: number(c.edited(ablations.without_heads(0, [h]))) for h in heads}
    around = {
        mode: c.edited(
            ablations.without_attention_skip(c.params, c.config, c.activations, 0, mode)
        )
        for mode in ("zero", "mean")
    }
    yield Row(
        quantity="path around the neurons zeroed / mean",
        published="9.12e-7 / 7.25e-7",
        ours=" / ".join(c.versus(x) for x in skip.values()),
    )
    yield Row(
        quantity="all heads zeroed",
        published="24.3",
        ours=number(c.edited(ablations.without_heads(0, heads))),
        remark=f"attention fixed at its mean: {number(fixed)}; one head zeroed: "
        + listed(one),
    )
    yield Row(
        quantity='path around the heads ("=" itself) zeroed',
        published="19.1",
        ours=number(around["zero"]),
        remark="it is the same for every pair, so its mean is itself",
    )


def difference_share(to_a: np.ndarray) -> np.ndarray:
    """Give 1 − Σ(A − fit)²/ΣA² of each head's best ½ + α(cos) + β(sin) fit.

    Nothing is centred here, so the mean attention of about ½ counts as explained.
    """
    mean = to_a.mean(axis=(1, 2), keepdims=True)
    fits = attention.difference_fit(to_a).max(axis=0)
    error = (1 - fits) * np.square(to_a - mean).mean(axis=(1, 2))
    error += np.square(mean - 0.5)[:, 0, 0]
    return 1 - error / np.square(to_a).mean(axis=(1, 2))


def attention_rows(c: Checkpoint) -> Iterator[Row]:
    fits = attention.difference_fit(c.pattern[:, 0])
    best = fits.argmax(axis=0)
    share = difference_share(c.pattern[:, 0])
    equals = c.pattern[:, 2].mean(axis=(1, 2))
    yield Row(
        quantity="heads 0–3: frequency, variance explained",
        published="35 99.03 %, 42 98.49 %, 52 99.07 %, 42 97.91 %",
        ours=", ".join(
            f"{k + 1} {percent(float(share[h]), 2)}" for h, k in enumerate(best)
        ),
        remark="½ + α(cos a − cos b) + β(sin a − sin b), of ΣA²; of the variance: "
        + ", ".join(percent(float(x), 2) for x in fits.max(axis=0)),
    )
    yield Row(
        quantity="attention made linear",
        published="2.12e-7 (−12 %)",
        ours=c.versus(c.edited(ablations.linear_attention(0))),
        remark="the sigmoid between a and b replaced by its tangent",
    )
    yield Row(
        quantity='attention of "=" to itself',
        published="0.1–0.4 %",
        ours=", ".join(percent(float(x), 2) for x in equals),
        remark="mean over pairs per head; largest on any pair "
        f"{percent(float(c.pattern[:, 2].max()), 2)}; zeroed: "
        + c.versus(c.edited(ablations.without_equals_attention(0))),
    )


def size_rows(c: Checkpoint) -> Iterator[Row]:
    sumsq = weights.sums_of_squares(c.params)
    parts = {
        name.removeprefix("blocks/0/"): f"{value:.0f}"
        for name, value in zip(weights.tensor_names(c.params), sumsq, strict=True)
    }
    gini = {
        name: fourier.spectrum_gini(fourier.component_power(W))
        for name, W in (("W_E", c.params["W_E"][: c.p]), ("W_L", c.W_L.T))
    }
    yield Row(
        quantity="Σw²",
        published="955, late 942",
        ours=f"{sumsq.sum():.0f}",
        remark=", ".join(f"{name} {value}" for name, value in parts.items()),
    )
    yield Row(
        quantity="Gini of W_E, W_L",
        published="curves only",
        ours=", ".join(f"{x:.3f}" for x in gini.values()),
        remark="of the folded norms",
    )


SECTIONS: tuple[Callable[[Checkpoint], Iterator[Row]], ...] = (
    frequency_rows,
    logit_rows,
    read_out_rows,
    neuron_rows,
    path_rows,
    attention_rows,
    size_rows,
)


def curve_rows(run: Run) -> Iterator[Row]:
    """Date the run by its own curves, as intervals of evaluated epochs."""
    steps, test = run.steps, np.asarray(run.series("loss/test"))
    spans = phases.phases(steps, test, run.series("accuracy/train"), run.config.p)
    grok = phases.grok_interval(steps, run.series("accuracy/test"), run.config.epochs)
    trained = np.asarray(run.series("accuracy/train")) >= 0.99
    sumsq = np.asarray(run.series("weights/sumsq_total"))
    marks = [spans.peak, spans.formed, spans.clean]
    yield Row(
        quantity="phases end at",
        published="1.4k / 9.4k / 14k",
        ours=" / ".join("not yet" if x is None else f"{x:,}" for x in marks),
        remark="published by eye; ours: highest test loss, below ln p to stay, below "
        "1e-4 to stay",
    )
    yield Row(
        quantity="highest test loss",
        published="26.6 at 1,420",
        ours=f"{test.max():.1f} at {steps[test.argmax()]:,}",
        remark="published curve of another run with 30 % of the pairs",
    )
    after = int(test.argmax())
    published = {"ln p": "7,229", "0.1": "7,930", "1e-4": "8,701"}
    for name, bound in ({"ln p": float(np.log(run.config.p))} | BOUNDS).items():
        yield Row(
            quantity=f"test loss below {name}",
            published=published[name],
            ours=first_below(steps[after:], test[after:], bound),
            remark="the same curve; ours between two evaluated epochs",
        )
    yield Row(
        quantity="training accuracy 99 %",
        published="about 150",
        ours=f"{steps[trained.argmax()]:,}" if trained.any() else "not yet",
    )
    yield Row(quantity="test accuracy 99 % to stay", published="", ours=grok.text)
    yield Row(
        quantity="Σw² at the start, at its highest",
        published="1781 expected",
        ours=f"{sumsq[0]:.0f}, {sumsq.max():.0f} at {steps[sumsq.argmax()]:,}",
    )


def first_below(steps: np.ndarray, values: np.ndarray, bound: float) -> str:
    """Name the two evaluated epochs between which a curve first falls below."""
    hits = np.flatnonzero(values < bound)
    if not len(hits):
        return "not yet"
    i = int(hits[0])
    return f"{steps[i - 1]:,}–{steps[i]:,}" if i else f"by {steps[0]:,}"


def drift(run: Run) -> Iterator[tuple[str, ...]]:
    """Measure what still changes long after the loss has settled."""
    for epoch in LANDMARKS:
        if epoch > run.steps[-1]:
            return
        c = Checkpoint(run, run.nearest_step(epoch))
        heads = list(range(c.config.n_heads))
        fitted = ablations.fitted_neurons(c.config, 0, c.found.frequency)
        skip = ablations.without_attention_skip(c.params, c.config, c.activations, 0)
        f = logits.offset_profile(c.means)
        restricted = progress.restricted_losses(c.means, c.fibres.counts, c.keys)
        yield (
            f"{c.step:,}",
            number(c.loss),
            c.versus(float(restricted[2])),
            percent(logits.fve(f, c.keys, c.energy)),
            str(np.count_nonzero(c.found.frequency > 0)),
            c.versus(c.edited(fitted)),
            number(c.edited(ablations.without_heads(0, heads))),
            number(c.edited(skip)),
            percent(float(c.pattern[:, 2].mean(axis=(1, 2)).max())),
            f"{weights.sums_of_squares(c.params).sum():.0f}",
        )


LANDMARKS = (12000, 14000, 20000, 30000, 36000, 38000, 40000, 50000)
DRIFT = (
    "epoch",
    "loss",
    "restricted",
    "cosine fit",
    "neurons of one frequency",
    "degree-2 fits",
    "heads zeroed",
    'path of "=" zeroed',
    'attention of "=" to itself, largest head',
    "Σw²",
)


def markdown(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Lay rows out as a Markdown table."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def choose(store_path: str, name: str | None) -> Run:
    """Open a run by its id, or the only one that can be compared."""
    store = open_store(store_path)
    ids = [name] if name else store.run_ids()
    fitting = [run for run in map(store.run, ids) if comparable(run.config)]
    if len(fitting) != 1:
        found = ", ".join(run.id for run in fitting) or "none"
        raise GrokdashError(
            f"{store_path}: expected one run of addition with one layer, ReLU and no "
            f"LayerNorm; found {found}; name one, or train one with --preset nanda"
        )
    return fitting[0]


def comparable(config: RunConfig) -> bool:
    return (
        config.operation == "add"
        and config.n_layers == 1
        and config.activation == "relu"
        and not config.layer_norm
    )


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", nargs="?", help="folder that holds the run")
    parser.add_argument("run", nargs="?", help="its id; needed if there are several")
    parser.add_argument("epoch", nargs="?", type=int, help="default: the last one")
    given = parser.parse_args(arguments)
    if given.store is None:
        print(
            "Nothing to compare: name a store with a run of the nanda preset, trained "
            "by `grokdash train --preset nanda` (an hour or two); docs/measured.md has "
            "the numbers of one."
        )
        return 0
    try:
        report(choose(given.store, given.run), given.epoch)
    except GrokdashError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def report(run: Run, epoch: int | None) -> None:
    """Print the tables of one run."""
    step = run.nearest_step(int(run.steps[-1]) if epoch is None else epoch)
    made = ", ".join(f"{k} {v}" for k, v in run.provenance.items() if v != "")
    print(f"{run.id}: {run.status.state}, epoch {step:,} of {run.config.epochs:,}")
    print(f"{len(run.steps)} checkpoints, {len(run.grid_steps)} with grids, ", end="")
    print(f"{run.size_bytes / 1e9:.2f} GB; {made}\n")
    c = Checkpoint(run, step)
    print(markdown(HEADER, (astuple(r) for section in SECTIONS for r in section(c))))
    print()
    print(markdown(HEADER, map(astuple, curve_rows(run))))
    print()
    print(markdown(DRIFT, drift(run)))


if __name__ == "__main__":
    sys.exit(main())
