/** Lines and markers on a canvas. */

import { frameValues } from "../frames/blocks.js";
import { fillMarkers } from "./markers.js";

/**
 * @import { Painter, PaintJob } from "./overlay.js"
 * @import { Trace } from "./plotly.js"
 */

/** @typedef {CanvasRenderingContext2D} Context */
/** @typedef {Float64Array} Points pixel positions x, y, x, y, … */

/** @type {Record<string, number[]>} in widths of the line */
const DASHES = {
  solid: [],
  dot: [1, 1],
  dash: [3, 3],
  longdash: [5, 5],
  dashdot: [3, 1.5, 1, 1.5],
  longdashdot: [5, 2, 1, 2],
};

/** @param {PaintJob} job @returns {Points} */
function positions(job) {
  const { calc, xa, ya, arrays } = job;
  const x = arrays.x ? frameValues(arrays.x) : null;
  const y = arrays.y ? frameValues(arrays.y) : null;
  const count = Math.max(x ? x.length : 0, y ? y.length : 0) || calc.length;
  const points = new Float64Array(2 * count);
  for (let j = 0; j < count; j++) {
    const known = calc[j] || {};
    points[2 * j] = xa.c2p(x ? x[j] : known.x);
    points[2 * j + 1] = ya.c2p(y ? y[j] : known.y);
  }
  return points;
}

/**
 * @param {Context} context
 * @param {Trace} trace
 * @param {Points} points
 */
function strokeLine(context, trace, points) {
  const line = trace.line || {};
  const width = line.width ?? 2;
  context.beginPath();
  let drawing = false;
  let lastY = 0;
  for (let j = 0; j < points.length; j += 2) {
    const x = points[j];
    const y = points[j + 1];
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      if (!trace.connectgaps) drawing = false;
      continue;
    }
    if (!drawing) context.moveTo(x, y);
    else {
      if (line.shape === "hv") context.lineTo(x, lastY);
      context.lineTo(x, y);
    }
    drawing = true;
    lastY = y;
  }
  context.strokeStyle = line.color || "#888";
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash((DASHES[line.dash] || []).map((n) => n * Math.max(width, 1) * 1.5));
  context.stroke();
  context.setLineDash([]);
}

/**
 * Fill down to zero, to the trace before, or the shape itself.
 * @param {Context} context
 * @param {PaintJob} job
 * @param {Points} points
 */
function fillArea(context, job, points) {
  const { trace, xa, ya, before } = job;
  const corners = pairs(points);
  const first = corners[0];
  const last = corners.at(-1);
  if (!last) return;
  if (trace.fill === "tonexty" && before) corners.push(...pairs(before).reverse());
  else if (trace.fill === "tozeroy" || trace.fill === "tonexty") {
    const zero = ya.c2p(0);
    const floor = Number.isFinite(zero) ? zero : ya._length;
    corners.push([last[0], floor], [first[0], floor]);
  } else if (trace.fill === "tozerox" || trace.fill === "tonextx") {
    const wall = xa.c2p(0);
    corners.push([wall, last[1]], [wall, first[1]]);
  }
  context.beginPath();
  for (const [x, y] of corners) context.lineTo(x, y);
  context.closePath();
  context.fillStyle = trace.fillcolor || "#8888";
  context.fill();
}

/**
 * @param {Points} points
 * @returns {[number, number][]} the finite ones
 */
function pairs(points) {
  /** @type {[number, number][]} */
  const found = [];
  for (let j = 0; j < points.length; j += 2) {
    if (Number.isFinite(points[j]) && Number.isFinite(points[j + 1])) {
      found.push([points[j], points[j + 1]]);
    }
  }
  return found;
}

/**
 * Vertical error bars around the points of the frame.
 * @param {Context} context
 * @param {PaintJob} job
 */
function strokeErrors(context, job) {
  const { trace, calc, xa, ya, arrays } = job;
  const error = trace.error_y;
  const up = arrays["error_y.array"] ? frameValues(arrays["error_y.array"]) : error.array;
  const down = error.symmetric === false ? error.arrayminus || up : up;
  if (!up || !down) return;
  const x = arrays.x ? frameValues(arrays.x) : calc.map((point) => point.x);
  const y = arrays.y ? frameValues(arrays.y) : calc.map((point) => point.y);
  const cap = error.width || 0;
  context.beginPath();
  for (let j = 0; j < calc.length; j++) {
    const at = xa.c2p(x[j]);
    const middle = y[j];
    const [low, high] = [ya.c2p(middle - down[j]), ya.c2p(middle + up[j])];
    if (![at, low, high].every(Number.isFinite)) continue;
    context.moveTo(at, low);
    context.lineTo(at, high);
    for (const end of cap ? [low, high] : []) {
      context.moveTo(at - cap, end);
      context.lineTo(at + cap, end);
    }
  }
  context.strokeStyle = error.color || trace.line?.color || "#888";
  context.lineWidth = error.thickness ?? 2;
  context.stroke();
}

/**
 * @param {Context} context
 * @param {Trace} trace
 * @param {Points} points
 */
function writeTexts(context, trace, points) {
  const texts = trace.text;
  if (!texts) return;
  const font = trace.textfont || {};
  context.fillStyle = typeof font.color === "string" ? font.color : "#888";
  context.font = `${typeof font.size === "number" ? font.size : 10}px ${font.family || "sans-serif"}`;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  for (let j = 0; 2 * j < points.length; j++) {
    const text = Array.isArray(texts) ? texts[j] : texts;
    if (text && Number.isFinite(points[2 * j])) {
      context.fillText(text, points[2 * j], points[2 * j + 1] - 4);
    }
  }
}

/** @type {Painter} */
export function drawScatter(context, job) {
  const { trace } = job;
  const mode = trace.mode || "lines";
  const points = positions(job);
  job.cache.points = points;
  context.globalAlpha = trace.opacity ?? 1;
  if (trace.fill && trace.fill !== "none") fillArea(context, job, points);
  if (trace.error_y?.visible) strokeErrors(context, job);
  if (mode.includes("lines")) strokeLine(context, trace, points);
  if (mode.includes("markers")) fillMarkers(context, job, points);
  if (mode.includes("text")) writeTexts(context, trace, points);
}
