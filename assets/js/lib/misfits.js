/** What is said of a value that does not fit, in the sentences of Python. */

/** @import { Misfits } from "../contract.js" */

/**
 * @param {string} sentence with names in braces
 * @param {Record<string, unknown>} values by name
 */
export const fill = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

/**
 * @param {Misfits} words
 * @param {object} value
 * @param {string} value.asked what was asked for
 * @param {number} value.shown what is shown for it
 * @param {[number, number]} value.bounds
 * @param {(one: number) => string} value.write
 */
export function outside(words, { asked, shown, bounds: [low, high], write }) {
  const values = { asked, shown: write(shown), low: write(low), high: write(high) };
  return fill(low === high ? words.only : words.outside, values);
}

/**
 * What must be said of a number that a place, a field or an address asks for.
 * @param {Misfits} words
 * @param {{ asked: string, wanted: number, shown: number, bounds: [number, number], write: (one: number) => string }} value
 * @returns {string} "" where what is shown is what was asked for
 */
export function misfit(words, value) {
  const { asked, wanted, shown, bounds, write } = value;
  if (wanted < bounds[0] || wanted > bounds[1]) return outside(words, value);
  if (write(wanted) === write(shown)) return "";
  return fill(words.between, { asked, shown: write(shown) });
}
