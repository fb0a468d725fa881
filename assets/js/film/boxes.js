/** Where the pictures of a film lie: one region per run, a chart above panels in each. */

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box in pixels
 *
 * @typedef {object} Region of one run
 * @property {Box} name where the run is named; no height where there is one run only
 * @property {Box | null} chart
 * @property {Box[]} panels in reading order
 */

export const HEADER = 44;
export const EDGE = 10;
const GAP = 8;
const NAME = 22;
/** What a chart of all of training takes of the height, and at most. */
const CHART = { share: 0.3, most: 178 };
/** Width by height of a panel that suits most pictures. */
const SHAPE = 1.5;
/** How bad an empty place is, beside panels of another shape. */
const EMPTY = 0.4;

/**
 * Divide a box into cells that are as near as can be to the shape of a panel.
 * @param {Box} box
 * @param {number} count
 * @returns {Box[]} in reading order
 */
export function grid(box, count) {
  const misfit = (/** @type {number} */ across) => {
    const down = Math.ceil(count / across);
    const shape = box.width / across / (box.height / down);
    return Math.abs(Math.log(shape / SHAPE)) + EMPTY * (across * down - count);
  };
  const choices = Array.from({ length: count }, (_, i) => i + 1);
  const columns = choices.reduce((a, b) => (misfit(b) < misfit(a) ? b : a), 1);
  const rows = Math.ceil(count / columns);
  const width = Math.floor((box.width - GAP * (columns - 1)) / columns);
  const height = Math.floor((box.height - GAP * (rows - 1)) / rows);
  return Array.from({ length: count }, (_, i) => ({
    x: box.x + (i % columns) * (width + GAP),
    y: box.y + Math.floor(i / columns) * (height + GAP),
    width,
    height,
  }));
}

/**
 * @param {Box} box
 * @param {number} height
 * @returns {[Box, Box]} the upper part, and what is left
 */
function cut({ x, y, width, height: whole }, height) {
  const rest = height ? height + GAP : 0;
  return [
    { x, y, width, height },
    { x, y: y + rest, width, height: whole - rest },
  ];
}

/**
 * @param {object} film
 * @param {number} film.width
 * @param {number} film.height
 * @param {number} film.runs how many regions
 * @param {boolean} film.chart whether each has a chart above its panels
 * @param {number} film.panels how many each has below it
 * @returns {Region[]}
 */
export function regionsOf({ width, height, runs, chart, panels }) {
  const whole = {
    x: EDGE,
    y: HEADER,
    width: width - 2 * EDGE,
    height: height - HEADER - EDGE,
  };
  return grid(whole, runs).map((box) => {
    const [name, below] = cut(box, runs > 1 ? NAME - GAP : 0);
    if (!chart) return { name, chart: null, panels: grid(below, panels) };
    if (!panels) return { name, chart: below, panels: [] };
    const share = Math.min(CHART.most, Math.round(CHART.share * below.height));
    const [strip, rest] = cut(below, share);
    return { name, chart: strip, panels: grid(rest, panels) };
  });
}
