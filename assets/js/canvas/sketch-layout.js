/**
 * Where Plotly would put a figure, for a sketch of it before Plotly is there: axes and
 * points in the form that a drawn figure has them, so that the painters of frames draw
 * them. It knows what figures of grokdash are made of: bars, heat maps, lines and markers
 * on axes of numbers.
 */

import { pixelRatio, placeSquares, squaresOf } from "./squares.js";

/**
 * @import { Figure } from "../contract.js"
 * @import { Axis, Trace } from "./plotly.js"
 */

/** @typedef {[number, number]} Pair */

/** Share of the points' range that Plotly leaves free at both ends. */
const ROOM = 1 / 18;

/** @type {Record<string, (buffer: ArrayBuffer) => ArrayLike<number>>} */
const READERS = {
  f8: (buffer) => new Float64Array(buffer),
  f4: (buffer) => new Float32Array(buffer),
  i4: (buffer) => new Int32Array(buffer),
  u4: (buffer) => new Uint32Array(buffer),
  i2: (buffer) => new Int16Array(buffer),
  u2: (buffer) => new Uint16Array(buffer),
  i1: (buffer) => new Int8Array(buffer),
  u1: (buffer) => new Uint8Array(buffer),
};

/**
 * Numbers as plotly.py sends them: a list, or base64 of a typed array.
 * @param {any} sent
 * @returns {ArrayLike<number>}
 */
export function numbersOf(sent) {
  if (!sent?.bdata) return Array.isArray(sent) ? sent.flat() : [];
  const text = atob(sent.bdata);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return READERS[sent.dtype]?.(bytes.buffer) || [];
}

/**
 * A matrix as its rows.
 * @param {any} sent
 * @returns {ArrayLike<number>[]}
 */
function rowsOf(sent) {
  if (!sent?.bdata) return sent || [];
  const flat = /** @type {Float64Array} */ (numbersOf(sent));
  const [height, width] = String(sent.shape).split(",").map(Number);
  return Array.from({ length: height }, (_, i) => flat.subarray(i * width, (i + 1) * width));
}

/**
 * Positions that nobody has given are counted.
 * @param {any} sent
 * @param {number} count
 */
function positions(sent, count) {
  const found = numbersOf(sent);
  return found.length ? found : Float64Array.from({ length: count }, (_, i) => i);
}

/**
 * The points of a trace as Plotly works them out.
 * @param {Record<string, any>} sent
 * @returns {any[]}
 */
function pointsOf(sent) {
  if (sent.type === "heatmap") {
    const z = rowsOf(sent.z);
    return [{ z, x: positions(sent.x, z[0]?.length || 0), y: positions(sent.y, z.length) }];
  }
  const y = numbersOf(sent.y);
  const x = positions(sent.x, y.length);
  if (sent.type !== "bar") return Array.from(y, (_, i) => ({ x: x[i], y: y[i] }));
  const step = x.length > 1 ? Math.abs(x[1] - x[0]) : 1;
  const half = (sent.width || 0.8 * step) / 2;
  return Array.from(y, (_, i) => ({ b: 0, s: y[i], p0: x[i] - half, p1: x[i] + half }));
}

/**
 * Colours and sizes of markers as painters take them.
 * @param {Record<string, any>} [sent]
 */
function markersOf(sent = {}) {
  const { color, size, cmin, cmax } = sent;
  if (!color?.bdata) return { ...sent, size: size?.bdata ? numbersOf(size) : size };
  const values = numbersOf(color);
  const [low, high] = limits([values], false);
  const scale = { cmin: cmin ?? low, cmax: cmax ?? high };
  return { ...sent, ...scale, color: values, size: size?.bdata ? numbersOf(size) : size };
}

/**
 * What a trace reaches along an axis.
 * @param {Trace} trace
 * @param {any[]} calc
 * @param {"x" | "y"} letter
 * @returns {ArrayLike<number>}
 */
function reach({ type }, calc, letter) {
  if (type === "bar") {
    return letter === "x" ? calc.flatMap(({ p0, p1 }) => [p0, p1]) : [0, ...calc.map(({ s }) => s)];
  }
  if (type !== "heatmap") return calc.map((point) => point[letter]);
  const at = calc[0][letter];
  const half = at.length > 1 ? (at[at.length - 1] - at[0]) / (2 * (at.length - 1)) : 0.5;
  return [at[0] - half, at[at.length - 1] + half];
}

/**
 * @param {ArrayLike<number>[]} reaches of the traces on an axis
 * @param {boolean} log
 * @returns {Pair}
 */
function limits(reaches, log) {
  let [low, high] = [Infinity, -Infinity];
  for (const values of reaches) {
    for (let i = 0; i < values.length; i++) {
      const value = log ? Math.log10(values[i]) : values[i];
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

/**
 * The range of an axis: as sent, or what its points reach.
 * @param {Record<string, any>} sent
 * @param {{ trace: Trace, calc: any[] }[]} drawn on it
 * @param {"x" | "y"} letter
 * @returns {Pair}
 */
function rangeOf(sent, drawn, letter) {
  if (sent.range) return sent.range.map(Number);
  const reaches = drawn.map(({ trace, calc }) => reach(trace, calc, letter));
  const [low, high] = limits(reaches, sent.type === "log");
  const lines = drawn.some(({ trace }) => trace.type === "scatter");
  const room = lines ? ROOM * (high - low) : 0;
  const range = /** @type {Pair} */ ([low - room, high + room || low + 1]);
  return sent.autorange === "reversed" ? [range[1], range[0]] : range;
}

/**
 * @param {string} name as layouts have it: "xaxis2"
 * @param {Record<string, any>} sent
 * @param {Pair} range
 * @param {[number, number]} room pixels from the edge of the figure, and their count
 * @returns {Axis}
 */
function axisOf(name, sent, range, [start, length]) {
  const vertical = name.startsWith("y");
  const [from, to] = sent.domain || [0, 1];
  const _length = length * (to - from);
  const _offset = start + length * (vertical ? 1 - to : from);
  const axis = { ...sent, _name: name, _id: name.replace("axis", ""), range, _offset, _length };
  return Object.assign(axis, {
    c2p: (/** @type {number} */ value) => {
      const at = sent.type === "log" ? Math.log10(value) : value;
      const part = (at - axis.range[0]) / (axis.range[1] - axis.range[0]);
      return axis._length * (vertical ? 1 - part : part);
    },
  });
}

/**
 * One unit is as long on both axes where a figure says so.
 * @param {Axis} one whose `scaleanchor` names the other
 * @param {Axis} other
 */
function equalUnits(one, other) {
  const units = [one, other].map(({ range }) => Math.abs(range[1] - range[0]));
  const pixels = Math.min(one._length / units[0], other._length / units[1]);
  [one, other].forEach((axis, i) => {
    axis._offset += (axis._length - pixels * units[i]) / 2;
    axis._length = pixels * units[i];
  });
}

/**
 * A figure as it lies in an element of a size.
 * @param {Figure} figure
 * @param {number} width
 * @param {number} height
 * @returns {Pick<PlotElement, "calcdata" | "_fullLayout">}
 */
export function layOut({ data, layout }, width, height) {
  const { l = 80, r = 80, t = 100, b = 80 } = layout.margin || {};
  const drawn = data.map((sent, index) => {
    const { xaxis = "x", yaxis = "y", type = "scatter" } = sent;
    const calc = pointsOf(sent);
    const marker = markersOf(sent.marker);
    const trace = { visible: true, ...sent, marker, type, index, xaxis, yaxis };
    if (calc[0]) calc[0].trace = trace;
    return { trace, calc };
  });
  const room = { width, height };
  const { domains } = placeSquares(squaresOf({ data, layout }), layout, room, pixelRatio());
  /** @type {Record<string, Axis>} */
  const axes = {};
  for (const [name, sent] of Object.entries(layout)) {
    const letter = /^([xy])axis\d*$/.exec(name)?.[1];
    if (letter !== "x" && letter !== "y") continue;
    const id = name.replace("axis", "");
    const on = drawn.filter(({ trace }) => trace[`${letter}axis`] === id);
    const range = rangeOf(sent, on, letter);
    const placed = { ...sent, domain: domains[name] || sent.domain };
    axes[id] = axisOf(
      name,
      placed,
      range,
      letter === "x" ? [l, width - l - r] : [t, height - t - b],
    );
  }
  for (const axis of Object.values(axes)) {
    if (axes[axis.scaleanchor]) equalUnits(axis, axes[axis.scaleanchor]);
  }
  /** @type {Record<string, { xaxis: Axis, yaxis: Axis }>} */
  const plots = {};
  for (const { trace } of drawn) {
    const [xaxis, yaxis] = [axes[trace.xaxis], axes[trace.yaxis]];
    if (xaxis && yaxis) plots[trace.xaxis + trace.yaxis] = { xaxis, yaxis };
  }
  return {
    calcdata: drawn.map(({ calc }) => calc).filter((calc) => calc.length),
    _fullLayout: { ...layout, width, height, _plots: plots },
  };
}
