import assert from "node:assert/strict";
import test from "node:test";
import { middles, nextPlace } from "#js/canvas/points.js";

/** @param {[number, number][]} points */
const places = (points) => points.map(([x, y], point) => ({ trace: 0, point, x, y }));

test("arrows go from cell to cell of a grid, and stay at its edge", () => {
  const grid = places([0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => [10 * x, 10 * y])));

  assert.equal(nextPlace(grid, grid[4], "right").point, 5);
  assert.equal(nextPlace(grid, grid[4], "left").point, 3);
  assert.equal(nextPlace(grid, grid[4], "down").point, 7);
  assert.equal(nextPlace(grid, grid[4], "up").point, 1);
  assert.equal(nextPlace(grid, grid[2], "right").point, 2);
});

test("along a line every point is visited, however steep; up and down are other lines", () => {
  const steep = places([0, 1, 2, 3, 4].map((x) => [5 * x, 9 ** x]));
  const flat = places([0, 1, 2, 3, 4].map((x) => [5 * x, 20]));
  const lines = [...steep, ...flat.map((place) => ({ ...place, trace: 1 }))].map((place) => ({
    ...place,
    line: true,
  }));
  let at = lines[0];
  for (const point of [1, 2, 3, 4, 4]) {
    at = nextPlace(lines, at, "right");
    assert.deepEqual([at.trace, at.point], [0, point]);
  }

  const other = nextPlace(lines, at, "up");
  assert.deepEqual([other.trace, other.point], [1, 4]);
});

test("on a circle an arrow goes round, not across", () => {
  const circle = places(
    Array.from({ length: 12 }, (_, i) => [
      100 * Math.cos((i * Math.PI) / 6),
      100 * Math.sin((i * Math.PI) / 6),
    ]),
  );

  assert.equal(nextPlace(circle, circle[3], "right").point, 2);
  assert.equal(nextPlace(circle, circle[3], "left").point, 4);
});

test("cells have their middles, whether positions are those or edges", () => {
  const double = (/** @type {number} */ x) => 2 * x;

  assert.deepEqual(middles([0, 1, 2], 3, double), [0, 2, 4]);
  assert.deepEqual(middles([-0.5, 0.5, 1.5, 2.5], 3, double), [0, 2, 4]);
});
