import assert from "node:assert/strict";
import test from "node:test";
import { linkedSelection, pickedSelection, usedNames } from "#js/player/uses.js";

const VIEWS = [
  { reads: ["step", "k"], styles: ["colour"], picks: { x: "a", y: "b" } },
  { reads: ["step", "k", "layer"], styles: [], picks: {} },
];

test("a control is there for what a view reads, is styled by or picks", () => {
  const names = [...usedNames(VIEWS)].sort();

  assert.deepEqual(names, ["a", "b", "colour", "k", "layer", "norm"]);
});

const DEFAULTS = {
  k: 13,
  layer: 0,
  a: 5,
  b: 0,
  n: 7,
  h: 0,
  colour: "ka",
  norm: "run",
  x: "linear",
};
const SELECTION = { ...DEFAULTS, k: 14, h: 1, colour: "token", x: "log" };

test("a link carries the numbers that the views use and all that was picked anywhere", () => {
  const linked = linkedSelection(VIEWS, SELECTION, DEFAULTS);

  assert.deepEqual(linked, { k: 14, layer: 0, a: 5, b: 0, h: 1, colour: "token", x: "log" });
});

test("to another run goes what was picked, not what this run shows best", () => {
  assert.deepEqual(pickedSelection(SELECTION, DEFAULTS), {
    k: 14,
    h: 1,
    colour: "token",
    x: "log",
  });
});
