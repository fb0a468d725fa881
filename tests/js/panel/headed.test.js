import assert from "node:assert/strict";
import { test } from "node:test";
import { wrapped } from "#js/panel/headed.js";

const within = (most) => (line) => line.length <= most;

test("words stay whole, in lines that fit", () => {
  assert.deepEqual(wrapped("one two three four", within(9)), ["one two", "three", "four"]);
});

test("a word that is too wide has a line of its own", () => {
  assert.deepEqual(wrapped("a extraordinarily b", within(6)), ["a", "extraordinarily", "b"]);
});

test("what fits is one line", () => {
  assert.deepEqual(wrapped("Grok epoch", within(20)), ["Grok epoch"]);
});
