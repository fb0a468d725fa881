/** What files say of where they come from, and what they are called. */

import { formatEpoch } from "../lib/numbers.js";

/**
 * What a file says of where it comes from.
 *
 * @typedef {object} About
 * @property {string} run id, or several joined
 * @property {string} title
 * @property {string} config hash of the configuration, or several joined
 * @property {number} epoch shown
 * @property {Record<string, unknown>} selection
 * @property {string} version of grokdash
 * @property {OfRun[]} [runs] where there are several
 *
 * @typedef {{ run: string, config: string, epoch: number, selection: object }} OfRun
 *
 * @typedef {About & { view: string, permalink: string }} Origin
 */

/** What an origin of any kind says. @typedef {{ permalink: string, version: string }} Known */

/** As in `grokdash/saving/origins.py`. */
const LONGEST = 120;

/** @param {number} epoch */
const epochName = (epoch) => `e${String(epoch).padStart(6, "0")}`;

/**
 * The name of a file, without the ending.
 * @param {About} about
 * @param {string} view
 */
export function stemOf({ run, epoch, runs }, view) {
  if (!runs) return `${run}__${view}__${epochName(epoch)}`;
  const names = [...new Set(runs.map((one) => one.run))];
  const joined = names.join("-vs-");
  const who = joined.length > LONGEST ? `${names[0]}-vs-${names.length - 1}-others` : joined;
  const epochs = [...new Set(runs.map((one) => epochName(one.epoch)))];
  return `${who}__${view}__${epochs.join("-vs-")}`;
}

/**
 * @param {About} about
 * @param {string} view
 * @param {string} permalink
 * @returns {Origin}
 */
export function originOf(about, view, permalink) {
  const { run, title, config, epoch, selection, version, runs } = about;
  const several = runs ? { runs } : {};
  return { run, title, config, view, epoch, selection, permalink, version, ...several };
}

/**
 * What a file of one panel says.
 * @param {About} about
 * @param {{ id: string, range?: { pressed: boolean, text: string } | null }} panel
 * @param {string} permalink
 */
export function savedOf(about, { id, range }, permalink) {
  const when = `epoch ${formatEpoch(about.epoch)}`;
  const more = [range?.pressed ? `${when} · ${range.text}` : when];
  return { stem: stemOf(about, id), more, origin: originOf(about, id, permalink) };
}

/**
 * The texts of a file that has room for some, by their keywords in PNG.
 * @param {string} title
 * @param {Known} origin
 */
export const textsOf = (title, origin) => ({
  Title: title,
  Software: `grokdash ${origin.version}`,
  Source: origin.permalink,
  grokdash: JSON.stringify(origin),
});
