import assert from "node:assert/strict";
import test from "node:test";
import { filmName } from "#js/film/recorder.js";

const about = { run: "add-p59" };

test("a recorded film is named by its run, its page and the epochs in it", () => {
  assert.equal(
    filmName(about, "explore", [0, 340, 2500, 10], "mp4"),
    "add-p59__explore__e000000-e002500.mp4",
  );
});

test("places in units of grok time are no epochs", () => {
  assert.equal(filmName(about, "all", [0, 0.5, 1], "webm"), "add-p59__all.webm");
});
