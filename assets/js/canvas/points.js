/** Where the points of a drawn figure lie, and which of them comes next in a direction. */

/**
 * A cell, a bar or a marker of a figure.
 *
 * @typedef {object} Place
 * @property {number} trace
 * @property {number | [number, number]} point its number in the trace; row and column of a cell
 * @property {number} x in pixels of the figure
 * @property {number} y
 * @property {boolean} [line] whether the points of its trace are joined
 *
 * @typedef {"left" | "right" | "up" | "down"} Direction
 */

/** How much farther a point seems that lies beside the way. */
const BESIDE = 3;

/** Pixels within which points lie beside each other. */
const SAME = 0.5;

/** @type {Record<Direction, (dx: number, dy: number) => [number, number]>} along, across */
const WAYS = {
  right: (dx, dy) => [dx, dy],
  left: (dx, dy) => [-dx, dy],
  down: (dx, dy) => [dy, dx],
  up: (dx, dy) => [-dy, dx],
};

/**
 * The nearest point in a direction; the same one where there is none. On a line it is the
 * next of that line, and up and down are other lines.
 * @param {Place[]} places
 * @param {Place} from
 * @param {Direction} direction
 */
export function nextPlace(places, from, direction) {
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  const ahead = direction === "left" || direction === "right";
  for (const place of places) {
    if (from.line && (place.trace === from.trace) !== ahead) continue;
    const [along, across] = WAYS[direction](place.x - from.x, place.y - from.y);
    if (along <= SAME) continue;
    const beside = from.line && ahead ? 0 : BESIDE;
    const far = along + beside * Math.abs(across);
    if (far < least) [best, least] = [place, far];
  }
  return best;
}

/**
 * The middles of cells along one axis of a map.
 * @param {ArrayLike<number>} positions of the cells, or of their edges
 * @param {number} count of cells
 * @param {(value: number) => number} pixel
 */
export function middles(positions, count, pixel) {
  const edges = positions.length > count;
  return Array.from({ length: count }, (_, i) =>
    pixel(edges ? (positions[i] + positions[i + 1]) / 2 : positions[i]),
  );
}
