/** A canvas over one Plotly figure: draws its traces with the arrays of another epoch. */

import { drawBars } from "./draw-bars.js";
import { drawHeatmap } from "./draw-heatmap.js";
import { drawScatter } from "./draw-scatter.js";
import { isDrawn, plotOf } from "./plotly.js";
import { isStill, StillLayer } from "./still-layer.js";
import { insideSubplot } from "./subplot.js";

/**
 * @import { FrameArray, NumberArray } from "../frames/blocks.js"
 * @import { ColourScale } from "./colours.js"
 * @import { EpochRanges } from "./epoch-ranges.js"
 * @import { Axis, Trace } from "./plotly.js"
 */

/**
 * What is kept for a trace from one frame to the next.
 *
 * @typedef {object} PaintCache
 * @property {Float64Array} [points] pixel positions x, y, x, y, …
 * @property {HTMLCanvasElement} [canvas]
 * @property {CanvasRenderingContext2D} [context]
 * @property {ImageData} [image]
 * @property {Uint32Array} [pixels]
 * @property {HTMLCanvasElement} [texts] the numbers in the cells of a heat map
 * @property {{ calc: any[], matrix: NumberArray }} [own] what Plotly shows of a heat map
 * @property {StillLayer} still the trace as it was painted, where it does not change
 *
 * One trace to be drawn.
 *
 * @typedef {object} PaintJob
 * @property {Trace} trace
 * @property {any[]} calc what Plotly has worked out of its points
 * @property {Axis} xa
 * @property {Axis} ya
 * @property {Record<string, FrameArray>} arrays of the frame, by attribute: "z", "marker.size"
 * @property {PaintCache} cache
 * @property {boolean} perFrame whether a heat map uses the range of the frame
 * @property {[number, number] | undefined} range of the colours, where it moves
 * @property {ColourScale | undefined} scale of the colours, where it changes
 * @property {Float64Array | undefined} before points of the trace drawn before in the subplot
 *
 * @typedef {(context: CanvasRenderingContext2D, job: PaintJob) => void} Painter
 *
 * @typedef {{ arrays: Record<string, FrameArray> }} DrawnFrame
 */

/** @type {[string, Painter][]} in the order in which they lie over each other */
const PAINTERS = [
  ["heatmap", drawHeatmap],
  ["bar", drawBars],
  ["scatter", drawScatter],
];

/**
 * Fit a canvas to the figure; gives its context, cleared, in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {Pick<PlotElement, "_fullLayout">} gd
 * @param {number} [ratio] pixels of the canvas per pixel of the figure
 */
export function clearedCanvas(canvas, gd, ratio = Math.min(window.devicePixelRatio || 1, 2)) {
  const layout = gd._fullLayout;
  const width = Math.round(layout.width * ratio);
  const height = Math.round(layout.height * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
    canvas.style.width = `${layout.width}px`;
    canvas.style.height = `${layout.height}px`;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, layout.width, layout.height);
  return context;
}

/**
 * The arrays of a frame that belong to one trace, by attribute.
 * @param {DrawnFrame} frame
 * @param {number} index of the trace
 */
function arraysOf({ arrays }, index) {
  const prefix = `${index}.`;
  /** @type {Record<string, FrameArray>} */
  const own = {};
  for (const key of Object.keys(arrays)) {
    if (key.startsWith(prefix)) own[key.slice(prefix.length)] = arrays[key];
  }
  return own;
}

export class Overlay {
  /** @type {PaintCache[]} by index of the trace */
  caches = [];

  /**
   * @param {PlotElement} gd
   * @param {HTMLCanvasElement} canvas
   * @param {number} [ratio] pixels of the canvas per pixel of the figure; else the screen's
   */
  constructor(gd, canvas, ratio) {
    this.gd = gd;
    this.canvas = canvas;
    this.ratio = ratio;
  }

  /**
   * Draw one frame.
   * @param {DrawnFrame} frame
   * @param {boolean} perFrame lets every heat map use its own range
   * @param {EpochRanges | null} ranges says which colours and axes move with the frame
   */
  draw(frame, perFrame, ranges = null) {
    /** @type {Map<any, Float64Array | undefined>} points of the curve drawn last, by subplot */
    const previous = new Map();
    const context = clearedCanvas(this.canvas, this.gd, this.ratio);
    const shown = this.gd.calcdata.filter((calc) => calc[0]?.trace?.visible === true);
    for (const [type, paint] of PAINTERS) {
      for (const calc of shown) {
        const { trace } = calc[0];
        const plot = trace.type === type && plotOf(this.gd, trace);
        if (!plot) continue;
        const job = {
          trace,
          calc,
          xa: ranges ? ranges.axis(plot.xaxis) : plot.xaxis,
          ya: ranges ? ranges.axis(plot.yaxis) : plot.yaxis,
          arrays: arraysOf(frame, trace.index),
          cache: this.cacheOf(trace),
          perFrame,
          range: ranges?.colour(trace),
          scale: ranges?.scale(trace),
          before: previous.get(plot),
        };
        if (isStill(job, plot)) job.cache.still.paint(context, job, paint);
        else insideSubplot(context, job.xa, job.ya, () => paint(context, job));
        if (type === "scatter") previous.set(plot, job.cache.points);
      }
    }
  }

  /** @param {Trace} trace */
  cacheOf(trace) {
    this.caches[trace.index] ||= { still: new StillLayer() };
    return this.caches[trace.index];
  }

  /**
   * Pixel positions of the points of a trace in the frame drawn last.
   * @param {Trace} trace
   */
  pointsOf(trace) {
    return this.caches[trace.index]?.points;
  }

  clear() {
    if (isDrawn(this.gd)) clearedCanvas(this.canvas, this.gd, this.ratio);
  }
}
