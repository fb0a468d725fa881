import assert from "node:assert/strict";
import test from "node:test";
import { Lifecycle } from "#js/lib/lifecycle.js";

function traced() {
  const pages = new Lifecycle();
  const trace = [];
  for (const kind of ["run", "compare"]) {
    pages.define(kind, ({ id }) => {
      trace.push(`open ${kind} ${id}`);
      return { close: () => trace.push(`close ${kind} ${id}`) };
    });
  }
  return { pages, trace };
}

test("a page closes before the next one opens", () => {
  const { pages, trace } = traced();

  pages.open({ kind: "run", id: 1 });
  pages.open({ kind: "run", id: 2 });
  pages.open({ kind: "compare", id: 3 });

  assert.deepEqual(trace, [
    "open run 1",
    "close run 1",
    "open run 2",
    "close run 2",
    "open compare 3",
  ]);
});

test("a page without a script of its own only closes the one before", () => {
  const { pages, trace } = traced();

  pages.open({ kind: "run", id: 1 });
  pages.open({ kind: "guide" });
  pages.open(null);
  pages.close();

  assert.deepEqual(trace, ["open run 1", "close run 1"]);
});
