/** One range for figures of several runs, so that heights and colours compare. */

/**
 * @import { Figure, FigureAnswer } from "../contract.js"
 */

/** @typedef {[number, number]} Range */

const AXIS = /^[xy]axis\d*$/;

/**
 * The smallest range that holds all; null where one has none.
 * @param {(Range | null | undefined)[]} ranges
 * @returns {Range | null}
 */
export function union(ranges) {
  const known = ranges.flatMap((one) => (one ? [one] : []));
  if (!known.length || known.length < ranges.length) return null;
  return [Math.min(...known.map(([low]) => low)), Math.max(...known.map(([, high]) => high))];
}

/**
 * Widen the axes of a figure to those of others that have a range.
 * @param {Figure} figure
 * @param {Figure[]} others
 */
export function widenAxes(figure, others) {
  for (const [name, axis] of Object.entries(figure.layout)) {
    if (!AXIS.test(name)) continue;
    const ranges = [figure, ...others].map(({ layout }) => layout[name]?.range);
    const range = union(ranges);
    if (range) axis.range = range;
  }
}

/**
 * Give a figure the ranges of all runs: of its colours, and of axes along which it has a
 * height.
 * @param {FigureAnswer} own
 * @param {FigureAnswer[]} others
 */
export function widen(own, others) {
  for (const [name, range] of Object.entries(own.limits)) {
    const every = others.map((one) => one.limits[name]);
    own.limits[name] = union([range, ...every]) || range;
  }
  let maps = false;
  own.figure.data.forEach((trace, i) => {
    if (trace.zmin === undefined) return;
    maps = true;
    const beside = others.map(({ figure }) => figure.data[i] || {});
    const ends = [trace, ...beside].map(({ zmin, zmax }) => [zmin, zmax]);
    [trace.zmin, trace.zmax] = union(/** @type {Range[]} */ (ends)) || [trace.zmin, trace.zmax];
  });
  const drawn = others.map(({ figure }) => figure);
  if (!maps) widenAxes(own.figure, drawn);
}
