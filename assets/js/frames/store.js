/** Frames of one view: which checkpoints are in memory, and where the gaps are. */

const MISSING = 0;
const LOADED = 1;
const ABSENT = 2;
const COMING = 3;

export class FrameStore {
  constructor(view) {
    this.view = view;
    this.reset(0);
  }

  /** Forget everything, for another selection or another history. */
  reset(length) {
    this.state = new Uint8Array(length);
    this.frames = new Array(length);
    this.bytes = 0;
    this.loaded = 0;
    this.generation = (this.generation || 0) + 1;
    this.failures = 0;
    this.retryAt = 0;
  }

  grow(length) {
    if (length <= this.state.length) return;
    const state = new Uint8Array(length);
    state.set(this.state);
    this.state = state;
    this.frames.length = length;
  }

  has(index) {
    return this.state[index] === LOADED;
  }

  /** Whether waiting for this index makes sense. */
  settled(index) {
    return this.state[index] === LOADED || this.state[index] === ABSENT;
  }

  get(index) {
    return this.frames[index];
  }

  /** The loaded index closest to one; an earlier one wins a tie; −1 if none. */
  nearest(index, reach = Infinity) {
    const last = this.state.length - 1;
    const limit = Math.min(reach, Math.max(index, last - index));
    for (let d = 0; d <= limit; d++) {
      if (index - d >= 0 && this.state[index - d] === LOADED) return index - d;
      if (index + d <= last && this.state[index + d] === LOADED) return index + d;
    }
    return -1;
  }

  put(index, frame) {
    if (!frame) {
      this.state[index] = ABSENT;
      return;
    }
    if (this.state[index] === LOADED) this.drop(index);
    this.state[index] = LOADED;
    this.frames[index] = frame;
    this.bytes += frame.bytes;
    this.loaded += 1;
  }

  drop(index) {
    this.bytes -= this.frames[index].bytes;
    this.loaded -= 1;
    this.frames[index] = undefined;
    this.state[index] = MISSING;
  }

  mark(indices, coming) {
    for (const i of indices) {
      if (coming) this.state[i] = COMING;
      else if (this.state[i] === COMING) this.state[i] = MISSING;
    }
  }

  /** Missing indices around one, nearest first, at most count of them. */
  around(index, count, reach) {
    const found = [];
    const take = (i) => {
      if (i >= 0 && i < this.state.length && this.state[i] === MISSING) found.push(i);
    };
    take(index);
    for (let d = 1; d <= reach && found.length < count; d++) {
      take(index + d);
      take(index - d);
    }
    return found.slice(0, count).sort((a, b) => a - b);
  }

  /** Missing indices from one onwards. */
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
   */
  block(index, stride, size, window) {
    const last = this.state.length - 1;
    const centre = Math.round(index / stride) * stride;
    for (let d = 0; d <= window + stride; d += stride) {
      for (const i of d ? [centre - d, centre + d] : [centre]) {
        if (i < 0 || i > last || this.state[i] !== MISSING) continue;
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
