import assert from "node:assert/strict";
import test from "node:test";
import { firstPlace } from "#js/player/first-place.js";

test("a page starts at the epoch of the address, else at the end", () => {
  const steps = [0, 100, 200];

  assert.equal(firstPlace(steps, { e: "90" }), 1);
  assert.equal(firstPlace(steps, { e: "0" }), 0);
  assert.equal(firstPlace(steps, {}), 2);
  for (const e of ["", "nothing"]) assert.equal(firstPlace(steps, { e }), 2);
  assert.equal(firstPlace([], {}), -1);
});
