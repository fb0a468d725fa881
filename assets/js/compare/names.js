/** How the address names columns: the run, and the epoch at which it stays. */

/**
 * A run as part of a list of names: what separates them is escaped, and nothing else.
 * @param {string} run
 */
const escaped = (run) => run.replace(/[%,@]/g, encodeURIComponent);

/**
 * @param {{ run: string, pin: number | string | null }} column
 * @returns {string} "run" or "run@epoch"
 */
export const nameOf = ({ run, pin }) =>
  pin === null || pin === "" ? escaped(run) : `${escaped(run)}@${pin}`;

/**
 * Runs that move along, as the address lists them.
 * @param {string[]} runs
 */
export const namesOf = (runs) => runs.map((run) => nameOf({ run, pin: null })).join(",");
