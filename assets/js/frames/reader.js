/** One run as it is read: its manifest, what is picked in it, and its frames in memory. */

import { fill, outside } from "../lib/misfits.js";
import { clamp, formatEpoch } from "../lib/numbers.js";
import { Prefetcher } from "./prefetch.js";

/**
 * @import { Manifest, SelectionValues, ViewAbout } from "../contract.js"
 * @import { Clock, FrameUser } from "./prefetch.js"
 * @import { Source } from "./source.js"
 */

export class RunReader {
  /** @type {SelectionValues | null} of which the keys are */
  #keyed = null;
  /** @type {Map<ViewAbout, string>} */
  #keys = new Map();
  /** @type {Manifest} */
  manifest = /** @type {any} */ (null);
  /** @type {SelectionValues} */
  selection = /** @type {any} */ ({});
  /** @type {Prefetcher} */
  prefetcher = /** @type {any} */ (null);
  closed = false;

  /** @param {Source} source */
  constructor(source) {
    this.source = source;
  }

  get id() {
    return this.source.id;
  }

  get steps() {
    return this.manifest.steps;
  }

  get fingerprint() {
    return this.manifest.fingerprint;
  }

  get running() {
    return this.manifest.status.state === "running";
  }

  /** @param {Manifest} manifest */
  take(manifest) {
    this.manifest = manifest;
    this.selection = { ...manifest.selection };
  }

  /**
   * Start with no frames in memory.
   * @param {object} setting
   * @param {Clock} setting.clock where the playhead is, in indices of this run
   * @param {() => FrameUser[]} setting.users who draws frames
   * @param {(name: string, ...values: any[]) => void} setting.emit
   * @param {number} [setting.budget] bytes
   */
  prefetch({ clock, users, emit, budget }) {
    if (this.prefetcher) this.prefetcher.stop();
    this.prefetcher = new Prefetcher({ reader: this, clock, users, emit, budget });
  }

  /**
   * Change part of what is picked; frames that depend on it are dropped.
   * @param {Record<string, unknown>} changes
   * @param {SelectionValues} [from] what is picked of the rest
   * @returns {string[]} names of what has changed
   */
  choose(changes, from = this.selection) {
    /** @type {Record<string, any>} */
    const before = this.selection;
    /** @type {Record<string, any>} */
    const next = { ...from };
    for (const [name, value] of Object.entries(changes)) {
      if (!(name in next)) continue;
      const clamped = this.clampChoice(name, value);
      if (clamped !== undefined) next[name] = clamped;
    }
    const changed = Object.keys(next).filter((name) => next[name] !== before[name]);
    if (!changed.length) return changed;
    this.selection = /** @type {SelectionValues} */ (next);
    const stale = [...this.prefetcher.stores.values()]
      .filter((store) => readsAny(store.view, changed))
      .map((store) => store.view.id);
    if (stale.length) {
      this.prefetcher.pause(300);
      this.prefetcher.reset(stale);
    }
    return changed;
  }

  /**
   * @param {string} name
   * @param {unknown} value
   * @returns {number | string | undefined} undefined if it cannot be picked
   */
  clampChoice(name, value) {
    const limits = this.limitsOf(name);
    if (limits) {
      const number = Math.round(Number(value));
      return Number.isFinite(number) ? clamp(number, limits[0], limits[1]) : undefined;
    }
    const words = this.wordsOf(name);
    const text = String(value);
    return !words || words.includes(text) ? text : undefined;
  }

  /**
   * What must be said of a number that was asked for and cannot be picked.
   * @param {string} name
   * @param {unknown} value
   * @returns {string} "" if it fits
   */
  misfit(name, value) {
    const bounds = this.limitsOf(name);
    if (!bounds) return "";
    const { controls, misfits } = this.manifest;
    const title = controls.find((one) => one.name === name)?.title ?? name;
    const wanted = Number(value);
    const shown = this.clampChoice(name, value);
    if (typeof shown !== "number" || !Number.isInteger(wanted))
      return fill(misfits.no_number, { name: title, asked: value });
    if (shown === wanted) return "";
    const asked = `${title} ${formatEpoch(wanted)}`;
    return outside(misfits, { asked, shown, bounds, write: formatEpoch });
  }

  /**
   * @param {string} name
   * @returns {[number, number] | undefined} undefined where no number is picked
   */
  limitsOf(name) {
    return /** @type {Record<string, [number, number]>} */ (this.manifest.limits)[name];
  }

  /**
   * @param {string} name
   * @returns {string[] | undefined} undefined where no word is picked
   */
  wordsOf(name) {
    return /** @type {Record<string, string[]>} */ (this.manifest.choices)[name];
  }

  /**
   * The part of the selection that the arrays of a view depend on.
   * @param {ViewAbout} view
   * @returns {Partial<SelectionValues>}
   */
  arraySelection(view) {
    const names = view.reads.filter((name) => name !== "norm" && name in this.selection);
    return Object.fromEntries(names.map((name) => [name, this.picked(name)]));
  }

  /**
   * What the figure of a view depends on beside its epoch.
   * @param {ViewAbout} view
   */
  selectionKey(view) {
    if (this.#keyed !== this.selection) this.#keys.clear();
    this.#keyed = this.selection;
    const known = this.#keys.get(view);
    if (known !== undefined) return known;
    const names = [...view.reads, ...view.styles, "norm"];
    const key = names.map((name) => `${name}=${this.picked(name) ?? ""}`).join("&");
    this.#keys.set(view, key);
    return key;
  }

  /**
   * @param {string} name
   * @returns {number | string | undefined}
   */
  picked(name) {
    return /** @type {Record<string, any>} */ (this.selection)[name];
  }

  close() {
    this.closed = true;
    if (this.prefetcher) this.prefetcher.stop();
  }
}

/**
 * @param {ViewAbout} view
 * @param {string[]} names
 */
function readsAny(view, names) {
  return view.reads.some((name) => name !== "norm" && names.includes(name));
}
