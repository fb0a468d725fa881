/** Which columns of the list of runs there is room for. */

import { byId } from "../lib/dom.js";

/** From the one that goes first to the one that stays longest. */
const GOING = [
  "train_accuracy",
  "train_fraction",
  "size_bytes",
  "keys_text",
  "lr",
  "p",
  "seed",
  "weight_decay",
  "operation",
  "sparkline",
  "updated",
  "progress",
  "grok_end",
  "test_accuracy",
  "state",
];
/** Pixels below which a row is a name with a line of facts under it. */
const NARROW = 640;
const SCROLLBAR = 16;

/**
 * The columns that must go.
 * @param {number} room in pixels
 * @param {Map<string, number>} widths of all columns, the least of one that grows
 */
export function tooMany(room, widths) {
  if (room < NARROW) return GOING;
  let taken = SCROLLBAR + [...widths.values()].reduce((sum, width) => sum + width, 0);
  const left = [...GOING];
  while (taken > room && left.length) taken -= widths.get(left.shift() || "") || 0;
  return GOING.slice(0, GOING.length - left.length);
}

/**
 * Show what there is room for, whenever the grid gets another size or other columns.
 * @param {GridApi} api of the list
 */
export function fitColumns(api) {
  const widths = new Map(
    api.getColumnDefs().map(({ field, width, minWidth }) => [field, minWidth || width || 0]),
  );
  /** @param {number} room */
  function arrange(room) {
    const gone = tooMany(room, widths);
    document.querySelector(".runs-grid")?.classList.toggle("narrow", room < NARROW);
    for (const shown of [false, true]) {
      const wrong = GOING.filter(
        (name) => gone.includes(name) !== shown && api.getColumn(name)?.isVisible() === !shown,
      );
      if (wrong.length) api.setColumnsVisible(wrong, shown);
    }
  }
  api.addEventListener("gridSizeChanged", ({ clientWidth }) => arrange(clientWidth));
  // Dash gives the grid the state of its columns back, and it may be an older one.
  api.addEventListener("displayedColumnsChanged", () => arrange(space()));
  arrange(space());
}

const space = () => byId("runs-grid")?.clientWidth || Number.POSITIVE_INFINITY;
