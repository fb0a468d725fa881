/* One column of a comparison: a run with its own frames, moved by the common playhead. */
(function (g) {
  "use strict";

  const BUDGET = 128 * 2 ** 20;

  class Slot extends g.Session {
    constructor(owner, column, index) {
      super({ run: column.run, views: [], host: null });
      this.owner = owner;
      this.index = index;
      this.pinnedAt = column.pin;
      this.letter = column.letter;
      this.colours = column.colours;
      this.root = owner.root;
      this.playback = owner.playback;
      this.settler = { one: (panel) => owner.settler.one(panel) };
      this.playhead = this.makePlayhead();
    }

    /** The common playhead as this run sees it: indices of its own checkpoints. */
    makePlayhead() {
      const slot = this;
      const { owner } = this;
      return {
        get want() {
          return slot.indexAt(owner.playhead.want);
        },
        get step() {
          return slot.stepAt(owner.place);
        },
        get playing() {
          return owner.playhead.playing;
        },
        get stride() {
          return owner.playhead.stride;
        },
        invalidate: () => owner.playhead.invalidate(),
      };
    }

    /** Read the run, then forget what belonged to another choice of views. */
    async load(views) {
      const query = g.query({ views: views.join(",") });
      const path = `/api/run/${this.run}/manifest?${query}`;
      this.manifest = await g.getJson(path, { signal: this.owner.signal });
      this.selection = { ...this.manifest.selection };
    }

    /** Start with no frames; panels of the new rows ask for what they need. */
    restart() {
      if (this.prefetcher) this.prefetcher.stop();
      this.prefetcher = new g.Prefetcher(this, BUDGET / this.owner.slots.length);
      this.panels = [];
    }

    store(view) {
      return this.prefetcher.store(view.id) || this.prefetcher.add(view);
    }

    indexAt(place) {
      return this.indices[Math.max(place, 0)];
    }

    stepAt(place) {
      return this.steps[this.indexAt(place)];
    }

    get moves() {
      return this.pinnedAt === null;
    }

    /** What is picked: the run's own choice, changed where all runs share one. */
    choose(shared) {
      const before = this.selection;
      const next = { ...this.manifest.selection };
      for (const [name, value] of Object.entries(shared)) {
        if (!(name in next)) continue;
        const clamped = this.clampChoice(name, value);
        if (clamped !== undefined) next[name] = clamped;
      }
      this.selection = next;
      return Object.keys(next).filter((name) => next[name] !== before[name]);
    }

    get hovered() {
      return this.owner.hovered;
    }

    pageState() {
      return this.owner.pageState();
    }

    emit(name, ...values) {
      this.owner.emit(name, ...values);
    }

    close() {
      this.closed = true;
      this.controller.abort();
      if (this.prefetcher) this.prefetcher.stop();
    }
  }

  g.Slot = Slot;
})((window.grokdash = window.grokdash || {}));
