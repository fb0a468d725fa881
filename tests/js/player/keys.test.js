import assert from "node:assert/strict";
import { test } from "node:test";

import { actionOf } from "#js/player/keys.js";

/** @type {Record<string, any>} */
const ACTIONS = {
  ArrowLeft: "previous",
  "Shift+ArrowLeft": "previous-10",
  Home: "first",
  s: "save",
  S: "export-all",
  d: "theme",
  "?": "keys",
};

test("shift makes another action of a named key that has one", () => {
  assert.equal(actionOf(ACTIONS, "ArrowLeft", false), "previous");
  assert.equal(actionOf(ACTIONS, "ArrowLeft", true), "previous-10");
  assert.equal(actionOf(ACTIONS, "Home", true), "first");
});

test("a letter does the same in either case, unless both are named", () => {
  assert.equal(actionOf(ACTIONS, "d", false), "theme");
  assert.equal(actionOf(ACTIONS, "D", true), "theme");
  assert.equal(actionOf(ACTIONS, "s", false), "save");
  assert.equal(actionOf(ACTIONS, "S", true), "export-all");
});

test("a sign that needs shift is itself, and other keys are nobody's", () => {
  assert.equal(actionOf(ACTIONS, "?", true), "keys");
  assert.equal(actionOf(ACTIONS, "x", false), undefined);
  assert.equal(actionOf(ACTIONS, "F5", false), undefined);
});
