"""Measure what is normal: docs/normal.md and the ranges that the guides give.

    grokdash train --preset quick --seed 0 --store STORE      # and many others
    python docs/normal.py STORE [STORE …] --released DIR

Measures every grokked run of the presets in the stores, and the released networks in a
folder (docs/networks.py says which and where they are from); some seconds for each.
Writes grokdash/views/core/normal.json, which the guides read, docs/normal.md, and the
pages that `make docs` makes of the guides.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from networks import Network, released, trained
from quantities import QUANTITIES, Quantity

from grokdash.config import PRESETS

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "grokdash" / "views" / "core" / "normal.json"
GROUPS = ("released", "apart", *PRESETS)


def main() -> None:
    """Measure, then write the table and the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stores", nargs="+", metavar="STORE")
    parser.add_argument("--released", type=Path, required=True, metavar="DIR")
    given = parser.parse_args()
    networks, left_out = [], []
    for store in given.stores:
        for network, text in trained(store):
            if network is None:
                left_out.append(text)
            else:
                networks.append(network)
    networks = list({one.name: one for one in networks}.values())
    networks += released(given.released)
    measured = {one.name: measure(one) for one in networks}
    made = {
        "sources": {
            group: sorted(one.name for one in networks if one.group == group)
            for group in GROUPS
        },
        "left_out": sorted(left_out),
        "quantities": {one.name: ranges(one, networks, measured) for one in QUANTITIES},
    }
    text = json.dumps(made, indent=1, ensure_ascii=False)
    TABLE.write_text(text + "\n", encoding="utf-8")
    # A new process, for the guides read the table when they are imported.
    for script in (
        Path(__file__).with_name("normal_page.py"),
        ROOT / "docs/generate.py",
    ):
        subprocess.run([sys.executable, str(script)], check=True)


def measure(network: Network) -> dict[str, np.ndarray]:
    """Measure everything of one network."""
    print(network.name, flush=True)
    found = {}
    for one in QUANTITIES:
        values = one.of(network)
        if values is not None:
            found[one.name] = np.atleast_1d(np.asarray(values, dtype=float)).ravel()
    for name in ("activations", "logits", "measures", "key_measures"):
        vars(network).pop(name, None)  # a network's logits are a sixth of a gigabyte
    return found


def ranges(
    quantity: Quantity,
    networks: list[Network],
    measured: dict[str, dict[str, np.ndarray]],
) -> dict[str, object]:
    """Give the smallest and the largest value of every group of networks."""
    found: dict[str, object] = {"title": quantity.title, "form": quantity.form}
    if quantity.unit:
        found["unit"] = quantity.unit
    for group in GROUPS:
        values = [
            measured[one.name][quantity.name]
            for one in networks
            if one.group == group and quantity.name in measured[one.name]
        ]
        together = np.concatenate(values) if values else np.zeros(0)
        if np.isfinite(together).any():
            low, high = float(np.nanmin(together)), float(np.nanmax(together))
            found[group] = [float(f"{low:.4g}"), float(f"{high:.4g}"), len(values)]
    return found


if __name__ == "__main__":
    main()
