import assert from "node:assert/strict";
import test from "node:test";
import { fitColumns, tooMany } from "#js/runs/columns.js";

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

test("columns that are laid out anew go again where there is no room for them", () => {
  const [listeners, visible] = [new Map(), new Set([...WIDTHS.keys()])];
  const api = {
    addEventListener: (name, listener) => listeners.set(name, listener),
    getColumnDefs: () => [...WIDTHS].map(([field, width]) => ({ field, width })),
    setColumnsVisible(fields, shown) {
      for (const field of fields) visible[shown ? "add" : "delete"](field);
    },
  };
  globalThis.document = {
    getElementById: () => ({ clientWidth: 360 }),
    querySelector: () => null,
  };
  fitColumns(api);
  assert.deepEqual(
    [...visible].filter((name) => WIDTHS.has(name)),
    ["title"],
  );

  for (const name of WIDTHS.keys()) visible.add(name);
  listeners.get("newColumnsLoaded")();
  assert.deepEqual(
    [...visible].filter((name) => WIDTHS.has(name)),
    ["title"],
  );
  delete globalThis.document;
});
