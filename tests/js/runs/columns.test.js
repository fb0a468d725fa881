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

test("columns that something else shows again go where there is no room for them", () => {
  const [listeners, visible] = [new Map(), new Set(WIDTHS.keys())];
  let changes = 0;
  const api = {
    addEventListener: (name, listener) => listeners.set(name, listener),
    getColumn: (name) => (WIDTHS.has(name) ? { isVisible: () => visible.has(name) } : null),
    getColumnDefs: () => [...WIDTHS].map(([field, width]) => ({ field, width })),
    setColumnsVisible(fields, shown) {
      changes += 1;
      for (const field of fields) visible[shown ? "add" : "delete"](field);
      listeners.get("displayedColumnsChanged")?.(); // as the grid says of every call
    },
  };
  globalThis.document = {
    getElementById: () => ({ clientWidth: 360 }),
    querySelector: () => null,
  };
  fitColumns(api);
  assert.deepEqual([...visible], ["title"]);

  for (const name of WIDTHS.keys()) visible.add(name);
  listeners.get("displayedColumnsChanged")();
  assert.deepEqual([...visible], ["title"]);
  assert.equal(changes, 2); // and none where nothing is wrong

  globalThis.document.getElementById = () => ({ clientWidth: 3000 });
  listeners.get("gridSizeChanged")({ clientWidth: 3000 });
  assert.deepEqual([...visible].sort(), [...WIDTHS.keys()].sort());
  delete globalThis.document;
});
