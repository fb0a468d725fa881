"""Networks to measure: trained ones of a store, and ones that others released.

Released files are read here and nowhere else. They carry no licence, so none is part of
grokdash: get them from their repositories.

- Chughtai et al. 2023, rep-theory-mech-interp: a folder with ``model.pt`` and
  ``cfg.json`` for each of C113_T_seed1 to 4 (addition mod 113, weight decay 1).
- Nanda et al. 2023, progress-measures-paper: ``wd_10-1_mod_addition_loss_curve.pth``,
  ``mod_addition_no_wd.pth`` and ``low_precision_mod_addition.pth``.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from grokdash.analysis import cross_split, fibres, losses
from grokdash.analysis.forward import forward, neuron_logit_map
from grokdash.analysis.groups import Canonical, canonical
from grokdash.analysis.measures import checkpoint_measures, key_measures
from grokdash.config import PRESETS, RunConfig, make_config
from grokdash.imports.recognise import (
    architecture,
    completed,
    recognise_layout,
    translated,
)
from grokdash.store import Run, open_store
from grokdash.store.pair_split import train_mask

FREE = ("operation", "seed", "split_seed", "epochs", "grids", "twin")
"""Fields in which runs of one preset may differ here."""
GROKKED = 0.99
CHUGHTAI = "Chughtai et al. 2023"
NANDA = "Nanda et al. 2023"
SINGLE_FILES = {
    "wd_10-1_mod_addition_loss_curve.pth": {"weight_decay": 0.1, "seed": 1},
    "mod_addition_no_wd.pth": {"weight_decay": 0.0},
    "low_precision_mod_addition.pth": {"loss_dtype": "float32", "seed": 1},
}
"""Files of Nanda et al. 2023, and what is known of how they were trained."""


@dataclass(frozen=True)
class Network:
    """One trained network, and its run where there is one.

    ``group`` is "released", "apart" for a released one that was trained without weight
    decay or with a float32 loss, or the name of a preset. Where the training pairs of a
    released network are not known, ``mask`` is a split of ours of the same size.
    """

    name: str
    group: str
    config: RunConfig
    params: dict[str, np.ndarray]
    mask: np.ndarray
    run: Run | None = None

    @cached_property
    def frame(self) -> Canonical:
        """The frame in which its operation is an addition."""
        found = canonical(self.config.rule, self.config.p)
        if found is None:
            sys.exit(f"{self.name}: {self.config.operation} has no group to measure in")
        return found

    @cached_property
    def logits(self) -> np.ndarray:
        """Logits of all pairs, ``[p, p, p]``."""
        return self.activations.logits

    @cached_property
    def activations(self):  # noqa: ANN201 - what the forward pass keeps
        """What the last position computes on every pair."""
        return forward(self.params, self.config)

    @cached_property
    def measures(self) -> dict[str, np.ndarray]:
        """The measures that a checkpoint stores."""
        return checkpoint_measures(self.params, self.config, self.mask)

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """Key frequencies, by the rule of today whatever the run was counted by."""
        share, published = (
            np.asarray(self.measures[f"logits/{name}"])
            for name in ("cross_split_share", "sum_share")
        )
        return cross_split.key_frequencies(share, published, self.fibres)

    @cached_property
    def key_measures(self) -> dict[str, np.ndarray]:
        """The measures that need the key frequencies."""
        return key_measures(self.params, self.config, self.mask, self.keys)

    @cached_property
    def fibres(self) -> fibres.Fibres:
        """Pairs by their answer."""
        return fibres.fibres(self.config.rule, self.config.p, self.mask)

    @cached_property
    def W_E(self) -> np.ndarray:
        """Embeddings in the order of the frame, float64."""
        return self.params["W_E"][self.frame.a_order].astype(np.float64)

    @cached_property
    def W_L(self) -> np.ndarray:
        """Neuron–logit map ``[m, q]``, classes in the order of the frame."""
        return neuron_logit_map(self.params, self.config)[:, self.frame.c_order]

    @cached_property
    def correct(self) -> np.ndarray:
        """Logit of the right answer above the mean of all, in the frame."""
        grid = losses.correct_logit_grid(self.logits, self.config.rule.table(self.p))
        return self.frame.grid(grid).astype(np.float64)

    @property
    def p(self) -> int:
        return self.config.p

    @property
    def symmetric(self) -> bool:
        """Whether swapping the operands changes no answer."""
        return self.config.rule.structure in ("sum", "product")


def preset_of(config: RunConfig) -> str | None:
    """Name the preset that a configuration is, but for what may differ here."""
    for name in PRESETS:
        preset = make_config(name, {field: getattr(config, field) for field in FREE})
        if preset == config:
            return name
    return None


def trained(store_path: str) -> Iterator[tuple[Network | None, str]]:
    """Give the grokked runs of a store, and why others are left out."""
    store = open_store(Path(store_path))
    for run_id in store.run_ids():
        run = store.run(run_id)
        group = preset_of(run.config)
        if run.status.state != "finished":
            yield None, f"{run_id}: {run.status.state}"
        elif group is None:
            yield None, f"{run_id}: of no preset"
        elif float(run.series("accuracy/test")[-1]) < GROKKED:
            accuracy = float(run.series("accuracy/test")[-1])
            yield None, f"{run_id}: not grokked, test accuracy {100 * accuracy:.0f} %"
        else:
            params = run.params(int(run.steps[-1]))
            mask = run.train_mask()
            yield Network(run_id, group, run.config, params, mask, run), run_id


def released(folder: Path) -> Iterator[Network]:
    """Give the released networks of a folder, in our names and shapes."""
    import torch  # noqa: PLC0415 - only they need it

    found = [(path.parent.name, path) for path in folder.glob("C113_T_seed*/model.pt")]
    found += [(name.split(".")[0], folder / name) for name in SINGLE_FILES]
    for name, path in sorted(found):
        if not path.is_file():
            sys.exit(f"{path}: expected a released network; {__doc__}")
        loaded = torch.load(  # noqa: TID251 - weights only, no code is run
            path, weights_only=True, map_location="cpu"
        )
        known = SINGLE_FILES.get(path.name) or {
            "seed": json.loads(path.with_name("cfg.json").read_text())["seed"]
        }
        state = {k: v.numpy() for k, v in loaded.get("model", loaded).items()}
        layout = recognise_layout(state, None, {})
        params = translated({0: state}, layout, None)[0]
        config = make_config(
            "nanda",
            known | {"split_seed": known.get("seed", 0)},
            **architecture(params),
        )
        params = completed(params, config, 0)
        usual = config.weight_decay > 0 and config.loss_dtype == "float64"
        group = "released" if usual else "apart"
        yield Network(name, group, config, params, train_mask(config))
