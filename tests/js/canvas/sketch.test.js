import assert from "node:assert/strict";
import test from "node:test";
import { ticksOf } from "#js/canvas/sketch.js";
import { layOut, numbersOf } from "#js/canvas/sketch-layout.js";

const margin = { l: 50, r: 10, t: 10, b: 40 };
const [WIDTH, HEIGHT] = [260, 150]; // 200 by 100 pixels within the margins

const sent = (values) => ({
  dtype: "f4",
  bdata: Buffer.from(Float32Array.from(values.flat()).buffer).toString("base64"),
  ...(Array.isArray(values[0]) && { shape: `${values.length}, ${values[0].length}` }),
});

const laidOut = (data, axes = {}) => {
  const layout = { margin, xaxis: {}, yaxis: {}, ...axes };
  const { calcdata, _fullLayout } = layOut({ data, layout }, WIDTH, HEIGHT);
  return { calcdata, ..._fullLayout._plots };
};

test("numbers are read as plotly.py writes them", () => {
  assert.deepEqual([...numbersOf(sent([1, -2.5]))], [1, -2.5]);
  assert.deepEqual([...numbersOf([3, 4])], [3, 4]);
  assert.deepEqual([...numbersOf(undefined)], []);
});

test("a heat map fills its axes: half a cell beyond the outermost positions", () => {
  const { calcdata, xy } = laidOut([
    {
      type: "heatmap",
      z: sent([
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ]),
    },
  ]);

  assert.deepEqual(xy.xaxis.range, [-0.5, 3.5]);
  assert.deepEqual(xy.yaxis.range, [-0.5, 1.5]);
  assert.equal(xy.xaxis.c2p(3.5), 200);
  assert.equal(xy.yaxis.c2p(-0.5), 100); // upwards
  assert.deepEqual([...calcdata[0][0].z[1]], [5, 6, 7, 8]);
});

test("lines have room above and below, on a logarithmic axis in decades", () => {
  const { xy } = laidOut([{ x: sent([0, 10]), y: sent([1, 1000]) }], {
    xaxis: { range: [0, 10] },
    yaxis: { type: "log" },
  });

  assert.deepEqual(xy.xaxis.range, [0, 10]);
  assert.deepEqual(xy.yaxis.range, [-3 / 18, 3 + 3 / 18]);
  const [low, high] = [xy.yaxis.c2p(1), xy.yaxis.c2p(1000)];
  assert.ok(Math.abs(low - 95) < 1e-4 && Math.abs(high - 5) < 1e-4); // a twentieth each
});

test("bars stand on zero, as wide as Plotly makes them", () => {
  const { calcdata, xy } = laidOut([{ type: "bar", x: sent([1, 2]), y: sent([3, 4]) }]);

  assert.deepEqual(calcdata[0][1], { b: 0, s: 4, p0: 1.6, p1: 2.4 });
  assert.deepEqual(xy.yaxis.range, [0, 4]);
});

test("axes share a figure by their domains and may be upside down", () => {
  const { x2y } = laidOut([{ xaxis: "x2", x: [0, 1], y: [0, 1] }], {
    xaxis2: { domain: [0.75, 1] },
    yaxis: { autorange: "reversed" },
  });

  assert.equal(x2y.xaxis._offset, 50 + 150);
  assert.equal(x2y.xaxis._length, 50);
  assert.ok(x2y.yaxis.range[0] > x2y.yaxis.range[1]);
});

test("one unit is as long on both axes where a figure says so", () => {
  const range = [-1, 1];
  const { xy } = laidOut([{ x: [0], y: [0] }], {
    xaxis: { range },
    yaxis: { range, scaleanchor: "x" },
  });

  assert.deepEqual([xy.xaxis._length, xy.yaxis._length], [100, 100]);
  assert.equal(xy.xaxis._offset, 50 + 50); // in the middle
});

test("markers have their colours and sizes as numbers", () => {
  const marker = { color: sent([0, 4]), size: sent([5, 6]), colorscale: [] };
  const { calcdata } = laidOut([{ mode: "markers", x: [0, 1], y: [0, 1], marker }]);

  const { color, size, cmin, cmax } = calcdata[0][0].trace.marker;
  assert.deepEqual([[...color], [...size], cmin, cmax], [[0, 4], [5, 6], 0, 4]);
});

test("what is empty or unknown draws nothing", () => {
  const { calcdata, xy } = laidOut([
    { x: [], y: [] },
    { type: "surface", z: [] },
  ]);

  assert.deepEqual(calcdata, []);
  assert.ok(xy.xaxis.range[0] < xy.xaxis.range[1]);
});

const axis = (range, more = {}) => ({ _id: "x", _length: 400, range, ...more });
const words = (ticks) => ticks.map(({ text }) => text);

test("ticks are round numbers, as many as Plotly wants", () => {
  assert.deepEqual(words(ticksOf(axis([0, 2500]))), [
    "0",
    "500",
    "1,000",
    "1,500",
    "2,000",
    "2,500",
  ]);
  assert.deepEqual(words(ticksOf(axis([-0.8, 0.8], { _length: 160 }))), ["−0.5", "0", "0.5"]);
  assert.deepEqual(words(ticksOf(axis([0, 10], { dtick: 5 }))), ["0", "5", "10"]);
});

test("ticks of a logarithmic axis are powers of ten, those of names are the names", () => {
  const log = ticksOf(axis([-2.2, 1.1], { type: "log" }));
  assert.deepEqual(words(log), ["10⁻²", "10⁻¹", "1", "10¹"]);
  assert.deepEqual(
    log.map(({ value }) => value),
    [0.01, 0.1, 1, 10],
  );
  const named = axis([0, 1], { tickvals: [0, 1], ticktext: ["a", "b"] });
  assert.deepEqual(words(ticksOf(named)), ["a", "b"]);
});
