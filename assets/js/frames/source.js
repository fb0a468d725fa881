/**
 * Where a player gets a run from. It knows no address: it asks a source for the manifest,
 * for frames, exact figures, words and data. This one asks the server.
 */

import { queryString } from "../lib/address.js";
import { getBlob, getBuffer, getJson } from "../lib/net.js";
import { readBlock } from "./blocks.js";
import { FigureRound } from "./figures.js";

/**
 * @import { DataKind, Manifest, Live, Moment, FigureAnswer, FigureHead, GuideAnswer, SelectionValues } from "../contract.js"
 * @import { Frame } from "./blocks.js"
 */

/**
 * What a player asks for. Methods reject with an error whose `status` is 404 where there
 * is nothing, and 409 where the run was written anew since `fingerprint`.
 *
 * @typedef {object} Source
 * @property {string} id of the run
 * @property {boolean} [standsAlone] whether there is no other page of the app
 * @property {(views: string[], asked: Record<string, string>, signal: AbortSignal) => Promise<Manifest>} manifest
 * @property {(have: number, fingerprint: string, signal: AbortSignal) => Promise<Live>} live
 * @property {(signal: AbortSignal) => Promise<Moment[]>} moments
 *   what is new after `have` checkpoints
 * @property {(view: string, wanted: FramesWanted, signal: AbortSignal) => Promise<Frame[]>} frames
 * @property {(view: string, wanted: FigureWanted, signal: AbortSignal) => Promise<FigureAnswer>} figure
 * @property {(view: string, wanted: FigureWanted, signal: AbortSignal) => Promise<FigureHead>} words
 *   the same answer without the figure
 * @property {(view: string, kind: DataKind, wanted: DataWanted) => Promise<Blob>} data
 * @property {(view: string) => Promise<GuideAnswer>} guide
 *
 * @typedef {{ fingerprint: string, steps: number[], selection: Partial<SelectionValues>, have: number | null }} FramesWanted
 * @typedef {{ fingerprint: string, step: number, selection: SelectionValues }} DataWanted
 * @typedef {DataWanted & { theme: string, have: number | null }} FigureWanted
 *   `have`: how many checkpoints a picture of all of training is to show
 */

/** @implements {Source} */
export class HttpSource {
  /** @type {FigureRound | null} what is asked for in this turn */
  #round = null;
  /** @type {Map<string, Promise<FigureAnswer>>} figures that will be asked for */
  #ahead = new Map();

  /** @param {string} id of the run */
  constructor(id) {
    this.id = id;
    /** @type {`/api/run/${string}`} */
    this.path = `/api/run/${encodeURIComponent(id)}`;
  }

  /** @type {Source["manifest"]} */
  manifest(views, asked, signal) {
    const query = queryString({ views: views.join(","), ...asked });
    return getJson(`${this.path}/manifest?${query}`, { signal });
  }

  /** @type {Source["moments"]} */
  moments(signal) {
    return getJson(`${this.path}/moments`, { signal, cache: "no-store" });
  }

  /** @type {Source["live"]} */
  live(have, fingerprint, signal) {
    const query = queryString({ have, v: fingerprint });
    return getJson(`${this.path}/live?${query}`, { signal, cache: "no-store" });
  }

  /** @type {Source["frames"]} */
  async frames(view, { fingerprint, steps, selection, have }, signal) {
    const query = queryString({ v: fingerprint, steps: steps.join(","), ...selection, have });
    return readBlock(await getBuffer(`${this.path}/frames/${view}?${query}`, { signal }));
  }

  /** @type {Source["figure"]} */
  figure(view, wanted, signal) {
    const query = figureQuery(wanted);
    const name = `${view}?${query}`;
    const coming = this.#ahead.get(name);
    this.#ahead.delete(name);
    if (coming) return coming;
    const open = this.#round;
    if (open?.query === query && open.signal === signal) return open.ask(view);
    const round = new FigureRound(this.path, query, signal, () => {
      if (this.#round === round) this.#round = null;
    });
    this.#round = round;
    return round.ask(view);
  }

  /**
   * Ask for a figure that will be asked for: who then does gets the same answer.
   * @param {string} view
   * @param {FigureWanted} wanted
   * @param {AbortSignal} signal
   */
  figureAhead(view, wanted, signal) {
    const coming = this.figure(view, wanted, signal);
    this.#ahead.set(`${view}?${figureQuery(wanted)}`, coming);
    return coming;
  }

  /** @type {Source["words"]} */
  words(view, wanted, signal) {
    return getJson(`${this.path}/figure/${view}?${figureQuery(wanted)}&words=1`, { signal });
  }

  /** @type {Source["data"]} */
  data(view, kind, { fingerprint, step, selection }) {
    const query = queryString({ e: step, v: fingerprint, ...selection });
    return getBlob(`${this.path}/data/${view}.${kind}?${query}`);
  }

  /** @type {Source["guide"]} */
  guide(view) {
    return getJson(`/api/guide/${view}?${queryString({ run: this.id })}`);
  }
}

/** @param {FigureWanted} wanted */
function figureQuery({ fingerprint, step, theme, selection }) {
  return queryString({ e: step, theme, v: fingerprint, ...selection });
}
