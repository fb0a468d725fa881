/** One column of a comparison: a run with its own frames, moved by the common playhead. */

import { RunReader } from "../frames/reader.js";
import { HttpSource } from "../frames/source.js";

/**
 * @import { CompareColumn } from "../contract.js"
 * @import { FrameUser } from "../frames/prefetch.js"
 * @import { Track } from "../panel/panel.js"
 * @import { PlacedFrames, Stage } from "../player/stage.js"
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
   * @param {(coordinate: number) => number} placeOnLine the place nearest to a coordinate
   */
  constructor(column, index, placeOnLine) {
    this.placeOnLine = placeOnLine;
    this.column = column;
    this.index = index;
    this.letter = column.letter;
    this.colours = column.colours;
    this.moves = column.pin === null;
    this.reader = new RunReader(new HttpSource(column.run));
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
  indexAt = (place) => this.indices[Math.max(place, 0)];

  /** @type {Track["stepAt"]} */
  stepAt = (place) => this.reader.steps[this.indexAt(place)];

  /** @type {Track["placeOf"]} */
  placeOf = (step) => this.placeOnLine(step * this.scale);

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
