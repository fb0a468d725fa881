/** Fetches frames: what is wanted now first, then coarse to fine around the playhead. */

import { isAbort, REWRITTEN, statusOf } from "../lib/net.js";
import { COARSE, KEPT_LONGER, makeRoom } from "./room.js";
import { FrameStore } from "./store.js";

/**
 * @import { ViewAbout } from "../contract.js"
 * @import { Frame } from "./blocks.js"
 * @import { RunReader } from "./reader.js"
 */

/**
 * @typedef {{ readonly want: number, readonly playing: boolean, readonly stride: number }} Clock
 *   the wanted index of this run, whether it moves by itself, and by how much
 * @typedef {{ readonly id: string, readonly usesFrames: boolean, readonly usesWords?: boolean }} FrameUser
 *   a panel, by its view, and whether frames of it are worth loading now: to be drawn, or
 *   for what they say, where the picture shows all of training
 * @typedef {{ store: FrameStore, indices: number[] }} Job one request
 */

const PARALLEL = 4;
const BLOCK = 16;
const STRIDES = [64, 16, 4, 1];
// A frame of a heavy view is a forward pass over all pairs: few at a time, so that
// the server is free for the exact figure, and never every epoch unasked.
const HEAVY_BLOCK = 4;
const HEAVY_STRIDE = 4;
// A frame that is not drawn holds one sentence.
const WORDS_BLOCK = 64;
const PATIENCE_MS = 10_000;
const BUDGET = 128 * 2 ** 20;

export class Prefetcher {
  /**
   * @param {object} setting
   * @param {RunReader} setting.reader
   * @param {Clock} setting.clock
   * @param {() => FrameUser[]} setting.users
   * @param {(name: string, ...values: any[]) => void} setting.emit
   *   "loaded" once an answer has come, "problem" with (error, view), "rewritten"
   * @param {number} [setting.budget] bytes kept in memory
   */
  constructor({ reader, clock, users, emit, budget = BUDGET }) {
    this.reader = reader;
    this.clock = clock;
    this.users = users;
    this.emit = emit;
    this.budget = budget;
    /** @type {Map<string, FrameStore>} */
    this.stores = new Map();
    /** @type {Map<string, AbortController>} */
    this.controllers = new Map();
    this.inFlight = 0;
    this.heavyInFlight = 0;
    this.window = Infinity;
    this.pausedUntil = 0;
    this.open = false;
    this.stopped = false;
    setTimeout(() => this.begin(), PATIENCE_MS);
  }

  /** The first pictures come first; frames wait for them, but not for ever. */
  begin() {
    if (this.open || this.stopped) return;
    this.open = true;
    this.pump();
  }

  /**
   * Load nothing in the background for a while: exact figures come first.
   * @param {number} milliseconds
   */
  pause(milliseconds) {
    this.pausedUntil = performance.now() + milliseconds;
    setTimeout(() => this.pump(), milliseconds + 20);
  }

  /** @param {string} id of a view */
  store(id) {
    return this.stores.get(id);
  }

  /** @param {ViewAbout} view */
  add(view) {
    const known = this.stores.get(view.id);
    if (known) return known;
    const store = new FrameStore(view);
    store.reset(this.reader.steps.length);
    this.stores.set(view.id, store);
    return store;
  }

  /** The run has grown: what is said of all of training is said anew. */
  grow() {
    const { length } = this.reader.steps;
    for (const store of this.stores.values()) {
      if (isDrawn(store.view)) store.grow(length);
      else store.reset(length);
    }
  }

  /**
   * Drop the frames of views, for another selection; their requests are aborted.
   * @param {string[]} ids
   */
  reset(ids) {
    for (const id of ids) {
      const store = this.stores.get(id);
      if (!store) continue;
      const controller = this.controllers.get(id);
      if (controller) controller.abort();
      this.controllers.delete(id);
      store.reset(this.reader.steps.length);
    }
    this.window = Infinity;
    this.pump();
  }

  stop() {
    this.stopped = true;
    for (const controller of this.controllers.values()) controller.abort();
    this.stores.clear();
  }

  get bytes() {
    let sum = 0;
    for (const store of this.stores.values()) sum += store.bytes;
    return sum;
  }

  /** Views whose frames are worth loading and waiting for: on screen and not pinned. */
  active() {
    return this.used((one) => one.usesFrames);
  }

  /** Views whose sentences are worth loading; nothing waits for them. */
  worded() {
    return this.used((one) => one.usesWords === true);
  }

  /** @param {(one: FrameUser) => boolean} uses */
  used(uses) {
    const now = performance.now();
    const ids = new Set(
      this.users()
        .filter(uses)
        .map((one) => one.id),
    );
    return [...this.stores.values()].filter(
      (store) =>
        ids.has(store.view.id) && now >= store.retryAt && !(isHeavy(store) && this.heavyInFlight),
    );
  }

  pump() {
    while (!this.stopped && this.inFlight < PARALLEL) {
      const job = this.next();
      if (!job) return;
      this.load(job);
    }
  }

  /**
   * What to load next: what is looked at, then what will be, then everything else.
   * @returns {Job | null}
   */
  next() {
    if (!this.open) return null;
    const stores = this.active();
    const words = this.worded();
    const soon = this.wanted(stores) || this.ahead(stores);
    const job = soon || this.wanted(words) || this.ahead(words);
    if (job || this.pausedUntil > performance.now()) return job;
    return this.background([...stores, ...words]);
  }

  /**
   * @param {FrameStore[]} stores
   * @returns {Job | null} the wanted frame and its neighbours
   */
  wanted(stores) {
    const { want } = this.clock;
    const store = stores.find((one) => one.isMissing(want));
    if (!store) return null;
    const near = isHeavy(store) ? 0 : 6;
    return { store, indices: store.around(want, near + 1, near) };
  }

  /**
   * @param {FrameStore[]} stores
   * @returns {Job | null} what playing will soon need, where it is needed first
   */
  ahead(stores) {
    const { want, playing, stride } = this.clock;
    if (!playing) return null;
    const reach = Math.max(96, 24 * stride);
    const jobs = stores
      .map((store) => ({ store, indices: store.ahead(want, mostOf(store), reach) }))
      .filter(({ indices }) => indices.length);
    jobs.sort((a, b) => a.indices[0] - b.indices[0]);
    return jobs[0] || null;
  }

  /**
   * @param {FrameStore[]} stores
   * @returns {Job | null} a block of the coarsest grid that still has gaps
   */
  background(stores) {
    const { want } = this.clock;
    for (const stride of STRIDES) {
      const byProgress = [...stores].sort((a, b) => a.loaded - b.loaded);
      for (const store of byProgress) {
        if (isHeavy(store) && stride < HEAVY_STRIDE) continue;
        if (!isDrawn(store.view) && (stride > 1 || this.reader.running)) continue;
        const reach = stride % COARSE ? this.window : KEPT_LONGER * this.window;
        const span = Math.min(reach, store.state.length);
        const indices = store.block(want, stride, blockOf(store), span);
        if (indices.length) return { store, indices: indices.slice(0, mostOf(store)) };
      }
    }
    return null;
  }

  /** @param {Job} job */
  async load({ store, indices }) {
    const { reader } = this;
    const { generation, view } = store;
    const steps = indices.map((i) => reader.steps[i]);
    let controller = this.controllers.get(view.id);
    if (!controller) {
      controller = new AbortController();
      this.controllers.set(view.id, controller);
    }
    store.mark(indices, true);
    this.inFlight += 1;
    this.heavyInFlight += Number(isHeavy(store));
    try {
      const { fingerprint } = reader;
      const have = isDrawn(view) ? null : reader.steps.length;
      const wanted = { fingerprint, steps, selection: reader.arraySelection(view), have };
      const frames = await reader.source.frames(view.id, wanted, controller.signal);
      if (store.generation === generation) this.receive(store, indices, frames);
    } catch (error) {
      if (store.generation === generation) this.failed(store, indices, error);
    } finally {
      this.inFlight -= 1;
      this.heavyInFlight -= Number(isHeavy(store));
      if (!this.stopped) this.emit("loaded");
      this.pump();
    }
  }

  /**
   * @param {FrameStore} store
   * @param {number[]} indices that were asked for
   * @param {Frame[]} frames
   */
  receive(store, indices, frames) {
    const byStep = new Map(frames.map((frame) => [frame.step, frame]));
    const aligned = frames.length === indices.length;
    indices.forEach((index, j) => {
      const exact = byStep.get(this.reader.steps[index]);
      store.put(index, exact || (aligned ? frames[j] : null));
    });
    store.failures = 0;
    this.evict();
  }

  /**
   * @param {FrameStore} store
   * @param {number[]} indices
   * @param {unknown} error
   */
  failed(store, indices, error) {
    if (isAbort(error)) {
      store.mark(indices, false);
      return;
    }
    const status = statusOf(error);
    if (status === 404) {
      for (const i of indices) store.put(i, null);
      return;
    }
    store.mark(indices, false);
    store.failures += 1;
    const wait = Math.min(500 * 2 ** store.failures, 15000);
    store.retryAt = performance.now() + wait;
    setTimeout(() => this.pump(), wait + 10);
    if (status === REWRITTEN) this.emit("rewritten");
    else if (status && store.failures === 1) this.emit("problem", error, store.view);
  }

  /** Keep what fits into memory. */
  evict() {
    const uses = this.users().filter((one) => one.usesFrames || one.usesWords);
    const inSight = new Set(uses.map(({ id }) => id));
    const kept = makeRoom([...this.stores.values()], inSight, this.clock.want, this.budget);
    this.window = Math.min(this.window, 0.8 * kept);
  }
}

/** @param {FrameStore} store */
const isHeavy = ({ view }) => isDrawn(view) && view.cost === "heavy";

/** Whether frames of a view are drawn. @param {ViewAbout} view */
const isDrawn = (view) => view.reads.includes("step");

/** @param {FrameStore} store @returns {number} frames that lie together */
const blockOf = (store) => (isDrawn(store.view) ? BLOCK : WORDS_BLOCK);

/** @param {FrameStore} store @returns {number} frames in one request */
const mostOf = (store) => (isHeavy(store) ? HEAVY_BLOCK : blockOf(store));
