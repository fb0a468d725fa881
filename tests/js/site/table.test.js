import assert from "node:assert/strict";
import test from "node:test";
import { fits, order, queryOf, sortKey, wantedOf } from "#js/site/table.js";

const ROW = {
  text: "a + b mod 59 add-p59-s0 finished good",
  facets: { operation: "add", p: "59" },
  values: {},
};

test("every word must be there and every facet that is chosen", () => {
  const shown = (query, facets = {}) => fits(ROW, { query, facets });
  assert.ok(shown(""));
  assert.ok(shown("GOOD  mod"));
  assert.ok(!shown("good bad"));
  assert.ok(shown("good", { operation: "add", p: "" }));
  assert.ok(!shown("good", { operation: "mul", p: "59" }));
});

test("numbers sort as numbers, words by the numbers in them, the unknown last", () => {
  assert.deepEqual(order([10, 9, null, 0.3], false), [3, 1, 0, 2]);
  assert.deepEqual(order([10, 9, null, 0.3], true), [0, 1, 3, 2]);
  assert.deepEqual(order(["p 10", "p 9", null], false), [1, 0, 2]);
  assert.deepEqual(order([1, 1, 0], true), [0, 1, 2], "alike rows keep their order");
  assert.deepEqual(["", undefined, "1e-3", "add"].map(sortKey), [null, null, 0.001, "add"]);
});

test("an address says what is wanted, and is written from it", () => {
  const wanted = wantedOf({ q: "good", operation: "add", sort: "-seed", t: "dark" }, [
    "operation",
    "p",
  ]);
  assert.deepEqual(wanted, {
    query: "good",
    facets: { operation: "add", p: "" },
    column: "seed",
    falling: true,
  });
  assert.deepEqual(queryOf(wanted), { q: "good", operation: "add", p: "", sort: "-seed" });
  assert.equal(queryOf(wantedOf({}, [])).sort, "");
});
