/* Fetches frames: what is wanted now first, then coarse to fine around the playhead. */
(function (g) {
  "use strict";

  const PARALLEL = 4;
  const BLOCK = 16;
  const STRIDES = [64, 16, 4, 1];
  // A frame of a heavy view is a forward pass over all pairs: few at a time, so that
  // the server is free for the exact figure, and never every epoch unasked.
  const HEAVY_BLOCK = 4;
  const HEAVY_STRIDE = 4;
  const PATIENCE_MS = 2000;
  const BUDGET = 128 * 2 ** 20;

  class Prefetcher {
    constructor(session, budget = BUDGET) {
      this.session = session;
      this.budget = budget;
      this.stores = new Map();
      this.inFlight = 0;
      this.heavyInFlight = 0;
      this.window = Infinity;
      this.paused = 0;
      this.controllers = new Map();
      this.open = false;
      session.on("settled", () => this.begin());
      setTimeout(() => this.begin(), PATIENCE_MS);
    }

    /** The first pictures come first; frames wait for them, but not for ever. */
    begin() {
      if (this.open || this.session.closed) return;
      this.open = true;
      this.pump();
    }

    store(id) {
      return this.stores.get(id);
    }

    add(view) {
      const store = new g.FrameStore(view);
      store.reset(this.session.steps.length);
      this.stores.set(view.id, store);
      return store;
    }

    grow() {
      for (const store of this.stores.values()) store.grow(this.session.steps.length);
    }

    /** Drop the frames of views, for another selection; their requests are aborted. */
    reset(ids) {
      for (const id of ids) {
        const store = this.stores.get(id);
        if (!store) continue;
        const controller = this.controllers.get(id);
        if (controller) controller.abort();
        this.controllers.delete(id);
        store.reset(this.session.steps.length);
      }
      this.window = Infinity;
      this.pump();
    }

    stop() {
      for (const controller of this.controllers.values()) controller.abort();
      this.stores.clear();
    }

    get bytes() {
      let sum = 0;
      for (const store of this.stores.values()) sum += store.bytes;
      return sum;
    }

    /** Views whose frames are worth loading: on screen and not pinned. */
    active() {
      return this.session.panels
        .filter((panel) => panel.usesFrames)
        .map((panel) => this.stores.get(panel.id))
        .filter((store) => store && performance.now() >= store.retryAt)
        .filter((store) => !isHeavy(store) || !this.heavyInFlight);
    }

    pump() {
      while (this.inFlight < PARALLEL) {
        const job = this.next();
        if (!job) return;
        this.load(job.store, job.indices);
      }
    }

    next() {
      if (!this.open) return null;
      const stores = this.active();
      const { want, playing, stride } = this.session.playhead;
      for (const store of stores) {
        if (store.state[want] === 0) {
          const near = isHeavy(store) ? 0 : 6;
          return { store, indices: store.around(want, near + 1, near) };
        }
      }
      if (playing) {
        let best = null;
        for (const store of stores) {
          const most = isHeavy(store) ? HEAVY_BLOCK : BLOCK;
          const indices = store.ahead(want, most, Math.max(96, 24 * stride));
          if (indices.length && (!best || indices[0] < best.indices[0])) {
            best = { store, indices };
          }
        }
        if (best) return best;
      }
      if (this.paused > performance.now()) return null;
      return this.background(stores, want);
    }

    background(stores, want) {
      for (const stride of STRIDES) {
        const byProgress = [...stores].sort((a, b) => a.loaded - b.loaded);
        for (const store of byProgress) {
          if (isHeavy(store) && stride < HEAVY_STRIDE) continue;
          const reach = stride >= 16 ? Infinity : this.window;
          const span = Math.min(reach, store.state.length);
          const indices = store.block(want, stride, BLOCK, span);
          const most = isHeavy(store) ? HEAVY_BLOCK : BLOCK;
          if (indices.length) return { store, indices: indices.slice(0, most) };
        }
      }
      return null;
    }

    async load(store, indices) {
      const { session } = this;
      const { generation, view } = store;
      const steps = indices.map((i) => session.steps[i]);
      let controller = this.controllers.get(view.id);
      if (!controller) this.controllers.set(view.id, (controller = new AbortController()));
      store.mark(indices, true);
      this.inFlight += 1;
      this.heavyInFlight += isHeavy(store);
      try {
        const query = g.query({
          v: session.fingerprint,
          steps: steps.join(","),
          ...session.arraySelection(view),
        });
        const path = `/api/run/${session.run}/frames/${view.id}?${query}`;
        const buffer = await g.getBuffer(path, { signal: controller.signal });
        if (store.generation !== generation) return;
        this.receive(store, indices, g.readBlock(buffer));
      } catch (error) {
        if (store.generation === generation) this.failed(store, indices, error);
      } finally {
        this.inFlight -= 1;
        this.heavyInFlight -= isHeavy(store);
        if (!session.closed) this.pump();
      }
    }

    receive(store, indices, frames) {
      const byStep = new Map(frames.map((frame) => [frame.step, frame]));
      const aligned = frames.length === indices.length;
      indices.forEach((index, j) => {
        const exact = byStep.get(this.session.steps[index]);
        store.put(index, exact || (aligned ? frames[j] : null));
      });
      store.failures = 0;
      this.evict();
      this.session.emit("loaded", store);
    }

    failed(store, indices, error) {
      if (g.isAbort(error)) {
        store.mark(indices, false);
        return;
      }
      if (error.status === 404) {
        for (const i of indices) store.put(i, null);
        return;
      }
      store.mark(indices, false);
      store.failures += 1;
      const wait = Math.min(500 * 2 ** store.failures, 15000);
      store.retryAt = performance.now() + wait;
      setTimeout(() => !this.session.closed && this.pump(), wait + 10);
      if (error.status && store.failures === 1) this.session.emit("problem", error, store.view);
      if (error.status === 409) this.session.emit("rewritten");
    }

    /** Drop the frames furthest from the playhead until the budget holds. */
    evict() {
      let bytes = this.bytes;
      if (bytes <= this.budget) return;
      const { want } = this.session.playhead;
      const held = [];
      for (const store of this.stores.values()) {
        store.frames.forEach((frame, i) => {
          if (frame) held.push([Math.abs(i - want) / (i % 16 ? 1 : 8), store, i]);
        });
      }
      held.sort((a, b) => b[0] - a[0]);
      for (const [distance, store, i] of held) {
        if (bytes <= 0.85 * this.budget) break;
        bytes -= store.frames[i].bytes;
        store.drop(i);
        this.window = Math.max(32, Math.min(this.window, 0.8 * distance));
      }
    }
  }

  function isHeavy(store) {
    return store.view.cost === "heavy";
  }

  g.Prefetcher = Prefetcher;
})((window.grokdash = window.grokdash || {}));
