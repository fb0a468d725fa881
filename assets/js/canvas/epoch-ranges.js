/**
 * "range: epoch" while scrubbing: colours, axes and their numbers follow the frame.
 *
 * A view makes its ranges from the limits of its arrays. The figure on screen tells both
 * its limits and its ranges, so that the ranges of another epoch follow from the limits
 * of its frame, and settling only confirms them.
 */

import { setText } from "../lib/dom.js";
import { clamp, formatNumber } from "../lib/numbers.js";
import { BarFills } from "./bar-fills.js";
import { plotOf } from "./plotly.js";

/**
 * @import { FrameArray } from "../frames/blocks.js"
 * @import { FigureHead, ViewAbout } from "../contract.js"
 * @import { ColourScale } from "./colours.js"
 * @import { DrawnFrame } from "./overlay.js"
 * @import { Axis, Trace } from "./plotly.js"
 */

/**
 * @typedef {[number, number]} Pair low and high
 * @typedef {{ before: Pair | null, now: Pair | null }} Limits of the figure, and of the frame
 *
 * The figure whose ranges follow.
 *
 * @typedef {object} RangedPicture
 * @property {ViewAbout} view
 * @property {PlotElement | null} gd
 * @property {FigureHead | null} answer
 * @property {Record<string, number[]>} sentRanges of the axes before any zoom, by name
 */

const NEAR = 1e-6;
const ROOM = 0.25;

/**
 * Smallest and largest finite number of an array; worked out once.
 * @param {FrameArray} array
 * @returns {Pair | null}
 */
function limitsOf(array) {
  if (array.limits !== undefined) return array.limits;
  let [low, high] = [Infinity, -Infinity];
  if (array.dtype === "u1") [low, high] = [array.lo, array.hi];
  else {
    for (const value of array.data) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  array.limits = low <= high ? [low, high] : null;
  return array.limits;
}

/**
 * @param {Pair | null | undefined} a
 * @param {Pair | null} b
 * @returns {Pair | null}
 */
function union(a, b) {
  return a && b ? [Math.min(a[0], b[0]), Math.max(a[1], b[1])] : (a ?? b);
}

/** @param {number[]} range */
function isSymmetric([low, high]) {
  return low < high && Math.abs(low + high) <= NEAR * (high - low);
}

/**
 * Whether an end of a range is an end of the limits, with a little room at most.
 * @param {number} end
 * @param {number} limit
 * @param {number} span
 */
function fits(end, limit, span) {
  return Math.abs(end - limit) <= ROOM * span;
}

/**
 * The range that belongs to the limits now, as `range` belongs to those before; the
 * same range if something else than these limits has made it.
 * @param {Pair} range
 * @param {Pair | null} before
 * @param {Pair | null} now
 * @returns {Pair}
 */
export function moved(range, before, now) {
  const [low, high] = range;
  if (!before || !now || !(low < high)) return range;
  if (isSymmetric(range)) return scaled(range, farthest(before), farthest(now));
  if (low === 0 && before[0] >= 0) return scaled(range, before[1], now[1]);
  const span = before[1] - before[0];
  if (!(span > 0) || !fits(high, before[1], span)) return range;
  if (high === before[1] && low > before[0]) {
    return [Math.max(now[0], now[1] - (high - low)), now[1]]; // a few decades at most
  }
  const scale = (now[1] - now[0]) / span;
  if (!(scale > 0) || !fits(low, before[0], span)) return range;
  return [now[0] + (low - before[0]) * scale, now[0] + (high - before[0]) * scale];
}

/** @param {Pair} pair */
function farthest(pair) {
  return Math.max(Math.abs(pair[0]), Math.abs(pair[1]));
}

/**
 * @param {Pair} range
 * @param {number} before
 * @param {number} now
 * @returns {Pair}
 */
function scaled([low, high], before, now) {
  if (!(before > 0) || !(now > 0) || !fits(high, before, before)) return [low, high];
  return [(low * now) / before, (high * now) / before];
}

/**
 * Limits per place of the figure, such as "0.z".
 * @param {RangedPicture} picture
 * @param {DrawnFrame} frame
 * @param {DrawnFrame[]} beside
 */
function placedLimits({ answer, view }, frame, beside) {
  const { scrub } = view;
  /** @type {Record<string, Limits>} */
  const found = {};
  for (const [target, name] of Object.entries(scrub)) {
    const known = answer?.limits[name];
    if (!known) continue;
    const suffix = target.slice(target.indexOf("."));
    const places = target.startsWith("*")
      ? Object.keys(frame.arrays).filter((key) => key.endsWith(suffix))
      : [target].filter((key) => key in frame.arrays);
    /** @type {Pair | null} */
    let now = null;
    for (const { arrays } of [frame, ...beside]) {
      for (const key of places) if (arrays[key]) now = union(now, limitsOf(arrays[key]));
    }
    for (const key of places) found[key] = { before: known, now };
  }
  return found;
}

/**
 * An axis as painters use it, with another range.
 * @param {Axis} axis
 * @param {Pair} range
 */
function rangedAxis(axis, [low, high]) {
  const flip = axis._id.startsWith("y");
  const { _id, _length, _offset } = axis;
  const c2p = (/** @type {number} */ value) => {
    const part = (axis.c2l(value) - low) / (high - low);
    return _length * (flip ? 1 - part : part);
  };
  return { _id, _length, _offset, c2p };
}

/**
 * Whether the reader has zoomed: the axis then stays where it is.
 * @param {Axis} axis
 * @param {number[] | undefined} sent
 */
function isZoomed(axis, sent) {
  if (!sent) return true;
  const [low, high] = sent;
  const near = NEAR * Math.abs(high - low);
  return Math.abs(axis.range[0] - low) > near || Math.abs(axis.range[1] - high) > near;
}

/**
 * @param {Pair | null} pair
 * @returns {Pair | null}
 */
function logarithmic(pair) {
  return pair && pair[0] > 0 ? [Math.log10(pair[0]), Math.log10(pair[1])] : null;
}

/**
 * Ranges of all axes that the arrays of this frame move, by axis.
 * @param {RangedPicture} picture
 * @param {PlotElement} gd
 * @param {Record<string, Limits>} placed
 * @returns {Map<Axis, Pair>}
 */
function axisRanges(picture, gd, placed) {
  /** @type {Map<Axis, Limits>} */
  const limits = new Map();
  const add = (/** @type {Axis} */ axis, /** @type {Limits} */ { before, now }) => {
    const known = limits.get(axis);
    limits.set(axis, { before: union(known?.before, before), now: union(known?.now, now) });
  };
  for (const calc of gd.calcdata) {
    const trace = calc[0]?.trace;
    const plot = trace && plotOf(gd, trace);
    if (!plot) continue;
    const [x, y] = [placed[`${trace.index}.x`], placed[`${trace.index}.y`]];
    const { xaxis: xa, yaxis: ya } = plot;
    const square = x && y && isSymmetric(xa.range) && isSymmetric(ya.range);
    if (x) add(xa, x);
    if (y) add(ya, y);
    if (square) {
      add(xa, y);
      add(ya, x);
    }
  }
  /** @type {Map<Axis, Pair>} */
  const ranges = new Map();
  for (const [axis, { before, now }] of limits) {
    if (isZoomed(axis, picture.sentRanges[axis._name])) continue;
    const log = axis.type === "log";
    const range = axis.range.map(Number);
    const moves = log
      ? moved(range, logarithmic(before), logarithmic(now))
      : moved(range, before, now);
    ranges.set(axis, moves);
  }
  return ranges;
}

/**
 * The colours of a map for the limits of a frame. Signed numbers that all have one sign are
 * told apart from the lowest to the highest, others by their distance from zero.
 * @param {Trace} trace
 * @param {Limits} limits
 * @returns {{ range: Pair, scale?: ColourScale }}
 */
export function colouring(trace, { before, now }) {
  const { sides } = trace.meta || {};
  if (!sides || !now) return { range: moved([trace.zmin, trace.zmax], before, now) };
  if (now[0] >= 0 || now[1] <= 0) return { range: now, scale: sides.one };
  const bound = farthest(now);
  return { range: [-bound, bound], scale: sides.both };
}

/**
 * Write numbers so that neighbouring ticks of a range differ, and as short.
 * @param {Pair} range
 * @param {boolean} [log]
 * @returns {(value: number) => string}
 */
function writer([low, high], log) {
  if (log) return (value) => formatNumber(10 ** value, 2);
  const decimals = clamp(1 - Math.floor(Math.log10((high - low) / 4)), 0, 20);
  return (value) => formatNumber(Number(value.toFixed(decimals)), 12);
}

/**
 * The pieces of a colour bar, from its low end.
 * @param {PlotElement} gd
 * @param {Trace} trace
 * @returns {NodeListOf<SVGElement>}
 */
const barFills = (gd, trace) => gd.querySelectorAll(`.cb${trace.uid} .cbfill`);

/** Numbers beside the ticks: what a tick stands for once its range has moved. */
class Ticks {
  constructor() {
    /** @type {Map<Element, ChildNode[]>} */
    this.originals = new Map();
  }

  /**
   * @param {Iterable<Element>} nodes
   * @param {number[]} from range before
   * @param {number[]} to range now
   * @param {(value: number) => string} text
   */
  rewrite(nodes, from, to, text) {
    for (const node of nodes) {
      const at = /** @type {any} */ (node.parentNode)?.__data__?.x;
      if (typeof at !== "number") continue;
      if (!this.originals.has(node)) this.originals.set(node, [...node.childNodes]);
      const part = (at - from[0]) / (from[1] - from[0]);
      setText(node, text(to[0] + part * (to[1] - to[0])));
    }
  }

  restore() {
    for (const [node, children] of this.originals) node.replaceChildren(...children);
    this.originals.clear();
  }
}

export class EpochRanges {
  ticks = new Ticks();
  fills = new BarFills();
  /** @type {Map<Axis, Pair>} */
  axes = new Map();
  /** @type {Map<number, Pair>} by index of the trace */
  colours = new Map();
  /** @type {Map<number, ColourScale | undefined>} by index of the trace */
  scales = new Map();

  /** @param {RangedPicture} picture */
  constructor(picture) {
    this.picture = picture;
  }

  /**
   * Work out the ranges of one frame and write them beside the ticks.
   * @param {DrawnFrame} frame
   * @param {DrawnFrame[]} [beside] frames of other runs that have the same ranges
   */
  follow(frame, beside = []) {
    const { picture } = this;
    const { gd } = picture;
    this.colours = new Map();
    if (!gd) return this;
    const placed = placedLimits(picture, frame, beside);
    this.axes = axisRanges(picture, gd, placed);
    const maps = gd.calcdata
      .map((calc) => calc[0]?.trace)
      .filter((trace) => trace?.type === "heatmap");
    const shared = maps.some((trace) => !placed[`${trace.index}.z`]);
    for (const trace of shared ? [] : maps) {
      const limits = placed[`${trace.index}.z`];
      const { range, scale } = colouring(trace, limits);
      this.colours.set(trace.index, range);
      this.scales.set(trace.index, scale);
      if (trace.showscale) this.relabelBar(gd, trace, range);
      if (trace.showscale && scale) this.fills.paint(barFills(gd, trace), scale);
    }
    for (const [axis, range] of this.axes) this.relabelAxis(gd, axis, range);
    return this;
  }

  /**
   * @param {PlotElement} gd
   * @param {Trace} trace
   * @param {Pair} range
   */
  relabelBar(gd, trace, range) {
    const nodes = gd.querySelectorAll(`.cb${trace.uid} .cbaxis text`);
    const text = writer(range, Boolean(trace.meta?.log10));
    this.ticks.rewrite(nodes, [trace.zmin, trace.zmax], range, text);
  }

  /**
   * @param {PlotElement} gd
   * @param {Axis} axis
   * @param {Pair} range
   */
  relabelAxis(gd, axis, range) {
    const nodes = gd.querySelectorAll(`.${axis._id}tick > text`);
    this.ticks.rewrite(nodes, axis.range.map(Number), range, writer(range, axis.type === "log"));
  }

  /**
   * @param {Axis} axis
   * @returns {Axis} the same with the range of the frame, if that moves
   */
  axis(axis) {
    const range = this.axes.get(axis);
    return range ? rangedAxis(axis, range) : axis;
  }

  /** @param {Trace} trace */
  colour(trace) {
    return this.colours.get(trace.index);
  }

  /** @param {Trace} trace */
  scale(trace) {
    return this.scales.get(trace.index);
  }

  end() {
    this.ticks.restore();
    this.fills.restore();
  }
}
