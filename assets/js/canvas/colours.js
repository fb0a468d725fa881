/** Colour scales of Plotly as look-up tables for canvases. */

import { frameValues } from "../frames/blocks.js";
import { clamp } from "../lib/numbers.js";

/** @import { PaintJob } from "./overlay.js" */

/** @typedef {[number, string][]} ColourScale */
/** @typedef {number[]} Rgba each 0 … 255 */

const SIZE = 1024;

/** @type {CanvasRenderingContext2D | null} */
let probe = null;
/** @type {Map<string, Rgba>} */
const parsed = new Map();
/** @type {Map<string, Uint32Array>} */
const tables = new Map();
/** @type {Record<string, WeakMap<ColourScale, Uint32Array>>} those of a scale that is there */
const tablesOf = { true: new WeakMap(), false: new WeakMap() };

/**
 * Any CSS colour as [red, green, blue, alpha].
 * @param {string} text
 * @returns {Rgba}
 */
export function parseColour(text) {
  const known = parsed.get(text);
  if (known) return known;
  probe ||= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!probe) throw new Error("this browser draws on no canvas");
  probe.canvas.width = 1;
  probe.canvas.height = 1;
  probe.fillStyle = "#000";
  probe.fillStyle = text;
  probe.fillRect(0, 0, 1, 1);
  const rgba = Array.from(probe.getImageData(0, 0, 1, 1).data);
  parsed.set(text, rgba);
  return rgba;
}

/**
 * A scale as packed little-endian RGBA numbers.
 * @param {ColourScale} scale
 * @param {boolean} [reversed]
 * @param {(text: string) => Rgba} [parse]
 */
export function colourTable(scale, reversed = false, parse = parseColour) {
  const own = tablesOf[String(Boolean(reversed))];
  const table = own.get(scale) || namedTable(scale, reversed, parse);
  own.set(scale, table);
  return table;
}

/**
 * The same table for scales that read the same.
 * @param {ColourScale} scale
 * @param {boolean} reversed
 * @param {(text: string) => Rgba} parse
 */
function namedTable(scale, reversed, parse) {
  const key = JSON.stringify(scale) + (reversed ? "r" : "");
  const known = tables.get(key);
  if (known) return known;
  const stops = scale.map(([at, colour]) => ({ at: Number(at), rgba: parse(colour) }));
  const table = new Uint32Array(SIZE);
  let stop = 0;
  for (let i = 0; i < SIZE; i++) {
    const t = i / (SIZE - 1);
    while (stop < stops.length - 2 && t > stops[stop + 1].at) stop++;
    const from = stops[stop];
    const to = stops[Math.min(stop + 1, stops.length - 1)];
    const part = to.at > from.at ? clamp((t - from.at) / (to.at - from.at), 0, 1) : 0;
    table[reversed ? SIZE - 1 - i : i] = packed(from.rgba, to.rgba, part);
  }
  tables.set(key, table);
  return table;
}

/**
 * @param {Rgba} from
 * @param {Rgba} to
 * @param {number} part of the way
 */
function packed(from, to, part) {
  const mix = (/** @type {number} */ channel) =>
    Math.round(from[channel] + part * (to[channel] - from[channel]));
  return (255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0);
}

/**
 * Where a value lies in a table whose ends stand for low and high.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function tableIndex(value, low, high) {
  const t = high > low ? (value - low) / (high - low) : 0.5;
  if (t <= 0) return 0;
  return t >= 1 ? SIZE - 1 : Math.round(t * (SIZE - 1));
}

/**
 * @param {Uint32Array} table
 * @param {number} index
 */
export function cssFromTable(table, index) {
  const colour = table[index];
  return `rgb(${colour & 255},${(colour >> 8) & 255},${(colour >> 16) & 255})`;
}

/**
 * A function from the index of a point to its colour.
 * @param {PaintJob} job
 * @returns {(point: number) => string}
 */
export function markerColours({ trace, arrays }) {
  const marker = trace.marker || {};
  const changed = arrays["marker.color"];
  /** @type {string | undefined | ArrayLike<any>} */
  const source = changed ? frameValues(changed) : marker.color;
  if (typeof source === "string" || source === undefined) return () => source || "#888";
  const scale = marker._coloraxis || marker;
  const numeric = typeof source[0] === "number" && Array.isArray(scale.colorscale);
  if (!numeric) return (j) => source[j] ?? "#888";
  const table = colourTable(scale.colorscale, scale.reversescale);
  return (j) =>
    Number.isNaN(source[j])
      ? "transparent"
      : cssFromTable(table, tableIndex(source[j], scale.cmin, scale.cmax));
}
