/** The parts of a file to share: the head, frames, weights; each read when it is needed. */

/** @import { RoundedHead } from "../contract.js" */

/**
 * @typedef {object} RoundedNumbers
 * @property {number[]} shape
 * @property {Float64Array} data integers times their units
 */

/** @type {Map<string, Promise<ArrayBuffer>>} by name: what is read is gone from the page */
const read = new Map();

/** Wait until the end of the file has come. */
const whole = () =>
  new Promise((then) => {
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", then);
    else then(null);
  });

/**
 * The bytes of a part.
 * @param {string} name
 * @param {string} damaged what is said where it cannot be read
 */
export function readPart(name, damaged) {
  const known = read.get(name);
  if (known) return known;
  const coming = whole()
    .then(() => window.grokdash_part(name))
    .catch(() => {
      throw new Error(damaged);
    });
  read.set(name, coming);
  return coming;
}

/** Where what draws the figures is: it is read from the file as a script. */
export async function offerPlotly() {
  const bytes = await readPart("plotly", "This file is damaged: get it again.");
  const address = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  document.querySelector("meta[name=plotly]")?.setAttribute("content", address);
}

/**
 * A part that is JSON.
 * @param {string} name
 * @returns {Promise<any>}
 */
export async function readJson(name) {
  const bytes = await readPart(name, "This file is damaged: get it again.");
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * Rounded arrays of a block, by name; see `grokdash/sharing/rounded.py`.
 * @param {ArrayBuffer} buffer
 * @returns {Record<string, RoundedNumbers>}
 */
export function readRounded(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  /** @type {RoundedHead} */
  const head = JSON.parse(text);
  const bytes = new Uint8Array(buffer, 4 + length);
  const found = Object.entries(head.arrays).map(([name, { shape, units, offset }]) => {
    const count = shape.reduce((product, n) => product * n, 1);
    const each = count / units.length;
    const data = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const folded = bytes[offset + i] + 256 * bytes[offset + count + i];
      const number = folded % 2 ? -(folded + 1) / 2 : folded / 2;
      data[i] = number * units[Math.floor(i / each)];
    }
    return [name, { shape, data }];
  });
  return Object.fromEntries(found);
}
