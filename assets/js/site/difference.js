/** One run less another, as a page without a server says and draws it. */

import { frameValues } from "../frames/blocks.js";
import { formatEpoch, formatFixed, formatNumber } from "../lib/numbers.js";

/**
 * @import { Figure } from "../contract.js"
 * @import { Frame, FrameArray } from "../frames/blocks.js"
 */

const ROOM = 1.05;

/**
 * The largest absolute number.
 * @param {Record<string, FrameArray>} arrays
 */
export const boundOf = (arrays) =>
  Math.max(0, ...Object.values(arrays).map(({ hi }) => Math.abs(hi ?? 0))) || 1;

/**
 * Lay the range of a difference evenly about zero.
 * @param {Figure} figure
 * @param {number} bound
 */
export function boundTo(figure, bound) {
  for (const trace of figure.data) {
    if (trace.zmin !== undefined) [trace.zmin, trace.zmax] = [-bound, bound];
  }
  const { yaxis } = figure.layout;
  const heights = figure.data.every(({ type }) => type !== "heatmap");
  if (heights && yaxis) yaxis.range = [-ROOM * bound, ROOM * bound];
}

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;

/**
 * @param {number[]} a
 * @param {number[]} b
 * @returns {number} NaN where one of them does not vary
 */
export function correlation(a, b) {
  const [ma, mb] = [mean(a), mean(b)];
  const product = mean(a.map((one, i) => (one - ma) * (b[i] - mb)));
  const va = mean(a.map((one) => (one - ma) ** 2));
  const vb = mean(b.map((one) => (one - mb) ** 2));
  return va > 0 && vb > 0 ? product / Math.sqrt(va * vb) : Number.NaN;
}

/** @param {Frame} frame */
const numbers = ({ arrays }) =>
  Object.values(arrays).flatMap((array) => Array.from(frameValues(array)));

/**
 * How far two checkpoints are apart, in words.
 * @param {{ letter: string, frame: Frame }[]} sides two of them
 */
export function differenceWords([one, other]) {
  const [all, beside] = [numbers(one.frame), numbers(other.frame)];
  const both = [...all.keys()].filter((i) => Number.isFinite(all[i]) && Number.isFinite(beside[i]));
  const [a, b] = [both.map((i) => all[i]), both.map((i) => beside[i])];
  const at = [one, other].map(
    ({ letter, frame }) => `${letter} at epoch ${formatEpoch(frame.step)}`,
  );
  const text = at.join(" minus ");
  if (!both.length) return `${text}: no number is known in both.`;
  const gaps = a.map((value, i) => Math.abs(value - b[i]));
  const most = gaps.reduce((x, y) => Math.max(x, y), 0);
  const told = `${formatNumber(mean(gaps))} on average, at most ${formatNumber(most)}`;
  const r = correlation(a, b);
  return `${text}: ${told}${Number.isFinite(r) ? `; correlation ${formatFixed(r)}` : ""}.`;
}
