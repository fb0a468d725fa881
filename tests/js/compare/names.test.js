/** A list of runs holds runs of any name, and Python reads it back. */

import assert from "node:assert/strict";
import test from "node:test";
import { nameOf, namesOf } from "../../../assets/js/compare/names.js";

test("what separates names is escaped, and nothing else", () => {
  assert.equal(namesOf(["a", "b-1.2"]), "a,b-1.2");
  assert.equal(namesOf(["Ü (2)", "a,b@4%2C"]), "Ü (2),a%2Cb%404%252C");
});

test("a pin follows the name", () => {
  assert.equal(nameOf({ run: "a@b", pin: 40 }), "a%40b@40");
  assert.equal(nameOf({ run: "a", pin: null }), "a");
  assert.equal(nameOf({ run: "a", pin: "" }), "a");
});
