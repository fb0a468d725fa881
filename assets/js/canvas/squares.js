/**
 * Square maps: cells as high as they are wide, and a whole number of the device's pixels
 * where that costs little, so that they are all of one size and a canvas and Plotly draw
 * the same.
 */

/** @import { Figure } from "../contract.js" */

/**
 * @typedef {[number, number]} Pair
 *
 * A map whose cells are to be square, and the place it was given.
 *
 * @typedef {object} SquareMap
 * @property {string} x name of its axis in the layout
 * @property {string} y
 * @property {number} columns
 * @property {number} rows
 * @property {Pair} across of the plot area, from its left, as a share
 * @property {Pair} down from its top
 */

/** Share of its place that a map may lose to whole pixels. */
const LOSS = 0.25;

const NEAR = 1e-6;

/** Pixels between a map and its colour bar. */
const BAR_GAP = 4;

/**
 * Rows and columns of a matrix as it comes from the server: packed, or a list of rows.
 * @param {any} z
 * @returns {number[]}
 */
const shapeOf = (z) => (z.shape ? String(z.shape).split(",").map(Number) : [z.length, z[0].length]);

/** @param {string} axis as a trace names it, such as "x2" */
const nameOf = (axis) => `${axis[0]}axis${axis.slice(1)}`;

/**
 * The maps of a figure that it wants square.
 * @param {Figure} figure as the server sent it
 * @returns {SquareMap[]}
 */
export function squaresOf({ data, layout }) {
  /** @type {SquareMap[]} */
  const maps = [];
  for (const trace of data) {
    const [x, y] = [nameOf(trace.xaxis || "x"), nameOf(trace.yaxis || "y")];
    const wanted = layout[y]?.scaleanchor && layout[y].constrain === "domain";
    if (trace.type !== "heatmap" || !wanted) continue;
    const [rows, columns] = shapeOf(trace.z);
    const [low, high] = layout[y].domain || [0, 1];
    const across = layout[x].domain || [0, 1];
    maps.push({ x, y, rows, columns, across, down: [1 - high, 1 - low] });
  }
  return maps;
}

/**
 * Size of a cell: whole pixels of the device, unless that leaves too much room empty. Plotly
 * draws maps that are whole pixels of the page, so their sides are.
 * @param {number} most in pixels of the page
 * @param {number[]} counts of cells along the sides
 * @param {number} ratio pixels of the device per pixel of the page
 */
export function cellSize(most, counts, ratio) {
  for (let pixels = Math.floor(most * ratio + NEAR); pixels > 0; pixels--) {
    const size = pixels / ratio;
    if (size < (1 - LOSS) * most) break;
    if (counts.every((count) => isWhole(count * size))) return size;
  }
  const longest = Math.max(...counts);
  return Math.floor(longest * most + NEAR) / longest;
}

/** Pixels of the device per pixel of the page. */
export const pixelRatio = () => globalThis.devicePixelRatio || 1;

/** @param {number} length */
const isWhole = (length) => Math.abs(length - Math.round(length)) < NEAR;

/**
 * Where rows or columns of maps begin, in pixels, moved together into the middle, each begun on a pixel.
 * @param {Pair[]} places as shares of the room
 * @param {number[]} sizes in pixels
 * @param {number} room in pixels
 * @param {number} ratio
 * @returns {number[]} by map
 */
function moved(places, sizes, room, ratio) {
  const starts = [...new Set(places.map(([start]) => start))].sort((a, b) => a - b);
  const lanes = starts.map((start) => {
    const members = places.flatMap((place, i) => (place[0] === start ? [i] : []));
    const end = Math.max(...members.map((i) => places[i][1]));
    return { start, end, size: Math.max(...members.map((i) => sizes[i])) };
  });
  const gaps = lanes.map(({ end }, i) => (i + 1 < lanes.length ? lanes[i + 1].start - end : 0));
  const total = lanes.reduce((length, { size }, i) => length + size + gaps[i] * room, 0);
  let at = (room - total) / 2;
  /** @type {Map<number, number>} */
  const begin = new Map();
  for (const [i, { start, size }] of lanes.entries()) {
    begin.set(start, Math.round(at * ratio) / ratio);
    at += size + gaps[i] * room;
  }
  return places.map(([start]) => begin.get(start) ?? 0);
}

/**
 * The places of square maps, and of the colour bar beside them.
 * @param {SquareMap[]} maps
 * @param {Record<string, any>} layout of their figure
 * @param {{ width: number, height: number }} room of the whole figure, in pixels
 * @param {number} ratio pixels of the device per pixel of the page
 * @returns {{ domains: Record<string, Pair>, bar: Record<string, any> }} domains by axis
 */
export function placeSquares(maps, { margin }, { width, height }, ratio) {
  const { l, r, t, b } = margin;
  const [w, h] = [width - l - r, height - t - b];
  if (!maps.length || !(w > 0 && h > 0)) return { domains: {}, bar: {} };
  const most = maps.map(({ across, down, columns, rows }) =>
    Math.min(((across[1] - across[0]) * w) / columns, ((down[1] - down[0]) * h) / rows),
  );
  const counts = maps.flatMap(({ columns, rows }) => [columns, rows]);
  const cell = cellSize(Math.min(...most), counts, ratio);
  const places = { x: maps.map((map) => map.across), y: maps.map((map) => map.down) };
  const [wide, high] = [maps.map((map) => map.columns * cell), maps.map((map) => map.rows * cell)];
  const left = moved(places.x, wide, w, ratio);
  const top = moved(places.y, high, h, ratio);
  /** @type {Record<string, Pair>} */
  const domains = {};
  for (const [i, { x, y }] of maps.entries()) {
    domains[x] = [left[i] / w, (left[i] + wide[i]) / w];
    domains[y] = [1 - (top[i] + high[i]) / h, 1 - top[i] / h];
  }
  const right = Math.max(...left.map((start, i) => start + wide[i]));
  const lower = Math.max(...top.map((start, i) => start + high[i]));
  const upper = Math.min(...top);
  const bar = {
    x: (right + BAR_GAP) / w,
    y: 1 - upper / h,
    yanchor: "top",
    len: (lower - upper) / h,
  };
  return { domains, bar };
}

/**
 * Give the square maps of a figure their places.
 * @param {Figure} figure whose layout and traces are changed
 * @param {SquareMap[]} maps
 * @param {{ width: number, height: number }} room
 * @param {number} ratio
 */
export function fitSquares({ data, layout }, maps, room, ratio) {
  const { domains, bar } = placeSquares(maps, layout, room, ratio);
  for (const [name, domain] of Object.entries(domains)) layout[name].domain = domain;
  for (const trace of data) {
    if (trace.type === "heatmap" && trace.showscale !== false) Object.assign(trace.colorbar, bar);
  }
}
