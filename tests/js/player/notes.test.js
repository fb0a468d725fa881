import assert from "node:assert/strict";
import test from "node:test";
import { spread } from "#js/player/notes.js";

test("dots with room stay where they belong", () => {
  assert.deepEqual(spread([10, 50, 200], 18, 300), [10, 50, 200]);
});

test("dots too close together make room to the right, in order", () => {
  assert.deepEqual(spread([10, 12, 14, 200], 18, 300), [10, 28, 46, 200]);
});

test("dots at the end make room to the left", () => {
  assert.deepEqual(spread([290, 295, 300], 18, 300), [264, 282, 300]);
});
