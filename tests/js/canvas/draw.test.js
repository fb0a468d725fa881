import assert from "node:assert/strict";
import test from "node:test";
import { drawBars } from "#js/canvas/draw-bars.js";
import { drawScatter } from "#js/canvas/draw-scatter.js";
import { curve, job, noteContext } from "./paint.js";

const named = ({ calls }, ...names) => calls.filter(([name]) => names.includes(name));

test("bars stand where Plotly put them, with the lengths of the frame", () => {
  const context = noteContext();
  const calc = [
    { p0: 1, p1: 2, s: 9 },
    { p0: 3, p1: 4, s: 9 },
    { p0: 5, p1: 6, s: 9 },
  ];

  drawBars(context, job({}, calc, { y: curve(5, Number.NaN, 10) }));

  assert.deepEqual(named(context, "fillRect"), [
    ["fillRect", 10, 50, 10, 50],
    ["fillRect", 50, 0, 10, 100],
  ]);
});

test("lying bars grow to the right", () => {
  const context = noteContext();

  drawBars(context, job({ orientation: "h" }, [{ p0: 0, p1: 1, s: 4 }]));

  assert.deepEqual(named(context, "fillRect"), [["fillRect", 0, 90, 40, 10]]);
});

test("a line goes through the points of the frame and stops at gaps", () => {
  const context = noteContext();
  const calc = [0, 1, 2, 3].map((x) => ({ x, y: 0 }));

  drawScatter(context, job({ mode: "lines" }, calc, { y: curve(1, 2, Number.NaN, 4) }));

  assert.deepEqual(named(context, "moveTo", "lineTo"), [
    ["moveTo", 0, 90],
    ["lineTo", 10, 80],
    ["moveTo", 30, 60],
  ]);
});

test("a step goes across before it goes up", () => {
  const context = noteContext();
  const calc = [
    { x: 0, y: 0 },
    { x: 1, y: 5 },
  ];

  drawScatter(context, job({ mode: "lines", line: { shape: "hv" } }, calc));

  assert.deepEqual(named(context, "moveTo", "lineTo"), [
    ["moveTo", 0, 100],
    ["lineTo", 10, 100],
    ["lineTo", 10, 50],
  ]);
});

test("markers have the size of the frame, as a diameter", () => {
  const context = noteContext();
  const trace = { mode: "markers", marker: { color: "red" } };
  const calc = [{ x: 5, y: 5 }];

  drawScatter(context, job(trace, calc, { "marker.size": curve(8) }));

  assert.deepEqual(named(context, "arc"), [["arc", 50, 50, 4, 0, 2 * Math.PI]]);
  assert.equal(context.fillStyle, "red");
});

test("an area without a trace before it is filled down to zero", () => {
  const context = noteContext();
  const calc = [
    { x: 0, y: 5 },
    { x: 10, y: 5 },
  ];

  drawScatter(context, job({ mode: "none", fill: "tozeroy" }, calc));

  assert.deepEqual(named(context, "lineTo"), [
    ["lineTo", 0, 50],
    ["lineTo", 100, 50],
    ["lineTo", 100, 100],
    ["lineTo", 0, 100],
  ]);
});

const three = (marker, more = {}) => {
  const context = noteContext();
  const calc = [1, 2, 3].map((x) => ({ x, y: 5 }));
  drawScatter(context, job({ mode: "markers", marker, ...more }, calc));
  return context.calls.map(([name]) => name).filter((name) => name !== "moveTo");
};

test("markers that follow each other in one colour are filled as one path", () => {
  const path = ["beginPath", "arc", "arc", "arc", "fill"];

  assert.deepEqual(three({ color: "#b400ff" }), path);
  assert.deepEqual(three({ color: ["#f00", "#f00", "rgb(0,0,1)"] }), [
    ...["beginPath", "arc", "arc", "fill"],
    ...["beginPath", "arc", "fill"],
  ]);
});

test("markers that are seen through or have an edge are painted one by one", () => {
  const one = ["beginPath", "arc", "fill"];

  assert.deepEqual(three({ color: "rgba(1,2,3,0.5)" }), [...one, ...one, ...one]);
  assert.deepEqual(three({ color: "#f00", opacity: 0.5 }), [...one, ...one, ...one]);
  assert.deepEqual(three({ color: "#f00" }, { opacity: 0.5 }).length, 9);
  assert.deepEqual(three({ color: "#f00", line: { width: 1 } }).slice(0, 4), [...one, "stroke"]);
  assert.deepEqual(three({ color: "#f00", symbol: "circle-open" }).slice(0, 3), [
    ...["beginPath", "arc", "stroke"],
  ]);
});
