/** One column of a comparison: a run with its own frames, moved by the common playhead. */

import { RunReader } from "../frames/reader.js";
import { notify } from "../lib/toast.js";

/**
 * @import { CompareColumn } from "../contract.js"
 * @import { DrawnFrame } from "../canvas/overlay.js"
 * @import { FrameUser } from "../frames/prefetch.js"
 * @import { Track } from "../panel/panel.js"
 * @import { PlacedFrames, Stage } from "../player/stage.js"
 * @import { CompareSource } from "./source.js"
 */

/**
 * What a column must know of the others.
 *
 * @typedef {object} Beside
 * @property {CompareSource} source
 * @property {(coordinate: number) => number} placeOf the place nearest to a coordinate
 * @property {(index: number, step: number) => Record<string, unknown>} asked
 *   what is asked for the picture of one column at one of its epochs
 * @property {(index: number) => string} look what pictures of a column take from the others
 * @property {(index: number, view: string) => DrawnFrame[]} framesBeside
 *   frames of the others whose ranges a column shares
 */

/** @implements {Track} */
export class Slot {
  /** @type {FrameUser[]} panels of this run, and others that use frames of it */
  users = [];
  /** @type {number[]} its checkpoint at every place */
  indices = [];
  /** What one of its epochs counts on the common axis. */
  scale = 1;
  /** @type {number | null} the epoch at which it groks */
  grok = null;

  /**
   * @param {CompareColumn} column
   * @param {number} index of the column
   * @param {Beside} among the columns that it stands among
   */
  constructor(column, index, among) {
    this.among = among;
    this.column = column;
    this.index = index;
    this.letter = column.letter;
    this.colours = column.colours;
    this.moves = column.pin === null;
    const asked = (/** @type {number} */ step) => among.asked(index, step);
    this.reader = new RunReader(among.source.column(index, column.run, asked));
  }

  /**
   * @param {string[]} views
   * @param {AbortSignal} signal
   */
  async load(views, signal) {
    this.reader.take(await this.reader.source.manifest(views, {}, signal));
  }

  /**
   * @param {Stage} stage
   * @param {number} budget bytes
   */
  prefetch(stage, budget) {
    const { playhead } = stage;
    const slot = this;
    const clock = {
      get want() {
        return slot.indexAt(playhead.want);
      },
      get playing() {
        return playhead.playing;
      },
      get stride() {
        return playhead.stride;
      },
    };
    const emit = (/** @type {string} */ name, /** @type {any[]} */ ...values) =>
      stage.emit(name, ...values);
    this.reader.prefetch({ clock, users: () => this.users, emit, budget });
  }

  /** @type {Track["indexAt"]} */
  indexAt = (place) => Math.min(this.indices[Math.max(place, 0)], this.reader.steps.length - 1);

  /** @type {Track["stepAt"]} */
  stepAt = (place) => this.reader.steps[this.indexAt(place)];

  /** @type {Track["placeOf"]} */
  placeOf = (step) => this.among.placeOf(step * this.scale);

  /** @type {Track["beside"]} */
  beside = () => this.among.look(this.index);

  /** @type {Track["askedAmong"]} */
  askedAmong = (step) => this.among.asked(this.index, step);

  /** @type {Track["framesBeside"]} */
  framesBeside = (view) => this.among.framesBeside(this.index, view);

  /** @returns {PlacedFrames[]} */
  get placed() {
    return this.reader.prefetcher.active().map((store) => ({
      settled: (place) => store.settled(this.indexAt(place)),
      has: (place) => store.has(this.indexAt(place)),
      get loaded() {
        return store.loaded;
      },
    }));
  }

  /**
   * Say which values that all runs are to share this one cannot show.
   * @param {Record<string, unknown>} changes
   */
  tellMisfits(changes) {
    for (const [name, value] of Object.entries(changes)) {
      const told = value === null || value === "" ? "" : this.reader.misfit(name, value);
      if (told) notify(`${this.letter}: ${told}`);
    }
  }

  /**
   * What is picked: the run's own choice, changed where all runs share one.
   * @param {Record<string, unknown>} shared
   * @returns {string[]} what changed
   */
  choose(shared) {
    return this.reader.choose(shared, this.reader.manifest.selection);
  }

  close() {
    this.reader.close();
  }
}
