/** Where what a panel shows comes from. */

import { texts } from "../lib/address.js";

/**
 * @import { AddBody } from "../contract.js"
 * @import { RunReader } from "../frames/reader.js"
 * @import { About } from "./origin.js"
 * @import { Track } from "./panel.js"
 */

/**
 * @param {RunReader} reader
 * @param {number} epoch
 * @returns {About}
 */
export function aboutRun({ id, manifest, selection }, epoch) {
  const { title, config_hash: config, version } = manifest;
  return { run: id, title, config, epoch, selection: { ...selection }, version };
}

/**
 * @param {About[]} every of the runs, the first of which says what is picked
 * @param {string} title
 * @param {number} epoch or what else the places of the slider count
 * @returns {About}
 */
export const aboutRuns = (every, title, epoch) => ({
  ...every[0],
  title,
  config: every.map((one) => one.config).join(" "),
  epoch,
  runs: every.map(({ run, config, epoch: own, selection }) => ({
    run,
    config,
    epoch: own,
    selection,
  })),
});

/**
 * What freezes the picture of a panel in a report: one run alone, or among others.
 * @param {{ id: string, reader: RunReader, track: Track }} panel
 * @param {number} e the epoch
 * @returns {AddBody}
 */
export function askedOf({ id, reader, track }, e) {
  if (!track.askedAmong) {
    return { kind: "view", of: reader.id, view: id, query: texts({ ...reader.selection, e }) };
  }
  const query = texts({ ...track.askedAmong(e), mode: "column" });
  return { kind: "comparison", of: "", view: id, query };
}
