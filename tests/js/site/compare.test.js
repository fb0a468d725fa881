import assert from "node:assert/strict";
import test from "node:test";
import { named } from "#js/site/compare-source.js";
import { boundTo, correlation, differenceWords } from "#js/site/difference.js";
import { union, widen } from "#js/site/ranges.js";

const array = (data) => ({ dtype: "f4", shape: [data.length], data: Float32Array.from(data) });
const side = (letter, step, data) => ({
  letter,
  frame: { step, sentence: "", bytes: 0, arrays: { "0.y": array(data) } },
});

test("a range of all holds every one, and there is none where one has none", () => {
  assert.deepEqual(
    union([
      [0, 1],
      [-2, 0.5],
    ]),
    [-2, 1],
  );
  assert.equal(union([[0, 1], null]), null);
});

test("maps take the colours of all runs, bars their heights", () => {
  const map = (top) => ({
    limits: { z: [0, top] },
    figure: {
      data: [{ type: "heatmap", zmin: 0, zmax: top }],
      layout: { yaxis: { range: [0, 9] } },
    },
  });
  const own = map(1);
  widen(own, [map(3)]);
  assert.equal(own.figure.data[0].zmax, 3);
  assert.deepEqual(own.limits.z, [0, 3]);
  const bars = (top) => ({
    limits: {},
    figure: { data: [{ type: "bar" }], layout: { yaxis: { range: [0, top] } } },
  });
  const low = bars(1);
  widen(low, [bars(4)]);
  assert.deepEqual(low.figure.layout.yaxis.range, [0, 4]);
});

test("a difference is told as the app tells it", () => {
  const told = differenceWords([side("A", 1200, [1, 2, 3]), side("B", 900, [0, 2, 5])]);
  assert.equal(
    told,
    "A at epoch 1,200 minus B at epoch 900: 1 on average, at most 2; correlation 0.99.",
  );
  const nothing = differenceWords([side("A", 1, [Number.NaN]), side("B", 1, [1])]);
  assert.match(nothing, /no number is known in both/);
  assert.ok(Number.isNaN(correlation([1, 1], [1, 2])));
});

test("the range of a difference lies evenly about zero", () => {
  const figure = { data: [{ type: "bar" }], layout: { yaxis: { range: [0, 1] } } };
  boundTo(figure, 2);
  assert.deepEqual(figure.layout.yaxis.range, [-2.1, 2.1]);
});

test("what is saved is named by the epochs that are shown", () => {
  assert.equal(
    named("a-vs-b__loss__e000300-vs-e000100", [20, 1200], "overlay"),
    "a-vs-b__loss__e000020-vs-e001200",
  );
});
