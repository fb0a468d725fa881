/** Where what a panel shows comes from. */

/**
 * @import { RunReader } from "../frames/reader.js"
 * @import { About } from "./export.js"
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
