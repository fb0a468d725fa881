"""Seconds that the import of a network trained elsewhere takes, by its parts.

A run of 40 checkpoints at p = 113 in one file as Nanda et al. keep theirs; what its
weights are makes no difference to the time. Wall time of the whole, and CPU time of the
process and its children. Run: ``python benchmarks/import_runs.py``.
"""

import tempfile
from pathlib import Path

import torch
from closing import cost
from table import Raw

from grokdash.config import make_config
from grokdash.imports.job import Request, run_import
from grokdash.model.parameters import initialise
from grokdash.threads import keep_products_on_one_core

CHECKPOINTS, QUICK_CHECKPOINTS = 40, 4
GRIDS_EVERY = 10
P = 113


def saved_run(path: Path, checkpoints: int) -> None:
    """Write the initialisations of some seeds as the checkpoints of one run."""
    states = []
    for seed in range(checkpoints):
        params = initialise(make_config("nanda", p=P, seed=seed))
        heads = [params[f"blocks/0/W_{x}"].mT for x in "QKV"]
        names = [f"blocks.0.attn.W_{x}" for x in "QKV"]
        states.append(
            {
                "embed.W_E": params["W_E"].T.contiguous(),
                "pos_embed.W_pos": params["W_pos"],
                **{n: w.contiguous() for n, w in zip(names, heads, strict=True)},
                "blocks.0.attn.W_O": params["blocks/0/W_O"].flatten(0, 1).T.clone(),
                "blocks.0.mlp.W_in": params["blocks/0/W_in"].T.clone(),
                "blocks.0.mlp.b_in": params["blocks/0/b_in"],
                "blocks.0.mlp.W_out": params["blocks/0/W_out"].T.clone(),
                "blocks.0.mlp.b_out": params["blocks/0/b_out"],
                "unembed.W_U": params["W_U"],
            }
        )
    epochs = list(range(0, 1000 * checkpoints, 1000))
    config = {"fn_name": "add", "seed": 0, "frac_train": 0.3}
    torch.save({"state_dicts": states, "epochs": epochs, "config": config}, path)


def rows(*, quick: bool) -> list[Raw]:
    """Give the seconds of an import, and of each checkpoint in it."""
    keep_products_on_one_core()
    torch.set_num_threads(2)
    count = QUICK_CHECKPOINTS if quick else CHECKPOINTS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "full_run_data.pth"
        saved_run(path, count)
        grids = max(1, count // GRIDS_EVERY)
        request = Request(
            paths=(path,), store=Path(folder) / "store", grids=grids, quiet=True
        )
        wall, cpu = cost(lambda: run_import(request))
    what = f"import of {count} checkpoints at p = {P}, {grids} with grids"
    return [
        (what, wall, "s", None),
        (f"{what}, CPU time", cpu, "s", None),
        ("import, each checkpoint, CPU time", cpu / count, "s", None),
    ]


def main() -> None:
    """Measure and print."""
    for what, value, unit, _ in rows(quick=False):
        print(f"{what}: {value:.1f} {unit}")


if __name__ == "__main__":
    main()
