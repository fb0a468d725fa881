import assert from "node:assert/strict";
import test from "node:test";
import { chooseDrawn } from "#js/player/choice.js";

/** Frames at some places; those in `absent` will never come. */
const stored = (places, absent = []) => ({
  has: (place) => places.includes(place),
  settled: (place) => places.includes(place) || absent.includes(place),
  loaded: places.length,
});

test("the wanted place is drawn where every panel has it, or nothing draws frames", () => {
  assert.equal(chooseDrawn([stored([3, 50]), stored([50])], 50, 3, 100), 50);
  assert.equal(chooseDrawn([], 50, 3, 100), 50);
});

test("a place that no panel will ever have is not waited for", () => {
  assert.equal(chooseDrawn([stored([3], [50])], 50, 3, 100), 50);
});

test("all panels move to the nearest place that they have in common", () => {
  const panels = [stored([47, 49, 52]), stored([47, 52, 53])];

  assert.equal(chooseDrawn(panels, 50, 0, 100), 52);
});

test("of two places at the same distance the earlier one is drawn", () => {
  assert.equal(chooseDrawn([stored([48, 52])], 50, 0, 100), 48);
});

test("a place far away does not stand for the wanted one", () => {
  assert.equal(chooseDrawn([stored([30])], 50, 30, 100), 50);
});

test("a short run looks four places far all the same", () => {
  assert.equal(chooseDrawn([stored([5])], 9, 0, 10), 5);
});

test("before any frame has come the picture on screen stays", () => {
  assert.equal(chooseDrawn([stored([])], 50, 3, 100), 3);
  assert.equal(chooseDrawn([stored([])], 50, -1, 100), 50);
});
