import assert from "node:assert/strict";
import test from "node:test";
import { cellSize, fitSquares, squaresOf } from "#js/canvas/squares.js";

const MARGIN = { l: 52, r: 64, t: 8, b: 40 };

/**
 * A figure with maps of n × n cells in places of equal width.
 * @param {number} n
 * @param {number} [count] of maps, side by side
 */
function maps(n, count = 1) {
  const numbers = Array.from({ length: count }, (_, i) => (i ? String(i + 1) : ""));
  const data = numbers.map((number, i) => ({
    type: "heatmap",
    xaxis: `x${number}`,
    yaxis: `y${number}`,
    z: i ? { dtype: "f4", shape: `${n}, ${n}`, bdata: "" } : Array(n).fill(Array(n).fill(0)),
    showscale: i === 0,
    colorbar: {},
  }));
  const width = (1 - 0.03 * (count - 1)) / count;
  const axes = numbers.flatMap((number, i) => {
    const left = i * (width + 0.03);
    return [
      [`xaxis${number}`, { constrain: "domain", domain: [left, left + width] }],
      [`yaxis${number}`, { constrain: "domain", scaleanchor: `x${number}` }],
    ];
  });
  return { data, layout: { margin: MARGIN, ...Object.fromEntries(axes) } };
}

/**
 * Where the maps of a figure lie, in pixels.
 * @param {any} figure
 * @param {{ width: number, height: number }} room
 * @param {number} ratio
 */
function boxes(figure, room, ratio) {
  const found = squaresOf(figure);
  fitSquares(figure, found, room, ratio);
  const [w, h] = [room.width - MARGIN.l - MARGIN.r, room.height - MARGIN.t - MARGIN.b];
  return found.map(({ x, y }) => {
    const [left, right] = figure.layout[x].domain;
    const [low, high] = figure.layout[y].domain;
    return {
      left: left * w,
      width: (right - left) * w,
      top: (1 - high) * h,
      height: (high - low) * h,
    };
  });
}

/** @param {number} number */
const isWhole = (number) => Math.abs(number - Math.round(number)) < 1e-6;

test("a map is square in a wide and in a tall panel, with whole pixels for its cells", () => {
  for (const n of [53, 59, 113]) {
    for (const [width, height] of [
      [390, 230],
      [390, 700],
      [1900, 980],
    ]) {
      for (const ratio of [1, 1.5, 2]) {
        const [box] = boxes(maps(n), { width, height }, ratio);
        assert.ok(Math.abs(box.width - box.height) < 1e-6, `${n} in ${width} × ${height}`);
        assert.ok(isWhole(box.width) && isWhole(box.left * ratio) && isWhole(box.top * ratio));
        const room = Math.min(width - MARGIN.l - MARGIN.r, height - MARGIN.t - MARGIN.b);
        assert.ok(box.width <= room && box.width >= 0.74 * room);
      }
    }
  }
});

test("a cell has whole pixels of the device where the map still fills its place", () => {
  assert.equal(cellSize(2.9, [113], 1), 327 / 113);
  assert.equal(cellSize(2.6, [113], 1), 2);
  assert.equal(cellSize(4.9, [59], 1), 4);
  assert.equal(cellSize(2.6, [60], 2), 2.5);
  assert.equal(cellSize(2.6, [59], 2), 2);
  assert.equal(cellSize(0.4, [113], 1), 45 / 113);
});

test("several maps are of one size and stay apart", () => {
  const found = boxes(maps(59, 4), { width: 900, height: 500 }, 1);

  assert.equal(new Set(found.map(({ width }) => Math.round(width))).size, 1);
  for (const [i, box] of found.slice(1).entries()) {
    assert.ok(box.left >= found[i].left + found[i].width + 10);
  }
});

test("the colour bar stands at the map and is as high", () => {
  const figure = maps(59);
  const [box] = boxes(figure, { width: 900, height: 400 }, 1);
  const [w, h] = [900 - MARGIN.l - MARGIN.r, 400 - MARGIN.t - MARGIN.b];
  const bar = /** @type {any} */ (figure.data[0].colorbar);

  assert.ok(Math.abs(bar.x * w - (box.left + box.width) - 4) < 1e-6);
  assert.ok(Math.abs(bar.len * h - box.height) < 1e-6);
  assert.ok(Math.abs((1 - bar.y) * h - box.top) < 1e-6);
});

test("a panel that is resized begins again at the places that were sent", () => {
  const figure = maps(59, 2);
  const found = squaresOf(figure);
  for (const width of [500, 1200]) fitSquares(figure, found, { width, height: 700 }, 1);
  const again = maps(59, 2);
  fitSquares(again, squaresOf(again), { width: 1200, height: 700 }, 1);

  assert.deepEqual(figure.layout, again.layout);
});

test("a map that need not be square stays as it is", () => {
  const figure = maps(59);
  Object.assign(figure.layout.yaxis, { scaleanchor: undefined });

  assert.deepEqual(squaresOf(figure), []);
});
