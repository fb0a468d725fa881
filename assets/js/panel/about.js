/** Where what a panel shows comes from. */

/**
 * @import { RunReader } from "../frames/reader.js"
 * @import { About } from "./origin.js"
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
