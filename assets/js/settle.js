/* Settling: exact figures once the playhead rests, one panel at a time. */
(function (g) {
  "use strict";

  class Settler {
    constructor(session) {
      this.session = session;
      this.running = null;
    }

    cancel() {
      if (this.running) this.running.abort();
      this.running = null;
    }

    /** Fetch all figures at once, plot them one by one so that input stays smooth. */
    async start() {
      const { session } = this;
      if (session.closed || session.playhead.playing) return;
      this.cancel();
      const round = new AbortController();
      this.running = round;
      const { playhead } = session;
      if (playhead.drawn !== playhead.want) playhead.wake();
      const step = session.steps[playhead.want];
      this.step = step;
      const panels = session.panels.filter((panel) => panel.visible);
      panels.sort((a, b) => Number(b.isHost) - Number(a.isHost));
      await Promise.all(panels.map((panel) => panel.settle(step, round.signal)));
      if (round.signal.aborted || session.closed) return;
      this.running = null;
      session.emit("settled", step);
    }

    /** Settle one panel by itself, when it scrolls into view or was pinned. */
    async one(panel) {
      const { session } = this;
      if (session.closed) return;
      const step = session.steps[session.playhead.want];
      await panel.settle(step, new AbortController().signal);
    }

    soon(delay = 30) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.start(), delay);
    }
  }

  g.Settler = Settler;
})((window.grokdash = window.grokdash || {}));
