/** Heat maps on a canvas: one look-up per cell, one scaled image per trace. */

import { frameValues, QUANTUM_LEVELS, QUANTUM_MISSING } from "../frames/blocks.js";
import { formatFixed } from "../lib/numbers.js";
import { colourTable, tableIndex } from "./colours.js";
import { asideOf, insideSubplot, layOver } from "./subplot.js";

/**
 * @import { FrameArray, NumberArray, PictureArray } from "../frames/blocks.js"
 * @import { PaintCache, Painter, PaintJob } from "./overlay.js"
 * @import { Axis, Trace } from "./plotly.js"
 */

/**
 * Where the cells lie: edges in pixels, and how many there are.
 *
 * @typedef {object} Cells
 * @property {number} left
 * @property {number} right
 * @property {number} top
 * @property {number} bottom
 * @property {number} width
 * @property {number} height
 *
 * @typedef {Required<Pick<PaintCache, "canvas" | "context" | "image" | "pixels">>} Scratch
 */

/**
 * @param {PaintCache} cache
 * @param {number} width
 * @param {number} height
 * @returns {Scratch}
 */
function scratch(cache, width, height) {
  if (cache.canvas?.width !== width || cache.canvas.height !== height) {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const image = context.createImageData(width, height);
    Object.assign(cache, { canvas, context, image, pixels: new Uint32Array(image.data.buffer) });
  }
  return /** @type {Scratch} */ (cache);
}

/**
 * The values that the ends of the colours stand for.
 * @param {Trace} trace
 * @param {FrameArray} array
 * @param {boolean} perFrame
 * @returns {[number, number]}
 */
function colourRange(trace, array, perFrame) {
  const source = trace._coloraxis || trace;
  const low = source.zmin ?? source.cmin;
  const high = source.zmax ?? source.cmax;
  const { lo, hi } = array;
  if (!perFrame || lo === undefined || hi === undefined) return [low, high];
  const symmetric = Math.abs(low + high) <= 1e-6 * Math.abs(high - low);
  const bound = Math.max(Math.abs(lo), Math.abs(hi));
  return symmetric ? [-bound, bound] : [lo, hi];
}

/**
 * @param {Uint32Array} pixels
 * @param {PictureArray} array
 * @param {Uint32Array} table
 * @param {[number, number]} range
 */
function paintBytes(pixels, { data, lo, hi }, table, [low, high]) {
  const lookup = new Uint32Array(256);
  const unit = (hi - lo) / QUANTUM_LEVELS;
  for (let q = 0; q < QUANTUM_MISSING; q++) {
    lookup[q] = table[tableIndex(lo + q * unit, low, high)];
  }
  for (let i = 0; i < data.length; i++) pixels[i] = lookup[data[i]];
}

/**
 * @param {Uint32Array} pixels
 * @param {NumberArray} array
 * @param {Uint32Array} table
 * @param {[number, number]} range
 */
function paintFloats(pixels, { data }, table, [low, high]) {
  for (let i = 0; i < data.length; i++) {
    pixels[i] = Number.isNaN(data[i]) ? 0 : table[tableIndex(data[i], low, high)];
  }
}

/**
 * Pixel positions of the two outer edges of a heat map along one axis.
 * @param {Axis} axis
 * @param {ArrayLike<number>} positions of the cells, or of their edges
 * @param {number} count of cells
 */
function edges(axis, positions, count) {
  const first = axis.c2p(positions[0], true);
  const last = axis.c2p(positions[positions.length - 1], true);
  if (positions.length > count) return [first, last];
  const half = count > 1 ? (last - first) / (2 * (count - 1)) : 0.5;
  return [first - half, last + half];
}

/**
 * Leave the room between cells free that Plotly leaves.
 * @param {CanvasRenderingContext2D} context
 * @param {Trace} trace
 * @param {Cells} cells
 */
function cutGaps(context, trace, { left, right, top, bottom, width, height }) {
  const { xgap = 0, ygap = 0 } = trace;
  const [x, w] = [Math.min(left, right), Math.abs(right - left)];
  const [y, h] = [Math.min(top, bottom), Math.abs(top - bottom)];
  for (let i = 0; xgap && i <= width; i++) {
    context.clearRect(x + (i * w) / width - xgap / 2, y, xgap, h);
  }
  for (let j = 0; ygap && j <= height; j++) {
    context.clearRect(x, y + (j * h) / height - ygap / 2, w, ygap);
  }
}

/**
 * Write the numbers into the cells, dark on light and light on dark.
 * @param {CanvasRenderingContext2D} context not on the page, where a font costs a look at
 *   all styles
 * @param {Trace} trace
 * @param {ArrayLike<number>} values
 * @param {Uint32Array} pixels
 * @param {Cells} cells
 */
function writeCells(context, trace, values, pixels, cells) {
  const digits = /^\.(\d)f$/.exec(trace.zhoverformat);
  if (!digits) return;
  const { left, right, top, bottom, width, height } = cells;
  const font = trace.textfont || {};
  context.font = `${font.size || 11}px ${font.family || "sans-serif"}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    const [row, column] = [Math.floor(i / width), i % width];
    const packed = pixels[i];
    const light =
      0.299 * (packed & 255) + 0.587 * ((packed >> 8) & 255) + 0.114 * ((packed >> 16) & 255);
    context.fillStyle = light < 128 ? "#fff" : "#444";
    const x = left + ((column + 0.5) * (right - left)) / width;
    const y = bottom + ((row + 0.5) * (top - bottom)) / height;
    context.fillText(formatFixed(values[i], Number(digits[1])), x, y);
  }
}

/**
 * The matrix Plotly shows, for heat maps that do not change while scrubbing.
 * @param {PaintJob} job
 * @returns {NumberArray}
 */
function ownMatrix({ trace, calc, cache }) {
  if (cache.own?.calc === calc) return cache.own.matrix;
  /** @type {ArrayLike<number>[]} */
  const rows = calc[0].z;
  const width = rows[0].length;
  const data = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j < width; j++) data[i * width + j] = Number(row[j]);
  }
  const shape = [rows.length, width];
  /** @type {NumberArray} */
  const matrix = { dtype: "f4", shape, data, lo: trace.zmin, hi: trace.zmax };
  cache.own = { calc, matrix };
  return matrix;
}

/** @type {Painter} */
export function drawHeatmap(context, job) {
  const { trace, calc, xa, ya, cache, perFrame, range, scale } = job;
  const array = job.arrays.z || ownMatrix(job);
  if (array.shape.length < 2) return;
  const [height, width] = array.shape;
  const { colorscale, reversescale } = trace._coloraxis || trace;
  const table = scale ? colourTable(scale) : colourTable(colorscale, reversescale);
  const ends = range || colourRange(trace, array, perFrame);
  const buffer = scratch(cache, width, height);
  if (array.dtype === "u1") paintBytes(buffer.pixels, array, table, ends);
  else paintFloats(buffer.pixels, array, table, ends);
  buffer.context.putImageData(buffer.image, 0, 0);
  const [left, right] = edges(xa, calc[0].x, width);
  const [bottom, top] = edges(ya, calc[0].y, height);
  context.imageSmoothingEnabled = false;
  context.save();
  context.translate(left, bottom);
  context.scale((right - left) / width, (top - bottom) / height);
  context.drawImage(buffer.canvas, 0, 0);
  context.restore();
  const cells = { left, right, top, bottom, width, height };
  if (trace.xgap || trace.ygap) cutGaps(context, trace, cells);
  if (!trace.texttemplate) return;
  const write = (/** @type {CanvasRenderingContext2D} */ aside) =>
    writeCells(aside, trace, frameValues(array), buffer.pixels, cells);
  if (!context.canvas.isConnected) return write(context); // it is not on the page already
  const { a: ratio } = context.getTransform();
  cache.texts = asideOf(
    job,
    ratio,
    (aside) => insideSubplot(aside, xa, ya, () => write(aside)),
    cache.texts,
  );
  layOver(context, cache.texts, job);
}
