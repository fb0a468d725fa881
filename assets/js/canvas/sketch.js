/** A figure drawn without Plotly: its data and axes, nothing that answers the mouse. */

import { clamp, formatNumber, powerOfTen } from "../lib/numbers.js";
import { Overlay } from "./overlay.js";
import { layOut } from "./sketch-layout.js";
import { fitSquares, squaresOf } from "./squares.js";

/**
 * @import { Figure } from "../contract.js"
 * @import { Axis } from "./plotly.js"
 */

/** Pixels that Plotly gives a number on an axis, and how many numbers it wants. */
const APART = { x: 80, y: 40 };
const NUMBERS = { least: 4, most: 9 };
const TICK = 3;
/** More than round numbers have. */
const DIGITS = 8;

/**
 * Where an axis has numbers, and how they read.
 * @param {Axis} axis
 * @returns {{ value: number, text: string }[]}
 */
export function ticksOf(axis) {
  const { range, type, tickvals, ticktext, dtick, nticks, _length, _id } = axis;
  if (tickvals) {
    return Array.from(tickvals, (value, i) => ({ value, text: String(ticktext?.[i] ?? value) }));
  }
  const [low, high] = [Math.min(...range), Math.max(...range)];
  const room = _length / APART[_id.startsWith("x") ? "x" : "y"];
  const most = nticks || clamp(room, NUMBERS.least, NUMBERS.most) + 1;
  const log = type === "log";
  const step = typeof dtick === "number" ? dtick : roundStep((high - low) / most, log);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    const at = Number((i * step).toPrecision(12));
    found.push({ value: log ? 10 ** at : at, text: log ? decade(at) : formatNumber(at, DIGITS) });
  }
  return found;
}

/**
 * The next of 2, 5, 10, 20 …, as Plotly takes it; whole decades on a logarithmic axis.
 * @param {number} least
 * @param {boolean} log
 */
function roundStep(least, log) {
  if (log) return Math.max(1, Math.ceil(least));
  const unit = 10 ** Math.floor(Math.log10(least));
  return unit * ([2, 5].find((one) => one * unit >= least) || 10);
}

/** @param {number} exponent */
const decade = (exponent) => (exponent ? powerOfTen(exponent) : "1");

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Axis} xa
 * @param {Axis} ya
 * @param {Record<string, any>} layout
 */
function drawAxes(context, xa, ya, layout) {
  const { color = "#888", family = "sans-serif", size = 10 } = layout.font || {};
  const [left, top] = [xa._offset, ya._offset];
  const [right, bottom] = [left + xa._length, top + ya._length];
  context.font = `${xa.tickfont?.size || size}px ${family}`;
  context.fillStyle = color;
  context.lineWidth = 1;
  for (const { value, text } of xa.showticklabels === false ? [] : ticksOf(xa)) {
    const x = left + xa.c2p(value);
    if (xa.showgrid) line(context, xa.gridcolor, [x, top, x, bottom]);
    line(context, xa.tickcolor, [x, bottom, x, bottom + TICK]);
    write(context, text, x, bottom + TICK + 2, "center", "top");
  }
  for (const { value, text } of ya.showticklabels === false ? [] : ticksOf(ya)) {
    const y = top + ya.c2p(value);
    if (ya.showgrid) line(context, ya.gridcolor, [left, y, right, y]);
    line(context, ya.tickcolor, [left - TICK, y, left, y]);
    write(context, text, left - TICK - 2, y, "right", "middle");
  }
  write(context, xa.title?.text || "", (left + right) / 2, bottom + 20, "center", "top");
  context.save();
  context.translate(left - 38, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  write(context, ya.title?.text || "", 0, 0, "center", "middle");
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string | undefined} colour
 * @param {[number, number, number, number]} ends
 */
function line(context, colour, [x0, y0, x1, y1]) {
  context.strokeStyle = colour || "#8888";
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {CanvasTextAlign} align
 * @param {CanvasTextBaseline} baseline
 */
function write(context, text, x, y, align, baseline) {
  context.textAlign = align;
  context.textBaseline = baseline;
  context.fillText(text.replace(/<[^>]*>/g, ""), x, y);
}

/**
 * @param {Figure} sent
 * @param {number} width
 * @param {number} height
 * @returns {HTMLCanvasElement | null} null where there is nothing that it can draw
 */
export function sketchFigure(sent, width, height) {
  const figure = structuredClone(sent); // which Plotly will get as it was sent
  const maps = squaresOf(figure);
  if (maps.length) fitSquares(figure, maps, { width, height }, window.devicePixelRatio || 1);
  const plot = /** @type {PlotElement} */ (layOut(figure, width, height));
  const plots = Object.values(plot._fullLayout._plots);
  if (!plots.length || !width || !height) return null;
  const canvas = document.createElement("canvas");
  canvas.className = "sketch";
  new Overlay(plot, canvas).draw({ arrays: {} }, false);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.globalCompositeOperation = "destination-over";
  for (const { xaxis, yaxis } of plots) drawAxes(context, xaxis, yaxis, figure.layout);
  return canvas;
}
