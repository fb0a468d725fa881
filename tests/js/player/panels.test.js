import assert from "node:assert/strict";
import test from "node:test";
import { movedTo } from "#js/player/panels.js";

test("a dragged panel takes the place of the one it is dropped on", () => {
  const ids = ["a", "b", "c", "d"];
  assert.deepEqual(movedTo(ids, "a", "c"), ["b", "c", "a", "d"]);
  assert.deepEqual(movedTo(ids, "d", "b"), ["a", "d", "b", "c"]);
  assert.deepEqual(movedTo(ids, "x", "b"), ids);
});
