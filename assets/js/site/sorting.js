/** A table whose heads sort it: by a press, by Enter and by Space. */

import { closest } from "../lib/dom.js";
import { order, sortKey } from "./table.js";

/** @typedef {{ column: string, falling: boolean }} Sorted */

/** @param {HTMLTableElement} table */
const headsOf = (table) =>
  /** @type {HTMLTableCellElement[]} */ ([...table.querySelectorAll("thead th")]);

/** @param {HTMLTableCellElement} head */
const nameOf = (head) => head.dataset.column || head.textContent || "";

/**
 * What a row is sorted by.
 * @param {HTMLTableRowElement} row
 * @param {number} place of the column
 */
export function cellValue(row, place) {
  const cell = row.cells[place];
  return sortKey(cell?.dataset.value);
}

/**
 * Sort the rows of a table, and say so in its heads; a column that it has not changes
 * nothing.
 * @param {HTMLTableElement} table
 * @param {Sorted} sorted
 */
export function sortRows(table, { column, falling }) {
  const heads = headsOf(table);
  for (const head of heads) {
    const direction = falling ? "descending" : "ascending";
    head.setAttribute("aria-sort", nameOf(head) === column ? direction : "none");
  }
  const place = heads.findIndex((head) => nameOf(head) === column);
  const [body] = table.tBodies;
  if (place < 0) return;
  const rows = [...body.rows];
  const values = rows.map((row) => cellValue(row, place));
  body.append(...order(values, falling).map((i) => rows[i]));
}

/**
 * Let the heads of a table sort it; a second press of one turns its order around.
 * @param {HTMLTableElement} table
 * @param {Sorted} sorted at first
 * @param {(sorted: Sorted) => void} [tell]
 */
export function offerSorting(table, sorted, tell = () => {}) {
  let now = sorted;
  sortRows(table, now);
  table.tHead?.addEventListener("click", ({ target }) => {
    const head = /** @type {HTMLTableCellElement | null} */ (closest(target, "th"));
    if (!head) return;
    const column = nameOf(head);
    now = { column, falling: column === now.column && !now.falling };
    sortRows(table, now);
    tell(now);
  });
}
