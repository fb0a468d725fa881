import assert from "node:assert/strict";
import test from "node:test";
import { colouring, EpochRanges, moved } from "#js/canvas/epoch-ranges.js";
import { axis, curve } from "./paint.js";

test("a range about zero follows the number that is farthest from zero", () => {
  assert.deepEqual(moved([-2, 2], [-2, 1], [-0.5, 4]), [-4, 4]);
});

test("a range from zero keeps zero and the room above", () => {
  assert.deepEqual(moved([0, 1.1], [0.2, 1], [0.1, 2]), [0, 2.2]);
});

test("a range with room on both sides keeps its room in proportion", () => {
  const [low, high] = moved([0.9, 2.1], [1, 2], [10, 30]);

  assert.ok(Math.abs(low - 8) < 1e-9);
  assert.ok(Math.abs(high - 32) < 1e-9);
});

test("a range that something else has made stays", () => {
  assert.deepEqual(moved([0, 113], [1, 2], [3, 4]), [0, 113]);
  assert.deepEqual(moved([1, 2], null, [3, 4]), [1, 2]);
  assert.deepEqual(moved([1, 2], [1, 2], null), [1, 2]);
});

test("the same limits leave a range as it is", () => {
  for (const [range, limits] of [
    [
      [-2, 2],
      [-2, 1],
    ],
    [
      [0, 1.1],
      [0.2, 1],
    ],
    [
      [0.9, 2.1],
      [1, 2],
    ],
  ]) {
    moved(range, limits, limits).forEach((end, i) => {
      assert.ok(Math.abs(end - range[i]) < 1e-12);
    });
  }
});

/** A drawn figure of one trace, whose arrays went from 0 to 1. */
function picture(trace, scrub, sent = [0, 10]) {
  const plotly = (id) => ({
    ...axis(100, [0, 10], id),
    _name: `${id}axis`,
    type: "linear",
    range: [0, 10],
    c2l: Number,
  });
  const plot = { xaxis: plotly("x"), yaxis: plotly("y") };
  return {
    view: { scrub },
    answer: { limits: { value: [0, 10] } },
    sentRanges: { xaxis: sent, yaxis: sent },
    plot,
    gd: {
      calcdata: [[{ trace: { index: 0, xaxis: "x", yaxis: "y", ...trace } }]],
      _fullLayout: { _plots: { xy: plot } },
      querySelectorAll: () => [],
    },
  };
}

test("the colours of a heat map follow the frame", () => {
  const trace = { type: "heatmap", zmin: -10, zmax: 10 };
  const shown = picture(trace, { "0.z": "value" });

  const ranges = new EpochRanges(shown).follow({ arrays: { "0.z": curve(-3, 0, 5) } });

  assert.deepEqual(ranges.colour({ index: 0 }), [-5, 5]);
});

test("an axis follows the frame: the same number stands elsewhere", () => {
  const shown = picture({ type: "scatter" }, { "0.y": "value" });

  const ranges = new EpochRanges(shown).follow({ arrays: { "0.y": curve(0, 20) } });

  assert.equal(ranges.axis(shown.plot.yaxis).c2p(10), 50);
  assert.equal(ranges.axis(shown.plot.xaxis), shown.plot.xaxis);
});

test("an axis that the reader has zoomed stays", () => {
  const shown = picture({ type: "scatter" }, { "0.y": "value" }, [0, 12]);

  const ranges = new EpochRanges(shown).follow({ arrays: { "0.y": curve(0, 20) } });

  assert.equal(ranges.axis(shown.plot.yaxis), shown.plot.yaxis);
});

test("signed colours follow the signs of the epoch", () => {
  const sides = { one: [[0, "navy"]], both: [[0, "red"]] };
  const trace = { zmin: 30, zmax: 40, meta: { sides } };
  /** @param {[number, number]} now */
  const told = (now) => colouring(trace, { before: [30, 40], now });

  assert.deepEqual(told([5, 7]), { range: [5, 7], scale: sides.one });
  assert.deepEqual(told([-7, -5]), { range: [-7, -5], scale: sides.one });
  assert.deepEqual(told([-2, 7]), { range: [-7, 7], scale: sides.both });
  assert.deepEqual(colouring({ zmin: 0, zmax: 4 }, { before: [1, 4], now: [1, 8] }), {
    range: [0, 8],
  });
});
