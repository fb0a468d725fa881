import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf } from "#js/panel/menu.js";

test("a cell in quotes is one, whatever it holds", () => {
  assert.deepEqual(cellsOf('1,"a, b","{""k"": 3}",2'), ["1", "a, b", '{"k": 3}', "2"]);
});

test("an empty cell is one as well", () => {
  assert.deepEqual(cellsOf(",1,,"), ["", "1", "", ""]);
});
