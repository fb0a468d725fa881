/** Figures of a file to share: a template, what differs at the epoch, and the numbers. */

/**
 * @import { Figure, FigureAnswer, SelectionValues, SharedView } from "../contract.js"
 * @import { Frame, FrameArray } from "../frames/blocks.js"
 */

import { frameValues } from "../frames/blocks.js";

/**
 * Values by name, as the file names a choice of them.
 * @param {string[]} names
 * @param {Partial<SelectionValues>} selection
 */
export const keyOf = (names, selection) =>
  names
    .map((name) => `${name}=${/** @type {Record<string, unknown>} */ (selection)[name]}`)
    .join("|");

/**
 * A template with the arrays of the pool in it, free to be changed.
 * @param {any} node
 * @param {any[]} pool
 * @returns {any}
 */
export function filled(node, pool) {
  if (Array.isArray(node)) return node.map((one) => filled(one, pool));
  if (node === null || typeof node !== "object") return node;
  if ("$" in node) return structuredClone(pool[node.$]);
  return Object.fromEntries(Object.entries(node).map(([name, one]) => [name, filled(one, pool)]));
}

/**
 * @param {any} root
 * @param {(string | number)[]} path
 * @param {any} value
 */
function put(root, path, value) {
  const [last] = path.slice(-1);
  const holder = path.slice(0, -1).reduce((node, name) => node[name], root);
  if (value === null) delete holder[last];
  else holder[last] = value;
}

/**
 * Numbers as Plotly takes them: rows of what has two axes.
 * @param {FrameArray} array
 */
export function rowsOfArray(array) {
  const values = frameValues(array);
  const [rows, columns] = array.shape;
  if (array.shape.length < 2) return Array.from(values);
  return Array.from({ length: rows }, (_, i) =>
    Array.from(values.subarray(i * columns, (i + 1) * columns)),
  );
}

/**
 * Put the numbers of a frame into the traces that show them.
 * @param {Figure} figure
 * @param {Record<string, FrameArray>} arrays
 */
export function putArrays(figure, arrays) {
  for (const [target, array] of Object.entries(arrays)) {
    const [trace, ...path] = target.split(".");
    put(figure, ["data", Number(trace), ...path], rowsOfArray(array));
  }
}

/**
 * The figure of a view, as the server would answer; what is said of it is still missing.
 * @param {SharedView} view
 * @param {any[]} pool
 * @param {{ theme: string, selection: SelectionValues, place: number, step: number }} wanted
 *   place: of the epoch among those of the view
 * @param {Frame | null} frame its numbers
 * @returns {FigureAnswer}
 */
export function pictureOf(view, pool, { theme, selection, place, step }, frame) {
  const key = keyOf(view.fields, selection);
  const named = (/** @type {string} */ start) => [start, key].filter(Boolean).join("|");
  const answer = filled(view.pictures[named(theme)], pool);
  const patches = view.patches[named(theme)] || view.patches[key];
  for (const [path, value] of patches?.[place] || []) put(answer, path, value);
  putArrays(answer.figure, frame?.arrays || {});
  answer.figure.layout.meta.epoch = step;
  return { ...answer, step };
}
