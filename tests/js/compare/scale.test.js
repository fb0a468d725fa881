import assert from "node:assert/strict";
import test from "node:test";
import { nameOf } from "#js/compare/names.js";
import { coordinateWords } from "#js/compare/scale.js";

test("a place of the scrub bar has the decimals of its alignment, an epoch its commas", () => {
  assert.equal(coordinateWords(1200, 0), "1,200");
  assert.equal(coordinateWords(43.25, 1), "43.3");
  assert.equal(coordinateWords(1.08333, 3), "1.083");
});

test("a column that stays names its epoch, zero too", () => {
  assert.equal(nameOf({ run: "add-113", pin: null }), "add-113");
  assert.equal(nameOf({ run: "add-113", pin: "" }), "add-113");
  assert.equal(nameOf({ run: "add-113", pin: 0 }), "add-113@0");
});
