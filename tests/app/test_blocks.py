"""The browser's tests decode bytes that `pack_block` writes today."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from grokdash.app.blocks import Told, pack_block

SAMPLE = Path(__file__).parents[1] / "js/frames/block.json"


def frames():
    """Give pictures and curves of all kinds: gaps, constants, odd sizes, one number."""
    rng = np.random.default_rng(0)
    picture = rng.normal(size=(3, 5)).astype(np.float32)
    picture[1, 2] = np.nan
    curve = rng.normal(size=7).astype(np.float32)
    curve[3] = np.nan
    return [
        Told(0, "a picture", {"0.z": picture, "1.y": curve}),
        Told(100, "", {"0.z": np.full((2, 2), 0.5, np.float32), "1.y": curve[:1]}),
        Told(40_000, "of 7 − 5", {"0.z": np.full((1, 3), np.nan, np.float32)}),
    ]


def numbers(values):
    return [None if np.isnan(one) else float(one) for one in values.ravel()]


def test_block_in_the_tests_of_the_browser_is_fresh():
    described = [
        {
            "step": step,
            "sentence": sentence,
            "arrays": {
                name: {"shape": list(values.shape), "values": numbers(values)}
                for name, values in arrays.items()
            },
        }
        for step, sentence, arrays in frames()
    ]
    block = base64.b64encode(pack_block(frames())).decode()
    text = json.dumps({"block": block, "frames": described}, indent=1) + "\n"

    if not SAMPLE.exists() or SAMPLE.read_text(encoding="utf-8") != text:
        SAMPLE.write_text(text, encoding="utf-8")
        pytest.fail(f"{SAMPLE.name} was stale; it is written anew, so run `make check`")
