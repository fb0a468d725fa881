"""Films in a real browser: one made by command, one recorded while it is played."""

import base64

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from grokdash import cli

pytestmark = pytest.mark.browser


def pictures_of(film):
    """Read a film back, in levels of grey."""
    with av.open(film) as opened:
        return [
            one.to_ndarray(format="gray").astype(int) for one in opened.decode(video=0)
        ]


def test_a_film_shows_training_up_to_the_playhead(store_path, run_ids, tmp_path):
    """The waterfall and the circle are those of the epoch; what stands, stands."""
    path = tmp_path / "new" / "a.mp4"
    shown = ["--views", "embedding-waterfall,embedding-circle", "--no-chart"]
    small = ["--size", "480x360", "--frames", "8", "--pace", "epochs"]
    command = ["film", run_ids[0], "--store", str(store_path), "-o", str(path)]

    result = CliRunner().invoke(cli.app, [*command, *shown, *small])

    assert result.exit_code == 0, result.exception
    assert result.output.startswith(f"{path}: 8 pictures")
    pictures = pictures_of(str(path))
    assert [one.shape for one in pictures] == [(360, 480)] * 8
    changed = np.abs(pictures[0] - pictures[-1]) > 40
    waterfall, circle = changed[60:320, :240], changed[60:320, 240:]
    assert waterfall.mean() > 0.1
    assert circle.sum() > 100
    label, title = changed[:44, 300:], changed[:44, :200]
    assert label.any()
    assert title.mean() < 0.01


def test_what_is_played_is_recorded_and_saved(page, run_ids, tmp_path):
    page.open(f"/run/{run_ids[0]}?panels=embedding-circle,logit-waterfall&e=500")
    page.all_loaded()
    page.run(
        """document.addEventListener("grokdash:saved", ({detail}) => {
             const reader = new FileReader();
             reader.onload = () => { window.saved = [detail.name, reader.result]; };
             reader.readAsDataURL(detail.blob);
           });
           document.querySelector(".rail-tools [data-act=record]").click();"""
    )
    page.until("document.querySelector('.recording')")
    page.until("grokdash.player.playing")
    pressed = "document.querySelector('.rail-tools [data-act=record]').ariaPressed"
    assert page.js(pressed) == "true"

    name, address = page.until("window.saved")

    assert name.startswith(f"{run_ids[0]}__explore__e000500-e000900.")
    assert page.js("document.querySelector('.recording')") is None
    assert page.js("document.querySelector('.film-cell')") is None
    assert page.js(pressed) == "false"
    path = tmp_path / name
    path.write_bytes(base64.b64decode(address.partition(",")[2]))
    pictures = pictures_of(str(path))
    assert len(pictures) > 5
    assert {one.shape for one in pictures} == {(1080, 1920)}
    changed = np.abs(pictures[0] - pictures[-1]) > 40
    assert changed[300:].mean() > 0.005
    assert changed[:66, 1000:].any()
    assert changed[:66, :400].mean() < 0.01
