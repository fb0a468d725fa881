import assert from "node:assert/strict";
import test from "node:test";
import { colourTable, cssFromTable, markerColours, tableIndex } from "#js/canvas/colours.js";

const GREYS = [
  [0, "#000000"],
  [1, "#ffffff"],
];
const DIVERGING = [
  [0, "#0000ff"],
  [0.5, "#ffffff"],
  [1, "#ff0000"],
];

const parse = (text) => [1, 3, 5].map((i) => Number.parseInt(text.slice(i, i + 2), 16));
const at = (table, value, low, high) => cssFromTable(table, tableIndex(value, low, high));

test("the ends of a scale are the colours of the ends of a range", () => {
  const table = colourTable(DIVERGING, false, parse);

  assert.equal(at(table, -2, -2, 2), "rgb(0,0,255)");
  assert.equal(at(table, 2, -2, 2), "rgb(255,0,0)");
  assert.equal(at(table, -9, -2, 2), "rgb(0,0,255)");
  assert.equal(at(table, 9, -2, 2), "rgb(255,0,0)");
});

test("between two stops colours are mixed by distance", () => {
  const table = colourTable(GREYS, false, parse);

  for (const value of [0.1, 0.25, 0.5, 0.8]) {
    const [grey] = /\d+/.exec(at(table, value, 0, 1));
    assert.ok(Math.abs(Number(grey) - 255 * value) <= 1, `${value} is ${grey}`);
  }
});

test("a reversed scale is the scale read from its other end", () => {
  const forward = colourTable(DIVERGING, false, parse);
  const backward = colourTable(DIVERGING, true, parse);

  assert.deepEqual([...backward], [...forward].reverse());
});

test("a range without width is the middle of the scale", () => {
  const table = colourTable(GREYS, false, parse);
  const [grey] = /\d+/.exec(at(table, 7, 7, 7));

  assert.ok(Math.abs(Number(grey) - 127.5) <= 1);
});

test("a scale is worked out once", () => {
  const table = colourTable(GREYS, false, parse);

  const again = colourTable(GREYS, false, () => assert.fail("parsed again"));

  assert.equal(again, table);
});

test("markers are of one colour, of a list, or of a scale with gaps left out", () => {
  colourTable(GREYS, false, parse);
  const scaled = { color: [0, Number.NaN, 1], cmin: 0, cmax: 1, colorscale: GREYS };
  const coloursOf = (marker) => {
    const colour = markerColours({ trace: { marker }, arrays: {} });
    return [0, 1, 2].map(colour);
  };

  assert.deepEqual(coloursOf({ color: "red" }), ["red", "red", "red"]);
  assert.deepEqual(coloursOf({ color: ["red", "blue"] }), ["red", "blue", "#888"]);
  assert.deepEqual(coloursOf(scaled), ["rgb(0,0,0)", "transparent", "rgb(255,255,255)"]);
});

test("the frame's colours replace those of the figure", () => {
  colourTable(GREYS, false, parse);
  const marker = { color: [0, 0], cmin: 0, cmax: 1, colorscale: GREYS };
  const frame = { dtype: "f4", shape: [2], data: Float32Array.of(1, 0) };

  const colour = markerColours({ trace: { marker }, arrays: { "marker.color": frame } });

  assert.equal(colour(0), "rgb(255,255,255)");
});
