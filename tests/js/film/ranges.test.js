import assert from "node:assert/strict";
import test from "node:test";
import { shareRanges } from "#js/film/ranges.js";

const bars = (high, more = {}) => ({
  data: [{ type: "bar" }],
  layout: { yaxis: { range: [0, high], ...more }, xaxis: { title: { text: "k" } } },
});
const map = (low, high, cells) => ({
  data: [{ type: "heatmap", zmin: low, zmax: high }],
  layout: { yaxis: { range: [0, cells] }, coloraxis: { cmin: low, cmax: high } },
});

test("figures of one view get the range that holds all of them", () => {
  const figures = [bars(3), bars(5)];

  shareRanges(figures);

  assert.deepEqual(
    figures.map(({ layout }) => layout.yaxis.range),
    [
      [0, 5],
      [0, 5],
    ],
  );
  assert.equal(figures[0].layout.xaxis.range, undefined);
});

test("a logarithmic and a linear axis have nothing in common", () => {
  const figures = [bars(3, { type: "log" }), bars(5)];

  shareRanges(figures);

  assert.deepEqual(
    figures.map(({ layout }) => layout.yaxis.range),
    [
      [0, 3],
      [0, 5],
    ],
  );
});

test("maps share their colours and keep their cells", () => {
  const figures = [map(-1, 1, 59), map(0, 4, 113)];

  shareRanges(figures);

  for (const { data, layout } of figures) {
    assert.deepEqual([data[0].zmin, data[0].zmax], [-1, 4]);
    assert.deepEqual([layout.coloraxis.cmin, layout.coloraxis.cmax], [-1, 4]);
  }
  assert.deepEqual(
    figures.map(({ layout }) => layout.yaxis.range),
    [
      [0, 59],
      [0, 113],
    ],
  );
});
