/**
 * Where a comparison gets from what is of several runs: their timeline, pictures made of
 * more than one, the numbers behind those. This one asks the server.
 */

import { queryString, runAddress } from "../lib/address.js";
import { appUrl, getBlob, getJson } from "../lib/net.js";
import { ColumnSource } from "./column-source.js";

/**
 * @import { DataKind, MixedFigure, MixedHead, Missing, TimelineAnswer } from "../contract.js"
 * @import { Source } from "../frames/source.js"
 * @import { Asked } from "./column-source.js"
 */

/**
 * @typedef {"overlay" | "difference"} How
 *
 * @typedef {object} MixedWanted
 * @property {string} align
 * @property {number[]} pair columns, in their order
 * @property {number[]} steps the epoch of each of these columns
 * @property {Record<string, unknown>} shared what is picked for all of them
 * @property {string} theme
 *
 * @typedef {object} CompareSource
 * @property {boolean} open whether other runs can be chosen
 * @property {(run: string) => string} address of the page of a run; empty if there is none
 * @property {(index: number, run: string, asked: Asked) => Source} column
 * @property {(align: string, signal: AbortSignal) => Promise<TimelineAnswer>} timeline
 * @property {(how: How, view: string, wanted: MixedWanted, signal: AbortSignal) => Promise<MixedFigure | Missing>} mixed
 * @property {(how: How, view: string, wanted: MixedWanted, signal: AbortSignal) => Promise<MixedHead | Missing>} words
 *   the same answer without the figure
 * @property {(how: How, view: string, kind: DataKind, wanted: MixedWanted) => Promise<Blob>} data
 */

/** @implements {CompareSource} */
export class HttpCompareSource {
  open = true;

  /** @param {string} runs as the address names them */
  constructor(runs) {
    this.runs = runs;
  }

  /** @type {CompareSource["address"]} */
  address(run) {
    return appUrl(runAddress(run));
  }

  /** @type {CompareSource["column"]} */
  column(_index, run, asked) {
    return new ColumnSource(run, asked);
  }

  /** @type {CompareSource["timeline"]} */
  timeline(align, signal) {
    const query = queryString({ runs: this.runs, align });
    return getJson(`/api/compare/timeline?${query}`, { signal });
  }

  /** @type {CompareSource["mixed"]} */
  mixed(how, view, wanted, signal) {
    return getJson(`/api/compare/${how}/${view}?${this.query(wanted)}`, { signal });
  }

  /** @type {CompareSource["words"]} */
  words(how, view, wanted, signal) {
    return getJson(`/api/compare/${how}/${view}?${this.query(wanted)}&words=1`, { signal });
  }

  /** @type {CompareSource["data"]} */
  data(how, view, kind, wanted) {
    return getBlob(`/api/compare/data/${how}/${view}.${kind}?${this.query(wanted)}`);
  }

  /** @param {MixedWanted} wanted */
  query({ align, pair, steps, shared, theme }) {
    const e = steps.join();
    return queryString({ runs: this.runs, align, pair: pair.join(), e, ...shared, theme });
  }
}
