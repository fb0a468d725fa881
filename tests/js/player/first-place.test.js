import assert from "node:assert/strict";
import test from "node:test";
import { firstPlace } from "#js/player/first-place.js";

const run = (state, steps = [0, 100, 200]) => ({ steps, status: { state } });

test("a page starts at the epoch of the address, else at the beginning", () => {
  const finished = run("finished");

  assert.equal(firstPlace(finished, { e: "90" }), 1);
  assert.equal(firstPlace(finished, { e: "999" }), 2);
  for (const e of [undefined, "", "nothing"]) assert.equal(firstPlace(finished, { e }), 0);
  assert.equal(firstPlace(run("finished", []), {}), -1);
});

test("a run that grows, or that diverged, is opened at its newest checkpoint", () => {
  for (const state of ["running", "diverged"]) assert.equal(firstPlace(run(state), {}), 2);
  assert.equal(firstPlace(run("running"), { e: "0" }), 0);
  assert.equal(firstPlace(run("running", []), {}), -1);
});
