import assert from "node:assert/strict";
import test from "node:test";
import { fitting } from "#js/player/phase-strip.js";

const measure = (text) => 6 * text.length;
const NAMES = ["circuit formation", "circuit", "2"];

test("a phase is named as fully as there is room for, never cut", () => {
  const widths = [110, 109, 50, 49, 14, 13, 0];

  const found = widths.map((width) => fitting(NAMES, width, measure));

  assert.deepEqual(found, ["circuit formation", "circuit", "circuit", "2", "2", "", ""]);
});
