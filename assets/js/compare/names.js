/** How the address names a column: the run, and the epoch at which it stays. */

/**
 * @param {{ run: string, pin: number | string | null }} column
 * @returns {string} "run" or "run@epoch"
 */
export const nameOf = ({ run, pin }) => (pin === null || pin === "" ? run : `${run}@${pin}`);
