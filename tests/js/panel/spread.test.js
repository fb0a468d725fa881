import assert from "node:assert/strict";
import test from "node:test";
import { byCheckpoint, fractions } from "#js/panel/spread.js";

const STEPS = [0, 10, 100, 1000];

test("places lie as on the axis of the chart: by epoch, by its logarithm, or evenly", () => {
  assert.deepEqual(fractions(STEPS, "linear"), [0, 0.01, 0.1, 1]);
  const logs = fractions(STEPS, "log").map((one) => Math.round(3 * one));
  assert.deepEqual(logs, [0, 1, 2, 3]);
  assert.deepEqual(fractions([0, 10, 40], "checkpoint"), [0, 0.5, 1]);
});

test("one place, or none, is no reason to fail", () => {
  assert.deepEqual(fractions([], "linear"), []);
  assert.deepEqual(fractions([7], "log"), [0]);
});

test("a chart by checkpoint draws evenly and writes epochs", () => {
  const figure = {
    data: [{ x: STEPS, y: [4, 3, 2, 1], hovertemplate: "epoch %{x}<br>train %{y}" }],
    layout: {
      xaxis: { range: [0, 1000] },
      shapes: [{ xref: "x", x0: 10, x1: 990 }, { xref: "paper" }],
    },
  };

  byCheckpoint(figure, STEPS, String);

  assert.deepEqual(figure.data[0].x, [0, 1, 2, 3]);
  assert.equal(figure.data[0].hovertemplate, "epoch %{text}<br>train %{y}");
  assert.deepEqual(figure.layout.xaxis.range, [0, 3]);
  assert.deepEqual(figure.layout.xaxis.ticktext, ["0", "10", "100", "1000"]);
  assert.deepEqual(figure.layout.shapes[0], { xref: "x", x0: 1, x1: 3 });
});
