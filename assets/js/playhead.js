/* The playhead: what is wanted, what is drawn, and one animation loop between them. */
(function (g) {
  "use strict";

  const SETTLE_MS = 150;
  const KEPT_TICKS = 600;

  class Playhead {
    constructor(session) {
      this.session = session;
      this.want = 0;
      this.drawn = -1;
      this.playing = false;
      this.stride = 1;
      this.scheduled = false;
      this.dirty = true;
      this.listeners = [];
      this.perf = { ticks: [], latencies: [], fps: 0, worst: 0 };
      this.askedAt = 0;
      this.lastTick = 0;
      this.frames = [];
    }

    get step() {
      const { steps } = this.session;
      return steps[this.drawn >= 0 ? this.drawn : this.want];
    }

    /** Ask for an index; only the newest request is ever drawn. */
    seek(index, source) {
      const last = this.session.steps.length - 1;
      const target = g.clamp(Math.round(index), 0, last);
      if (Number.isNaN(target)) return;
      if (target !== this.want || source === "force") {
        if (!this.askedAt) this.askedAt = performance.now();
        this.source = source;
        this.want = target;
      }
      if (this.want !== this.drawn) this.wake();
      this.session.prefetcher.begin();
      this.session.prefetcher.pump();
    }

    invalidate() {
      this.dirty = true;
      this.wake();
    }

    wake() {
      if (this.scheduled || this.session.closed) return;
      this.scheduled = true;
      requestAnimationFrame((now) => {
        this.scheduled = false;
        if (!this.session.closed) this.turn(now);
      });
    }

    turn(now) {
      if (!document.contains(this.session.root)) {
        g.unmount();
        return;
      }
      if (this.playing) this.session.playback.advance(now);
      if (this.dirty || this.drawn !== this.pick()) this.tick(now);
      if (this.playing) this.wake();
    }

    /**
     * The index to draw: the wanted one if every panel has it; else one close by that
     * every panel has, so that all panels and the label agree; else the wanted one,
     * each panel then saying which epoch it really shows.
     */
    pick() {
      const stores = this.session.prefetcher.active();
      const { want } = this;
      if (!stores.length || stores.every((store) => store.settled(want))) return want;
      const reach = Math.max(4, Math.round(0.05 * this.session.steps.length));
      for (let d = 1; d <= reach; d++) {
        for (const i of [want - d, want + d]) {
          if (i < 0 || i >= this.session.steps.length) continue;
          if (stores.every((store) => store.has(i))) return i;
        }
      }
      return this.drawn < 0 || stores.some((store) => store.loaded) ? want : this.drawn;
    }

    tick(now) {
      const started = performance.now();
      const { session } = this;
      const index = this.pick();
      const moved = index !== this.drawn;
      this.dirty = false;
      this.drawn = index;
      const step = session.steps[index];
      for (const panel of session.panels) if (panel.visible) panel.draw(index);
      session.timeline.show(index, this.source);
      for (const listener of this.listeners) listener(step, index);
      const ended = performance.now();
      this.measure(now, started, ended);
      if (moved) this.touch();
    }

    measure(now, started, ended) {
      const { perf } = this;
      perf.ticks.push(ended - started);
      if (perf.ticks.length > KEPT_TICKS) perf.ticks.shift();
      if (this.askedAt && this.drawn === this.want) {
        perf.latencies.push(ended - this.askedAt);
        if (perf.latencies.length > KEPT_TICKS) perf.latencies.shift();
        this.askedAt = 0;
      }
      this.frames.push(now);
      while (this.frames.length && now - this.frames[0] > 1000) this.frames.shift();
      perf.fps = this.frames.length;
      if (this.playing && this.lastTick) perf.worst = Math.max(perf.worst, now - this.lastTick);
      this.lastTick = now;
      perf.cacheBytes = this.session.prefetcher.bytes;
    }

    /** Something moved: settle when it has been quiet for a while. */
    touch() {
      clearTimeout(this.timer);
      const { settler, steps } = this.session;
      if (settler.running && settler.step === steps[this.want] && !this.playing) return;
      settler.cancel();
      if (this.playing) return;
      this.timer = setTimeout(() => settler.start(), SETTLE_MS);
    }

    stop() {
      clearTimeout(this.timer);
    }
  }

  g.Playhead = Playhead;
})((window.grokdash = window.grokdash || {}));
