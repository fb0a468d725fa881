import assert from "node:assert/strict";
import test from "node:test";
import { queryString } from "#js/lib/address.js";

test("a query leaves out what is empty, and keeps zero", () => {
  const query = queryString({ e: 0, k: null, h: undefined, colour: "", t: "dark" });

  assert.equal(query, "e=0&t=dark");
});

test("what a query carries is read back unchanged", () => {
  const values = { runs: "a b@3,c&d", t: "ünï" };

  assert.deepEqual(Object.fromEntries(new URLSearchParams(queryString(values))), values);
});
