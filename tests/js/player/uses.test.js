import assert from "node:assert/strict";
import test from "node:test";
import { linkedSelection, usedNames } from "#js/player/uses.js";

const VIEWS = [
  { reads: ["step", "k"], styles: ["colour"], picks: { x: "a", y: "b" } },
  { reads: ["step", "k", "layer"], styles: [], picks: {} },
];

test("a control is there for what a view reads, is styled by or picks", () => {
  const names = [...usedNames(VIEWS)].sort();

  assert.deepEqual(names, ["a", "b", "colour", "k", "layer", "norm"]);
});

test("a link carries what the views use and is not the default", () => {
  const selection = { k: 14, layer: 0, a: 3, b: 0, n: 7, colour: "token", norm: "run" };
  const choices = { colour: ["ka", "token"], norm: ["run", "epoch"] };

  const linked = linkedSelection(VIEWS, selection, choices);

  assert.deepEqual(linked, { k: 14, layer: 0, a: 3, b: 0, colour: "token" });
});
