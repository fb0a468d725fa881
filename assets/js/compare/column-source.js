/** A run as a comparison asks for it: its pictures in the colours and ranges of all runs. */

import { HttpSource } from "../frames/source.js";
import { queryString } from "../lib/address.js";
import { getJson } from "../lib/net.js";

/** @import { FigureWanted, Source } from "../frames/source.js" */

/** @typedef {(step: number) => Record<string, unknown>} Asked what is asked of one epoch */

export class ColumnSource extends HttpSource {
  /**
   * @param {string} run
   * @param {Asked} asked
   */
  constructor(run, asked) {
    super(run);
    this.asked = asked;
  }

  /**
   * @override
   * @type {Source["figure"]}
   */
  figure(view, wanted, signal) {
    return getJson(`/api/compare/figure/${view}?${this.query(wanted)}`, { signal });
  }

  /**
   * @override
   * @type {Source["words"]}
   */
  words(view, wanted, signal) {
    return getJson(`/api/compare/figure/${view}?${this.query(wanted)}&words=1`, { signal });
  }

  /** @param {FigureWanted} wanted */
  query({ fingerprint, step, theme }) {
    return queryString({ ...this.asked(step), theme, v: fingerprint });
  }
}
