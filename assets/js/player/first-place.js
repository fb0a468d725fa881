/** Where a page of a run starts. */

import { nearestIndex } from "../lib/numbers.js";

/** @import { Manifest } from "../contract.js" */

/** @type {string[]} states of runs of which one wants to see the newest checkpoint */
const AT_THE_END = ["running", "diverged"];

/**
 * The place that the address names, else the beginning of the story; −1 while there is none.
 * @param {Pick<Manifest, "steps" | "status">} run
 * @param {Record<string, string | undefined>} wanted what the address says
 */
export function firstPlace({ steps, status }, { e }) {
  const epoch = Number(e);
  const given = e !== undefined && e !== "" && Number.isFinite(epoch);
  if (given) return nearestIndex(steps, epoch);
  const last = steps.length - 1;
  return AT_THE_END.includes(status.state) ? last : Math.min(0, last);
}
