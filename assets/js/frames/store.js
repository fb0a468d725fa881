/** Frames of one view: which checkpoints are in memory, and where the gaps are. */

/**
 * @import { ViewAbout } from "../contract.js"
 * @import { Frame } from "./blocks.js"
 */

const MISSING = 0;
const LOADED = 1;
const ABSENT = 2;
const COMING = 3;
const PASSED = 4;

export class FrameStore {
  state = new Uint8Array(0);
  /** @type {(Frame | undefined)[]} */
  frames = [];
  bytes = 0;
  loaded = 0;
  /** Counts the times that everything was forgotten: answers from before are stale. */
  generation = 0;
  failures = 0;
  retryAt = 0;
  /** Of so many checkpoints the first is held; the others are passed over. */
  stride = 1;

  /** @param {ViewAbout} view */
  constructor(view) {
    this.view = view;
  }

  /**
   * Forget everything, for another selection or another history.
   * @param {number} length checkpoints that there are
   */
  reset(length) {
    this.state = new Uint8Array(length);
    this.frames = new Array(length);
    this.bytes = 0;
    this.loaded = 0;
    this.generation += 1;
    this.failures = 0;
    this.retryAt = 0;
    this.stride = 1;
  }

  /** @param {number} length */
  grow(length) {
    if (length <= this.state.length) return;
    const state = new Uint8Array(length);
    state.set(this.state);
    this.state = state;
    this.frames.length = length;
    this.thin(this.stride);
  }

  /**
   * Hold fewer frames, at even distances over all of training: the others are neither
   * asked for nor waited for.
   * @param {number} stride
   */
  thin(stride) {
    this.stride = stride;
    for (let i = 0; i < this.state.length; i++) {
      if (i % stride === 0) continue;
      this.drop(i);
      if (this.state[i] !== ABSENT) this.state[i] = PASSED;
    }
  }

  /** Bytes of all frames that it is to hold, as far as those that came tell it. */
  get expected() {
    if (!this.loaded) return 0;
    return (this.bytes / this.loaded) * Math.ceil(this.state.length / this.stride);
  }

  /** @param {number} index */
  has(index) {
    return this.state[index] === LOADED;
  }

  /**
   * Whether it is neither there nor asked for.
   * @param {number} index
   */
  isMissing(index) {
    return this.state[index] === MISSING;
  }

  /**
   * Whether waiting for this index makes no sense: it is there, or will never be.
   * @param {number} index
   */
  settled(index) {
    const state = this.state[index];
    return state === LOADED || state === ABSENT || state === PASSED;
  }

  /** @param {number} index */
  get(index) {
    return this.frames[index];
  }

  /**
   * The loaded index closest to one; an earlier one wins a tie; −1 if none.
   * @param {number} index
   */
  nearest(index) {
    const last = this.state.length - 1;
    const reach = Math.max(index, last - index);
    for (let d = 0; d <= reach; d++) {
      if (index - d >= 0 && this.state[index - d] === LOADED) return index - d;
      if (index + d <= last && this.state[index + d] === LOADED) return index + d;
    }
    return -1;
  }

  /**
   * @param {number} index
   * @param {Frame | null} frame null: there will never be one
   */
  put(index, frame) {
    if (!frame) {
      this.state[index] = ABSENT;
      return;
    }
    if (this.state[index] === PASSED) return;
    this.drop(index);
    this.state[index] = LOADED;
    this.frames[index] = frame;
    this.bytes += frame.bytes;
    this.loaded += 1;
  }

  /**
   * @param {number} index
   * @returns {number} bytes that this frees
   */
  drop(index) {
    const frame = this.frames[index];
    if (!frame) return 0;
    this.bytes -= frame.bytes;
    this.loaded -= 1;
    this.frames[index] = undefined;
    this.state[index] = MISSING;
    return frame.bytes;
  }

  /** Let go of all frames; they may be asked for again. */
  forget() {
    for (const index of this.held()) this.drop(index);
  }

  /** Indices of the frames in memory. */
  held() {
    return [...this.state.keys()].filter((index) => this.has(index));
  }

  /**
   * @param {number[]} indices
   * @param {boolean} coming whether they are under way
   */
  mark(indices, coming) {
    for (const i of indices) {
      if (coming) this.state[i] = COMING;
      else if (this.state[i] === COMING) this.state[i] = MISSING;
    }
  }

  /**
   * Missing indices around one, at most `count` of them: the nearest, in order.
   * @param {number} index
   * @param {number} count
   * @param {number} reach
   */
  around(index, count, reach) {
    /** @type {number[]} */
    const found = [];
    const take = (/** @type {number} */ i) => {
      if (i >= 0 && i < this.state.length && this.state[i] === MISSING) found.push(i);
    };
    take(index);
    for (let d = 1; d <= reach && found.length < count; d++) {
      take(index + d);
      take(index - d);
    }
    return found.slice(0, count).sort((a, b) => a - b);
  }

  /**
   * Missing indices from one onwards.
   * @param {number} index
   * @param {number} count
   * @param {number} reach
   */
  ahead(index, count, reach) {
    const found = [];
    const end = Math.min(this.state.length, index + reach);
    for (let i = index; i < end && found.length < count; i++) {
      if (this.state[i] === MISSING) found.push(i);
    }
    return found;
  }

  /**
   * The next block of a grid of indices (multiples of stride), closest to an index.
   * Blocks lie at fixed places, so that a reload asks for the same addresses again.
   * @param {number} index
   * @param {number} stride
   * @param {number} size frames in a block
   * @param {number} window how far away blocks are looked for
   * @returns {number[]}
   */
  block(index, stride, size, window) {
    const last = this.state.length - 1;
    const centre = Math.round(index / stride) * stride;
    for (let d = 0; d <= window + stride; d += stride) {
      for (const i of d ? [centre - d, centre + d] : [centre]) {
        if (!this.isMissing(i) || Math.abs(i - index) > window) continue;
        const start = Math.floor(i / (stride * size)) * stride * size;
        const end = Math.min(start + stride * size, last + 1);
        const found = [];
        for (let j = start; j < end; j += stride) {
          if (this.state[j] === MISSING) found.push(j);
        }
        return found;
      }
      if (centre - d < 0 && centre + d > last) break;
    }
    return [];
  }
}
