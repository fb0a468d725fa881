import assert from "node:assert/strict";
import test from "node:test";
import { caption, curves, turns } from "#js/tour/waves.js";

test("two products are one wave, moved by y", () => {
  for (const x of [0, 0.1, 0.37, 0.9]) {
    for (const y of [0, 0.25, 0.63]) {
      const [first, second, sum] = curves(x, y);
      assert.ok(Math.abs(sum - Math.cos(2 * Math.PI * (x + y))) < 1e-12);
      assert.equal(first + second, sum);
    }
  }
});

test("p steps are whole turns", () => {
  assert.equal(turns(19, 59, 59), 0);
  assert.equal(turns(19, 1, 59), 19 / 59);
});

test("the caption adds up and writes minus signs", () => {
  const text = caption({ k: 1, a: 1, b: 1 }, 4);
  assert.match(text, /At a = 1 \(dots\): 0\.00 − 1\.00 = −1\.00\./);
});
