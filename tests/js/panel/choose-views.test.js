import assert from "node:assert/strict";
import test from "node:test";
import { changed, found } from "#js/panel/choose-views.js";

const view = (id, title, subject, question) => ({ id, title, subject, question, missing: null });
const VIEWS = [
  view("loss-grid", "Loss of every pair", "Logits", "Which pairs are learned?"),
  view("weight-norm", "Sum of squared weights", "Training", "When does weight decay clear up?"),
];

test("a view is found by words of its title, subject, question or id, in any order", () => {
  const ids = (text) => found(VIEWS, text).map((one) => one.id);
  assert.deepEqual(ids("pair LOSS"), ["loss-grid"]);
  assert.deepEqual(ids("training decay"), ["weight-norm"]);
  assert.deepEqual(ids("norm"), ["weight-norm"]);
  assert.deepEqual(ids(" "), ["loss-grid", "weight-norm"]);
  assert.deepEqual(ids("loss decay"), []);
});

test("a panel goes one place up or down, and stays where the list ends", () => {
  assert.deepEqual(changed(["a", "b", "c"], "up", "b"), ["b", "a", "c"]);
  assert.deepEqual(changed(["a", "b", "c"], "down", "b"), ["a", "c", "b"]);
  assert.deepEqual(changed(["a", "b", "c"], "up", "a"), ["a", "b", "c"]);
  assert.deepEqual(changed(["a", "b", "c"], "down", "c"), ["a", "b", "c"]);
});

test("the last panel is not removed", () => {
  assert.deepEqual(changed(["a", "b"], "remove", "a"), ["b"]);
  assert.deepEqual(changed(["a"], "remove", "a"), ["a"]);
});
