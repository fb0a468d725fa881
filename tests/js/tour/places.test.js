import assert from "node:assert/strict";
import test from "node:test";
import { isHere } from "#js/tour/places.js";

const picked = { k: 13, n: 91 };

test("a button is pressed where it would lead", () => {
  assert.ok(isHere({ e: 190 }, 190, picked));
  assert.ok(isHere({ e: 190, k: 13 }, 190, picked));
  assert.ok(isHere({ n: 91 }, 0, picked));
});

test("another epoch or another pick is another place", () => {
  assert.ok(!isHere({ e: 190 }, 195, picked));
  assert.ok(!isHere({ e: 190, k: 14 }, 190, picked));
});

test("what plays is never where one is", () => {
  assert.ok(!isHere({ e: 0, until: 190 }, 0, picked));
});
