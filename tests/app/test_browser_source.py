"""The player knows no server: any source will do, also one that lies in memory."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

IN_MEMORY = """
const {HttpSource} = await module("frames/source.js");
const {Session} = await module("player/session.js");
const [id, views, epochs] = arguments;
const {reader} = stage.shown;
const http = new HttpSource(id);
const {fingerprint, selection} = reader;
const signal = new AbortController().signal;
const manifest = await http.manifest(views, {}, signal);
const frames = {}, figures = {};
for (const view of Object.values(manifest.views)) {
  const own = {fingerprint, selection: reader.arraySelection(view)};
  if (Object.keys(view.scrub).length || !view.reads.includes("step")) {
    frames[view.id] = [];
    for (let i = 0; i < manifest.steps.length; i += 16) {
      const steps = manifest.steps.slice(i, i + 16);
      frames[view.id].push(...await http.frames(view.id, {...own, steps}, signal));
    }
  }
  for (const step of epochs) {
    const wanted = {fingerprint, step, theme: "light", selection, have: null};
    figures[`${view.id} ${step}`] = await http.figure(view.id, wanted, signal);
  }
}
const asked = [];
const source = {
  id,
  manifest: async () => structuredClone(manifest),
  live: async () => { throw new Error("a finished run has nothing new"); },
  frames: async (view, {steps}) => {
    asked.push("frames");
    return frames[view].filter((one) => steps.includes(one.step));
  },
  figure: async (view, {step}) => {
    asked.push("figure");
    return structuredClone(figures[`${view} ${step}`]);
  },
  words: async (view, {step}) => {
    asked.push("words");
    return figures[`${view} ${step}`];
  },
  data: async () => new Blob(["1"]),
  guide: async () => { throw new Error("no guide"); },
};
stage.shown.close();
window.fetch = () => Promise.reject(new TypeError("the network is cut"));
const config = {
  kind: "run", run: id, page: "explore", views, host: views[0], query: {},
  manifest: null,
};
history.replaceState(null, "", `${location.pathname}?e=${epochs[0]}&t=light`);
window.asked = asked;
const session = new Session(config, document.getElementById("run-page"), source);
await session.start([]);
return true;
"""

VIEWS = ["loss-curves", "embedding-spectrum", "embedding-circle", "correct-logit"]


def test_a_run_in_memory_scrubs_and_settles_without_a_server(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=900&t=light")

    assert page.inside(IN_MEMORY, run_ids[0], VIEWS, [900, 300])

    page.settle()
    assert page.label == 900
    page.all_loaded()
    drawn = page.inside(
        """
        grokdash.player.seekEpoch(300);
        await frames();
        return [panel("correct-logit").picture.scrubbing, stage.steps[
          stage.playhead.drawn]];"""
    )
    assert drawn == [True, 300]
    page.settle()
    assert page.epochs["correct-logit"] == "300"
    # Sentences come with the frames.
    assert set(page.js("window.asked")) == {"frames", "figure"}


def test_the_player_has_what_its_page_in_the_docs_says(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=900")

    text = (Path(__file__).parents[2] / "docs" / "player.md").read_text("utf-8")
    told = text.split("| `window.grokdash.player` | |\n| --- | --- |\n")[1]
    rows = told.split("\n\n")[0].splitlines()
    names = {row.split("`")[1].partition("(")[0] for row in rows}

    assert set(page.js("Object.keys(window.grokdash.player)")) == names
    assert page.js("Object.keys(window.grokdash)") == ["player"]
