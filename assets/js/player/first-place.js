/** Where a page of a run starts. */

import { nearestIndex } from "../lib/numbers.js";

/**
 * The place that the address names, else the last; −1 while there is none.
 * @param {number[]} steps
 * @param {Record<string, string | undefined>} wanted what the address says
 */
export function firstPlace(steps, { e }) {
  const epoch = Number(e);
  const given = e !== undefined && e !== "" && Number.isFinite(epoch);
  return given ? nearestIndex(steps, epoch) : steps.length - 1;
}
