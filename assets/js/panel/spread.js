/** How the places of the slider are spread along it: as on the axis of the loss chart. */

import { nearestIndex } from "../lib/numbers.js";

/** @typedef {"linear" | "log" | "checkpoint"} Spread by epoch, its logarithm, or evenly */
/** @typedef {"epoch" | "checkpoint"} TimeAxis what chart and slider count */

/** Values of the slider: more than it has pixels, whatever the epochs are. */
export const RESOLUTION = 10_000;

/**
 * Where places lie, from 0 to 1.
 * @param {number[]} steps what they stand for, ascending
 * @param {Spread} spread
 */
export function fractions(steps, spread) {
  const last = steps.length - 1;
  /* As on a logarithmic axis, which begins at epoch 1. */
  const at = (/** @type {number} */ step) =>
    spread === "log" ? Math.log10(Math.max(step, 1)) : step;
  const low = at(steps[0]);
  const length = at(steps[last]) - low;
  if (spread === "checkpoint" || !(length > 0)) return steps.map((_, i) => i / Math.max(last, 1));
  return steps.map((step) => (at(step) - low) / length);
}

/**
 * Lay a figure over all of training out by checkpoint instead of epoch: its curves have a
 * point for each. What is written stays the epoch.
 * @param {{ data: Record<string, any>[], layout: Record<string, any> }} figure
 * @param {number[]} steps
 * @param {(step: number) => string} write
 */
export function byCheckpoint({ data, layout }, steps, write) {
  const places = steps.map((_, i) => i);
  for (const trace of data) {
    trace.x = places;
    trace.text = steps.map(write);
    trace.hovertemplate = String(trace.hovertemplate || "").replace("%{x}", "%{text}");
  }
  for (const shape of layout.shapes || []) {
    if (shape.xref !== "x") continue;
    shape.x0 = nearestIndex(steps, shape.x0);
    shape.x1 = nearestIndex(steps, shape.x1);
  }
  const last = Math.max(steps.length - 1, 1);
  const ticks = [...new Set([0, 1, 2, 3, 4, 5].map((i) => Math.round((i * last) / 5)))];
  layout.xaxis = {
    ...layout.xaxis,
    title: { text: "epoch, checkpoints evenly spaced" },
    type: "linear",
    range: [0, last],
    tickmode: "array",
    tickvals: ticks,
    ticktext: ticks.map((i) => write(steps[Math.min(i, steps.length - 1)])),
  };
}
