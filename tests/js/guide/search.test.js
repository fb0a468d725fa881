import assert from "node:assert/strict";
import test from "node:test";

import { foundWords, holds } from "../../../assets/js/guide/search.js";

test("an entry is found by all of the words, in any order and case", () => {
  const entry = "Fourier spectrum of W_E: which frequencies do the embeddings use?";

  assert.ok(holds(entry, ""));
  assert.ok(holds(entry, "w_e spectrum"));
  assert.ok(!holds(entry, "spectrum W_L"));
});

test("it is said how much was found, and what to do when nothing was", () => {
  assert.equal(foundWords(80, 80, ""), "");
  assert.equal(foundWords(3, 80, "circle"), "3 of 80 views");
  assert.match(foundWords(0, 80, "xyz"), /No view says “xyz”. Try/);
});
