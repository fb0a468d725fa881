import assert from "node:assert/strict";
import test from "node:test";
import { tooMany } from "#js/runs/columns.js";

const WIDTHS = new Map([
  ["title", 160],
  ["state", 106],
  ["train_accuracy", 80],
  ["train_fraction", 62],
  ["size_bytes", 400],
]);

test("columns go in their order until the others and a scroll bar have room", () => {
  assert.deepEqual(tooMany(824, WIDTHS), []);
  assert.deepEqual(tooMany(823, WIDTHS), ["train_accuracy"]);
  assert.deepEqual(tooMany(743, WIDTHS), ["train_accuracy", "train_fraction"]);
});

test("on a phone only the name is left, and what is said under it", () => {
  const gone = tooMany(384, WIDTHS);

  assert.ok(gone.includes("state"));
  assert.ok(!gone.includes("title"));
});
